import { makeCatalogue, readPriceFile, type Catalogue, type PriceFile } from './catalogue/index.ts';
import { dayMs, type EpochMs, type Problem, type Workload } from './domain/index.ts';

/** Public prices change a few times a year. */
const pricesOldAfterDays = 180;

/** The shipped catalogue with the operator's price files over it, and what is wrong with them. */
export async function readCatalogue(
  paths: readonly string[],
): Promise<{ readonly catalogue: Catalogue; readonly problems: readonly Problem[] }> {
  const files: PriceFile[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    const read = await readPriceFile(path);
    if (read.file !== undefined) files.push(read.file);
    problems.push(...read.problems);
  }
  return { catalogue: makeCatalogue(files), problems };
}

/** A warning for each provider whose machines the workloads name and whose newest prices are old. */
export function oldPrices(
  catalogue: Catalogue,
  { workloads, asOf }: { readonly workloads: readonly Workload[]; readonly asOf: EpochMs },
): readonly Problem[] {
  const used = new Set(
    workloads.flatMap(({ instanceType }) =>
      instanceType === undefined ? [] : (catalogue.find(instanceType)?.provider ?? []),
    ),
  );
  return [...used].toSorted().flatMap((provider): readonly Problem[] => {
    const date = catalogue.dates.get(provider);
    const days = date === undefined ? undefined : Math.floor((asOf - Date.parse(date)) / dayMs);
    if (days === undefined || days <= pricesOldAfterDays) return [];
    return [
      {
        code: 'PRICES_OLD',
        severity: 'warning',
        place: { kind: 'none' },
        message: `The newest public prices of ${provider} are of ${date}, ${days} days before this scan; savings of a change of machine may be off. Prices on the bill win over them.`,
        remedy: `Run flyball catalogue refresh --provider ${provider}, and name its file in catalogue.prices.`,
      },
    ];
  });
}

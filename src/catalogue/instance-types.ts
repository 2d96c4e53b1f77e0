import { gpuModels, type GpuModel } from './gpu-models.ts';
import type { PriceFile, PriceKind, PricesByType } from './price-file.ts';
import shipped from './instances.json' with { type: 'json' };

/** A machine with NVIDIA GPUs as a cloud sells it. */
export interface GpuInstanceType {
  /** `aws`, `azure`, `gcp`, or a name of the operator's. */
  readonly provider: string;
  readonly instanceType: string;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly gpuCount: number;
  readonly gpu: GpuModel;
}

export interface ListPrice {
  readonly region: string;
  readonly kind: PriceKind;
  readonly usdPerHour: number;
  /** Where the price comes from, for the evidence of a proposal. */
  readonly source: string;
  /** UTC day on which it was listed. */
  readonly date: string;
}

/** What machines with GPUs can do and what they cost in public. A price that is not known is undefined, never 0. */
export interface Catalogue {
  readonly instanceTypes: readonly GpuInstanceType[];
  find(instanceType: string): GpuInstanceType | undefined;
  /** USD per hour on demand in a region. */
  onDemand(instanceType: string, region: string): ListPrice | undefined;
  /** Every known price of a type, by region and kind. */
  prices(instanceType: string): readonly ListPrice[];
  /** Days on which the prices were listed, by provider; the newest one of each. */
  readonly dates: ReadonlyMap<string, string>;
}

interface Listed {
  readonly provider: string;
  readonly title: string;
  readonly date: string;
  readonly prices: PricesByType;
}

const titles: Readonly<Record<string, string>> = { aws: 'AWS', azure: 'Azure', gcp: 'Google Cloud' };

/**
 * The shipped catalogue, with price files laid over it: their types and prices win, of several files those of the later
 * one. Types whose GPU has no data sheet here are left out: unknown is not zero.
 */
export function makeCatalogue(files: readonly PriceFile[] = []): Catalogue {
  const types = new Map<string, GpuInstanceType>();
  const listed: Listed[] = [];
  for (const [provider, { source, instances, ...priced }] of Object.entries(shipped)) {
    for (const type of typesOf(provider, instances)) types.set(type.instanceType, type);
    if (!('pricesDate' in priced)) continue;
    const prices = onDemandOnly(priced.onDemandUsdPerHour);
    listed.unshift({ provider, title: `(${source})`, date: priced.pricesDate, prices });
  }
  for (const { date, source, instances, prices } of files) {
    for (const [provider, own] of Object.entries(instances))
      for (const type of typesOf(provider, own)) types.set(type.instanceType, type);
    for (const [provider, own] of Object.entries(prices))
      listed.unshift({ provider, title: `(${source})`, date, prices: own });
  }
  const dates = new Map<string, string>();
  for (const { provider, date } of listed) if ((dates.get(provider) ?? '') < date) dates.set(provider, date);
  return {
    instanceTypes: [...types.values()],
    find: (instanceType) => types.get(instanceType),
    onDemand: (instanceType, region) => findPrice(listed, instanceType, { region, kind: 'on-demand' }),
    prices: (instanceType) => allPrices(listed, instanceType),
    dates,
  };
}

function typesOf(
  provider: string,
  instances: Readonly<
    Record<
      string,
      { readonly vcpus: number; readonly memoryGib: number; readonly gpu: string; readonly gpuCount: number }
    >
  >,
): readonly GpuInstanceType[] {
  return Object.entries(instances).flatMap(([instanceType, { vcpus, memoryGib, gpuCount, gpu: name }]) => {
    const gpu = gpuModels.find((candidate) => candidate.name === name);
    return gpu === undefined ? [] : [{ provider, instanceType, vcpus, memoryGib, gpuCount, gpu }];
  });
}

function onDemandOnly(prices: object): PricesByType {
  return Object.fromEntries(
    Object.entries(prices as Readonly<Record<string, Readonly<Record<string, number>>>>).map(([type, regions]) => [
      type,
      Object.fromEntries(Object.entries(regions).map(([region, price]) => [region, { 'on-demand': price }])),
    ]),
  );
}

function findPrice(
  listed: readonly Listed[],
  instanceType: string,
  { region, kind }: { readonly region: string; readonly kind: PriceKind },
): ListPrice | undefined {
  for (const { provider, title, date, prices } of listed) {
    const usdPerHour = prices[instanceType]?.[region]?.[kind];
    if (usdPerHour !== undefined) {
      const source = `${titles[provider] ?? provider} ${kind} price list of ${date} ${title}`;
      return { region, kind, usdPerHour, source, date };
    }
  }
  return undefined;
}

function allPrices(listed: readonly Listed[], instanceType: string): readonly ListPrice[] {
  const places = new Map<string, { readonly region: string; readonly kind: PriceKind }>();
  for (const { prices } of listed) {
    for (const [region, kinds] of Object.entries(prices[instanceType] ?? {}))
      for (const kind of Object.keys(kinds) as PriceKind[]) places.set(`${region} ${kind}`, { region, kind });
  }
  return [...places.keys()].toSorted().flatMap((key) => {
    const place = places.get(key);
    return place === undefined ? [] : (findPrice(listed, instanceType, place) ?? []);
  });
}

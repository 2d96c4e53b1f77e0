import { mkdir, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { type Catalogue, type GpuInstanceType, type PriceFile } from './catalogue/index.ts';
import { formatProblem, ProblemError, type Progress } from './domain/index.ts';
import { realPacing } from './ingest/http/index.ts';
import { awsPrices, azurePrices, gcpPrices, toPrices, type AskOptions, type PriceRow } from './ingest/prices/index.ts';
import { readOperatorConfig } from './operator-config.ts';
import { readCatalogue } from './price-catalogue.ts';
import { plainTable } from './report/index.ts';
import { exitCodes, type ExitCode, type Terminal } from './terminal.ts';
import { terminalProgress } from './terminal-progress.ts';

/** Whose public prices can be asked for. */
export const priceProviders = ['aws', 'azure', 'gcp'] as const;
type PriceProvider = (typeof priceProviders)[number];

const priceLists: Readonly<Record<PriceProvider, { readonly url: string; readonly source: string }>> = {
  aws: { url: 'https://pricing.us-east-1.amazonaws.com', source: 'AWS Price List' },
  azure: { url: 'https://prices.azure.com', source: 'Azure Retail Prices' },
  gcp: { url: 'https://cloudbilling.googleapis.com', source: 'Cloud Billing Catalog' },
};

/** `flyball catalogue show`: machines with GPUs, or one of them with every known price. */
export async function catalogueShowCommand(
  instanceType: string | undefined,
  options: { readonly config?: string; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config } = await readOperatorConfig(options.config, terminal.cwd);
  const { catalogue, problems } = await readCatalogue(config.catalogue.prices);
  for (const problem of problems) terminal.stderr.write(`${formatProblem(problem)}\n`);
  const types =
    instanceType === undefined ? catalogue.instanceTypes : [catalogue.find(instanceType) ?? unknown(instanceType)];
  if (options.json) {
    const rows = types.map((type) => ({ ...describe(type), prices: catalogue.prices(type.instanceType) }));
    terminal.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  } else {
    terminal.stdout.write(
      instanceType === undefined ? listText(catalogue) : types.map((type) => typeText(catalogue, type)).join(''),
    );
  }
  return problems.length === 0 ? exitCodes.done : exitCodes.inputHasErrors;
}

function unknown(instanceType: string): never {
  throw new ProblemError({
    code: 'USAGE',
    severity: 'error',
    place: { kind: 'none' },
    message: `The catalogue has no machine ${instanceType}.`,
    remedy: 'flyball catalogue show lists all; add others in a price file (docs/catalogue.md).',
  });
}

function describe({ gpu, ...type }: GpuInstanceType): object {
  const { dcgmPattern: _pattern, ...figures } = gpu;
  return { ...type, gpu: figures };
}

function listText(catalogue: Catalogue): string {
  const rows = catalogue.instanceTypes.map(({ provider, instanceType, vcpus, memoryGib, gpuCount, gpu }) => {
    const prices = catalogue.prices(instanceType);
    const onDemand = prices.filter(({ kind }) => kind === 'on-demand').map(({ usdPerHour }) => usdPerHour);
    const range = onDemand.length === 0 ? 'unknown' : `${Math.min(...onDemand)} to ${Math.max(...onDemand)}`;
    return [provider, instanceType, `${gpuCount} x ${gpu.name}`, String(vcpus), String(memoryGib), range];
  });
  const dates = [...catalogue.dates].map(([provider, date]) => `${provider} ${date}`).join(', ');
  return `${plainTable(['Provider', 'Type', 'GPUs', 'vCPU', 'GiB', 'On demand, USD/hour'], rows)}\nPrices of: ${dates}\n`;
}

function typeText(
  catalogue: Catalogue,
  { provider, instanceType, vcpus, memoryGib, gpuCount, gpu }: GpuInstanceType,
): string {
  const figure = (value: number | undefined, unit: string): string =>
    value === undefined ? 'none' : `${value} ${unit}`;
  const prices = catalogue
    .prices(instanceType)
    .map(({ region, kind, usdPerHour, source }) => [region, kind, String(usdPerHour), source]);
  return [
    `${instanceType} (${provider}): ${gpuCount} x ${gpu.name}, ${vcpus} vCPU, ${memoryGib} GiB`,
    `GPU: ${gpu.architecture}, ${gpu.memoryGib} GiB at ${gpu.memoryBandwidthGBps} GB/s, ${gpu.powerLimitWatts ?? 'unknown'} W, NVLink ${figure(gpu.nvlinkGBps, 'GB/s')}`,
    `Dense TFLOP/s: FP16 ${gpu.fp16Tflops}, BF16 ${figure(gpu.bf16Tflops, '')}, FP8 ${figure(gpu.fp8Tflops, '')}`.replaceAll(
      ' ,',
      ',',
    ),
    `MIG: ${gpu.migProfiles.length === 0 ? 'none' : gpu.migProfiles.map(({ name, instancesMax }) => `${name} x ${instancesMax}`).join(', ')}`,
    prices.length === 0 ? 'No price is known.' : plainTable(['Region', 'Kind', 'USD/hour', 'Source'], prices),
    '',
  ].join('\n');
}

/** `flyball catalogue refresh`: asks a provider's public price list, and writes a price file. */
export async function catalogueRefreshCommand(
  options: {
    readonly provider: PriceProvider;
    readonly region: readonly string[];
    readonly out: string;
    readonly url?: string;
    readonly config?: string;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config } = await readOperatorConfig(options.config, terminal.cwd);
  const { catalogue } = await readCatalogue(config.catalogue.prices);
  const progress = terminalProgress(terminal.stderr);
  const { source, url } = priceLists[options.provider];
  progress.stage(`asking the ${source}`);
  const rows = await askPrices({ ...options, url: options.url ?? url }, catalogue, {
    pacing: realPacing(terminal.now),
    environment: process.env,
    progress,
  }).finally(() => progress.finish());
  const file = path.resolve(terminal.cwd, options.out);
  const date = new Date(terminal.now()).toISOString().slice(0, 10);
  const content: PriceFile = { date, source, instances: {}, prices: { [options.provider]: toPrices(rows) } };
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, stringify(content, { lineWidth: 0 }));
  await rename(`${file}.new`, file);
  const types = new Set(rows.map(({ instanceType }) => instanceType)).size;
  terminal.stdout.write(
    `${rows.length} prices of ${types} machines in ${file}\nName it in catalogue.prices of flyball.yml to use it.\n`,
  );
  return rows.length === 0 ? exitCodes.inputHasErrors : exitCodes.done;
}

async function askPrices(
  {
    provider,
    region,
    url,
  }: { readonly provider: PriceProvider; readonly region: readonly string[]; readonly url: string },
  catalogue: Catalogue,
  options: AskOptions & { readonly progress: Progress },
): Promise<readonly PriceRow[]> {
  const types = catalogue.instanceTypes.filter((type) => type.provider === provider);
  const names = types.map(({ instanceType }) => instanceType);
  const isWanted = (row: PriceRow): boolean => region.length === 0 || region.includes(row.region);
  switch (provider) {
    case 'azure':
      return (await azurePrices({ url }, names, options)).filter(isWanted);
    case 'gcp':
      return (await gcpPrices({ url, keyEnvironment: 'GCP_API_KEY' }, types, options)).filter(isWanted);
    case 'aws': {
      // A file a region, each of some hundred MiB: those that the catalogue has prices for, unless others are named.
      const known = new Set(names.flatMap((name) => catalogue.prices(name).map((price) => price.region)));
      const regions = region.length === 0 ? [...known].toSorted() : region;
      return awsPrices({ url }, { instanceTypes: names, regions }, { ...options, temporaryDirectory: os.tmpdir() });
    }
  }
}

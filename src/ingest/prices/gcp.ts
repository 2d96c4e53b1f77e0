import type { GpuInstanceType, PriceKind } from '../../catalogue/index.ts';
import type { Progress } from '../../domain/index.ts';
import { askJson, withPriceList, type AskOptions, type PriceList } from './ask.ts';
import { hoursPerMonth, type PriceRow } from './price-rows.ts';

interface Sku {
  readonly description: string;
  readonly category?: { readonly resourceGroup?: string };
  readonly serviceRegions?: readonly string[];
  readonly pricingInfo?: readonly {
    readonly pricingExpression?: {
      readonly tieredRates?: readonly {
        readonly startUsageAmount?: number;
        readonly unitPrice?: { readonly currencyCode?: string; readonly units?: string; readonly nanos?: number };
      }[];
    };
  }[];
}

/** Compute Engine, in the Cloud Billing Catalog. */
const computeEngine = '6F81-5844-456A';

/** What the SKUs of a GPU are called. */
const gpuTitles: Readonly<Record<string, string>> = {
  a100: 'Nvidia Tesla A100',
  'a100-80gb': 'Nvidia Tesla A100 80GB',
  h100: 'Nvidia H100 80GB',
  l4: 'Nvidia L4',
};

/**
 * Prices of Google's machines with built-in GPUs, put together from what their cores, memory, GPUs and local SSDs cost, as
 * Google bills them. A machine of which one part has no price has none.
 * https://cloud.google.com/billing/v1/how-tos/catalog-api
 * @throws ProblemError SOURCE_UNREACHABLE, or CONFIG_INVALID without the API key.
 */
export async function gcpPrices(
  list: PriceList,
  instanceTypes: readonly GpuInstanceType[],
  options: AskOptions & { readonly progress: Progress },
): Promise<readonly PriceRow[]> {
  const skus = await withPriceList(list, options, async (endpoint) => {
    const all: Sku[] = [];
    let pageToken = '';
    do {
      options.progress.step(all.length, all.length + 1, 'SKUs of Compute Engine');
      const form = new URLSearchParams({
        currencyCode: 'USD',
        pageSize: '5000',
        ...(pageToken === '' ? {} : { pageToken }),
      });
      const page = await askJson(endpoint, { path: `/v1/services/${computeEngine}/skus`, form }, options);
      if (Array.isArray(page['skus'])) all.push(...(page['skus'] as Sku[]));
      pageToken = typeof page['nextPageToken'] === 'string' ? page['nextPageToken'] : '';
    } while (pageToken !== '');
    return all;
  });
  const prices = indexSkus(skus);
  return instanceTypes.flatMap((type) => machineRows(type, prices));
}

/** USD by part and region, such as `CPU A2 Instance|us-central1`. */
type PartPrices = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The groups of descriptions that are read, each a beginning that says what is billed and how. */
function indexSkus(skus: readonly Sku[]): PartPrices {
  const byPart = new Map<string, Map<string, number>>();
  for (const sku of skus) {
    const price = priceOf(sku);
    if (price === undefined) continue;
    const part = `${sku.category?.resourceGroup ?? ''} ${sku.description.replace(/ (?:running )?in .*$/, '')}`;
    const regions = byPart.get(part) ?? new Map<string, number>();
    for (const region of sku.serviceRegions ?? []) regions.set(region, price);
    byPart.set(part, regions);
  }
  return byPart;
}

function priceOf({ pricingInfo }: Sku): number | undefined {
  const rates = pricingInfo?.[0]?.pricingExpression?.tieredRates ?? [];
  const price = rates.find(({ startUsageAmount = 0 }) => startUsageAmount === 0)?.unitPrice;
  if (price === undefined || (price.currencyCode !== undefined && price.currencyCode !== 'USD')) return undefined;
  const usd = Number(price.units ?? 0) + (price.nanos ?? 0) / 1e9;
  return usd > 0 ? usd : undefined;
}

function machineRows(type: GpuInstanceType, prices: PartPrices): readonly PriceRow[] {
  const family = type.instanceType.split('-', 1)[0]?.toUpperCase() ?? '';
  const isMega = type.instanceType.startsWith('a3-mega');
  const title = gpuTitles[type.gpu.name];
  if (title === undefined) return [];
  const gpu = `${title}${isMega ? ' Mega' : ''} GPU`;
  const names: Readonly<Record<'on-demand' | 'spot', readonly [string, string, string, string]>> = {
    'on-demand': [
      `CPU ${family} Instance Core`,
      `RAM ${family} Instance Ram`,
      `GPU ${gpu}`,
      'LocalSSD SSD backed Local Storage',
    ],
    spot: [
      `CPU Spot Preemptible ${family} Instance Core`,
      `RAM Spot Preemptible ${family} Instance Ram`,
      `GPU ${gpu} attached to Spot Preemptible VMs`,
      'LocalSSD SSD backed Local Storage attached to Spot Preemptible VMs',
    ],
  };
  const ssdGib = localSsdGib(type.instanceType);
  return (Object.keys(names) as (keyof typeof names)[]).flatMap((kind: PriceKind & keyof typeof names) => {
    const [cores, memory, gpus, ssd] = names[kind].map((name) => prices.get(name)) as [
      PartMap,
      PartMap,
      PartMap,
      PartMap,
    ];
    return [...(cores?.keys() ?? [])].flatMap((region): readonly PriceRow[] => {
      const parts = [
        perHour(cores, region, type.vcpus),
        perHour(memory, region, type.memoryGib),
        perHour(gpus, region, type.gpuCount),
        ssdGib === 0 ? 0 : perHour(ssd, region, ssdGib / hoursPerMonth),
      ];
      const known = parts.filter((part) => part !== undefined);
      if (known.length < parts.length) return [];
      const usdPerHour = known.reduce((sum, part) => sum + part, 0);
      return [{ instanceType: type.instanceType, region, kind, usdPerHour }];
    });
  });
}

type PartMap = ReadonlyMap<string, number> | undefined;

function perHour(part: PartMap, region: string, amount: number): number | undefined {
  const price = part?.get(region);
  return price === undefined ? undefined : price * amount;
}

/** GiB of local SSD that a machine always has, and that is billed beside it. https://cloud.google.com/compute/docs/gpus */
function localSsdGib(instanceType: string): number {
  const count = Number(/-(\d+)g$/.exec(instanceType)?.[1] ?? 0);
  if (instanceType.startsWith('a2-ultragpu-')) return 375 * count;
  if (instanceType.startsWith('a3-')) return 750 * count;
  return 0;
}

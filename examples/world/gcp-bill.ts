import { billingDays, billingStart, hourMs } from './calendar.ts';
import { fleet, type FleetWorkload } from './workloads.ts';

/** The columns of the second provider's FOCUS 1.0 export. */
export const gcpColumns = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'ResourceId',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'Tags',
] as const;

/** Share of a machine's price by SKU. */
const skus = [
  ['GPU', 'Nvidia GPU running in Netherlands', 0.7],
  ['CORE', 'Instance Core running in Netherlands', 0.22],
  ['RAM', 'Instance Ram running in Netherlands', 0.08],
] as const;

/** CSV lines of the export, header first; one row a day for each workload and SKU, as GKE cost allocation writes it. */
export function* gcpLines(): Generator<string> {
  yield gcpColumns.join(',');
  for (let day = 0; day < billingDays; day += 1) {
    for (const workload of fleet.filter(({ cluster }) => cluster === 'prod-eu')) yield* workloadDay(workload, day);
    yield* unallocatedDay(day);
  }
}

function* workloadDay(workload: FleetWorkload, day: number): Generator<string> {
  const hours = workload.load.kind === 'daily-job' ? workload.load.hours : 24;
  // Two 1g.5gb slices are two sevenths of the card; the rest of it is unallocated.
  const machines = workload.migProfile === undefined ? workload.podsAt(0) : workload.podsAt(0) / 7;
  const usd = machines * hours * workload.machine.usdPerHour;
  const labels = {
    'goog-k8s-cluster-name': workload.cluster,
    'k8s-namespace': workload.namespace,
    'k8s-workload-name': workload.name,
    'k8s-workload-type': workloadType(workload.kind),
  };
  for (const [sku, description, share] of skus) {
    yield line(day, {
      usd: usd * share,
      description,
      skuId: `${workload.machine.instanceType}-${sku}`,
      hours: machines * hours,
      labels,
    });
  }
}

/** The controller that made the pods: what GKE labels the cost with. */
function workloadType(kind: string): string {
  const types: Readonly<Record<string, string>> = {
    HelmRelease: 'apps/v1-Deployment',
    Deployment: 'apps/v1-Deployment',
    StatefulSet: 'apps/v1-StatefulSet',
    CronJob: 'batch/v1-CronJob',
    RayService: 'ray.io/v1-RayService',
  };
  return types[kind] ?? kind;
}

function* unallocatedDay(day: number): Generator<string> {
  const cluster = { 'goog-k8s-cluster-name': 'prod-eu' };
  const a100 = 4.0521 * 24;
  yield line(day, {
    usd: (a100 * 5) / 7,
    description: 'Nvidia GPU running in Netherlands',
    skuId: 'a2-highgpu-1g-GPU',
    hours: 24,
    labels: { ...cluster, 'k8s-namespace': 'kube:unallocated', 'k8s-workload-name': 'kube:unallocated' },
  });
  yield line(day, {
    usd: 9.84,
    description: 'Instance Core running in Netherlands',
    skuId: 'e2-CORE',
    hours: 24,
    labels: { ...cluster, 'k8s-namespace': 'kube:system-overhead', 'k8s-workload-name': 'kube:system-overhead' },
  });
  yield line(day, {
    usd: 14.2 + Math.cos(day),
    description: 'Standard Storage Netherlands',
    skuId: 'GCS-STD',
    hours: 24,
    labels: undefined,
  });
}

function line(
  day: number,
  of: {
    readonly usd: number;
    readonly description: string;
    readonly skuId: string;
    readonly hours: number;
    readonly labels: object | undefined;
  },
): string {
  const start = billingStart + day * 24 * hourMs;
  const month = new Date(start);
  const periodStart = Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), 1);
  const periodEnd = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1);
  const cost = of.usd.toFixed(6);
  const values: Readonly<Record<(typeof gcpColumns)[number], string>> = {
    BilledCost: cost,
    BillingAccountId: '01A2B3-C4D5E6-F7A8B9',
    BillingAccountName: 'Example Corp EU',
    BillingCurrency: 'USD',
    BillingPeriodEnd: utc(periodEnd),
    BillingPeriodStart: utc(periodStart),
    ChargeCategory: 'Usage',
    ChargeClass: '',
    ChargeDescription: of.description,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: utc(start + 24 * hourMs),
    ChargePeriodStart: utc(start),
    ConsumedQuantity: of.hours.toFixed(4),
    ConsumedUnit: 'Hours',
    ContractedCost: cost,
    EffectiveCost: cost,
    InvoiceIssuerName: 'Google Cloud',
    ListCost: cost,
    PricingCategory: 'Standard',
    PricingQuantity: of.hours.toFixed(4),
    PricingUnit: 'Hours',
    ProviderName: 'Google Cloud',
    PublisherName: 'Google Cloud',
    RegionId: 'europe-west4',
    ResourceId: '',
    ServiceCategory: 'Compute',
    ServiceName: 'Compute Engine',
    SkuId: of.skuId,
    Tags: of.labels === undefined ? '' : JSON.stringify(of.labels),
  };
  return gcpColumns.map((column) => quoted(values[column])).join(',');
}

function utc(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

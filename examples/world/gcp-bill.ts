import { billingDays, billingPeriod, billingStart, hourMs, utcText } from './calendar.ts';
import { machines, type Machine } from './machines.ts';
import { hexDigits } from './random.ts';
import { fleet, migSlicesPerCard, type FleetWorkload } from './workloads.ts';

/** The columns of the Google Cloud export, all of FOCUS 1.0. */
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
  'SubAccountId',
  'Tags',
] as const;

/** One day of a charge. */
interface GcpCharge {
  readonly day: number;
  readonly usd: number;
  readonly description: string;
  readonly quantity: number;
  readonly unit: string;
  readonly service: readonly [string, string];
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** CSV of one billing period by its name (`2026-10`), header first. */
export function gcpFiles(): ReadonlyMap<string, string> {
  const lines = new Map<string, string[]>();
  for (const charge of charges()) {
    const { name } = billingPeriod(dayStart(charge.day));
    const file = lines.get(name) ?? [gcpColumns.join(',')];
    lines.set(name, file);
    file.push(csvLine(charge));
  }
  return new Map([...lines].map(([name, file]) => [name, `${file.join('\n')}\n`]));
}

function dayStart(day: number): number {
  return billingStart + day * 24 * hourMs;
}

function* charges(): Generator<GcpCharge> {
  for (let day = 0; day < billingDays; day += 1) {
    for (const workload of fleet) if (workload.cluster === 'prod-eu') yield* workloadDay(workload, day);
    yield* restOfDay(day);
  }
}

/** How the price of a machine is split over its SKUs. */
const skus = [
  { share: 0.7, unit: 'Hours', name: (machine: Machine) => `${gpuNames.get(machine) ?? ''} running in Netherlands` },
  {
    share: 0.22,
    unit: 'Hours',
    name: (machine: Machine) => `${familyOf(machine)} Instance Core running in Netherlands`,
  },
  {
    share: 0.08,
    unit: 'Hours',
    name: (machine: Machine) => `${familyOf(machine)} Instance Ram running in Netherlands`,
  },
] as const;

const gpuNames: ReadonlyMap<Machine, string> = new Map([
  [machines.gcpL4, 'Nvidia L4 GPU'],
  [machines.gcpA100, 'Nvidia Tesla A100 GPU'],
]);

function familyOf(machine: Machine): string {
  return (machine.instanceType.split('-')[0] ?? '').toUpperCase();
}

const compute = ['Compute Engine', 'Compute'] as const;

/** One row a day for each workload and SKU, as GKE cost allocation labels them. */
function* workloadDay(workload: FleetWorkload, day: number): Generator<GcpCharge> {
  const { machine, load } = workload;
  const hours = load.kind === 'daily-job' ? load.hours : 24;
  const pods = workload.podsAt(0);
  const nodeHours = hours * (workload.migProfile === undefined ? pods : pods / migSlicesPerCard);
  const labels = {
    'goog-k8s-cluster-name': workload.cluster,
    'k8s-namespace': workload.namespace,
    'k8s-workload-name': workload.name,
    'k8s-workload-type': workloadType(workload.kind),
  };
  yield* machineCharges(machine, { day, nodeHours, labels });
  if (workload.migProfile !== undefined) {
    const nodeHours = 24 * (1 - pods / migSlicesPerCard);
    yield* machineCharges(machine, { day, nodeHours, labels: unallocated('kube:unallocated') });
  }
}

function* machineCharges(
  machine: Machine,
  of: { readonly day: number; readonly nodeHours: number; readonly labels: GcpCharge['labels'] },
): Generator<GcpCharge> {
  for (const { share, unit, name } of skus) {
    const usd = of.nodeHours * machine.usdPerHour * share;
    const description = name(machine);
    yield { day: of.day, usd, description, quantity: of.nodeHours, unit, service: compute, labels: of.labels };
  }
}

/** The controller that made the pods: what GKE labels the cost with. */
function workloadType(kind: string): string {
  const types = new Map([
    ['CronJob', 'batch/v1-CronJob'],
    ['RayService', 'ray.io/v1-RayCluster'],
    ['StatefulSet', 'apps/v1-StatefulSet'],
  ]);
  return types.get(kind) ?? 'apps/v1-Deployment';
}

function unallocated(what: 'kube:unallocated' | 'kube:system-overhead'): Readonly<Record<string, string>> {
  return { 'goog-k8s-cluster-name': 'prod-eu', 'k8s-namespace': what, 'k8s-workload-name': what };
}

/** What belongs to no workload. */
function* restOfDay(day: number): Generator<GcpCharge> {
  const gkeFee = { 'goog-k8s-cluster-name': 'prod-eu' };
  yield {
    day,
    usd: 9.84,
    description: 'E2 Instance Core running in Netherlands',
    quantity: 288,
    unit: 'Hours',
    service: compute,
    labels: unallocated('kube:system-overhead'),
  };
  yield {
    day,
    usd: 2.4,
    description: 'Regional Kubernetes Clusters',
    quantity: 24,
    unit: 'Hours',
    service: ['Kubernetes Engine', 'Compute'],
    labels: gkeFee,
  };
  yield {
    day,
    usd: 14.2 + 0.03 * day,
    description: 'Standard Storage Netherlands',
    quantity: 710 + 1.5 * day,
    unit: 'GB-Months',
    service: ['Cloud Storage', 'Storage'],
    labels: undefined,
  };
  yield {
    day,
    usd: 11.5 + 3 * Math.cos((day * 2 * Math.PI) / 7),
    description: 'Network Internet Data Transfer Out from Netherlands',
    quantity: 135,
    unit: 'GB',
    service: ['Networking', 'Networking'],
    labels: undefined,
  };
}

function csvLine(charge: GcpCharge): string {
  const start = dayStart(charge.day);
  const period = billingPeriod(start);
  const cost = charge.usd.toFixed(6);
  const quantity = charge.quantity.toFixed(4);
  const digits = hexDigits(`sku/${charge.description}`, 12).toUpperCase();
  const values: Readonly<Record<(typeof gcpColumns)[number], string>> = {
    BilledCost: cost,
    BillingAccountId: '01A2B3-C4D5E6-F7A8B9',
    BillingAccountName: 'Example Corp EU',
    BillingCurrency: 'USD',
    BillingPeriodEnd: period.end,
    BillingPeriodStart: period.start,
    ChargeCategory: 'Usage',
    ChargeClass: '',
    ChargeDescription: charge.description,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: utcText(start + 24 * hourMs),
    ChargePeriodStart: utcText(start),
    ConsumedQuantity: quantity,
    ConsumedUnit: charge.unit,
    ContractedCost: cost,
    EffectiveCost: cost,
    InvoiceIssuerName: 'Google Cloud',
    ListCost: cost,
    PricingCategory: 'Standard',
    PricingQuantity: quantity,
    PricingUnit: charge.unit,
    ProviderName: 'Google Cloud',
    PublisherName: 'Google Cloud',
    RegionId: 'europe-west4',
    ResourceId: '',
    ServiceCategory: charge.service[1],
    ServiceName: charge.service[0],
    SkuId: `${digits.slice(0, 4)}-${digits.slice(4, 8)}-${digits.slice(8)}`,
    SubAccountId: 'example-corp-ml-eu',
    Tags: charge.labels === undefined ? '' : JSON.stringify(charge.labels),
  };
  return gcpColumns.map((column) => quoted(values[column])).join(',');
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

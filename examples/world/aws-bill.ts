import { billingDays, billingStart, hourMs, metricStart } from './calendar.ts';
import { instanceId } from './pods.ts';
import { fleet, idleMachines, type FleetWorkload, type Machine } from './workloads.ts';

/** One row of the FOCUS 1.2 export, its columns in the order of {@link awsColumns}. */
export type AwsRow = Readonly<Record<(typeof awsColumns)[number], string | number | null>>;

export const awsColumns = [
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
  'CommitmentDiscountId',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'ResourceId',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'SkuMeter',
  'SubAccountId',
  'Tags',
  'x_Operation',
] as const;

const account = '123456789012';
/** The Savings Plan's price as a share of the list price. */
const commitmentPriceRatio = 0.62;

/** Every charge of the AWS account over the billing window, machine by machine and hour by hour. */
export function* awsRows(): Generator<AwsRow> {
  for (const workload of fleet.filter(({ cluster }) => cluster !== 'prod-eu')) {
    const pods = Math.max(workload.podsAt(0), workload.podsAt(29 * 24 + 23));
    for (let pod = 0; pod < pods; pod += 1) yield* machineHours(workload, pod);
  }
  for (const [index, { cluster, machine }] of idleMachines.entries()) {
    const owner = { cluster, namespace: 'none', name: 'idle' };
    for (const hour of billingHours())
      yield machineHour(machine, {
        hour,
        id: instanceId(owner, index),
        cluster,
        team: 'platform',
        hasCommitment: false,
      });
  }
  yield* sharedServices();
}

function* billingHours(): Generator<number> {
  for (let hour = 0; hour < billingDays * 24; hour += 1) yield hour;
}

function* machineHours(workload: FleetWorkload, pod: number): Generator<AwsRow> {
  const hoursBeforeMetrics = (metricStart - billingStart) / hourMs;
  const { cluster, team, machine, load } = workload;
  for (const hour of billingHours()) {
    const metricHour = Math.max(0, hour - hoursBeforeMetrics);
    const runsNow =
      load.kind !== 'daily-job' || (hour % 24 >= load.startHour && hour % 24 < load.startHour + load.hours);
    if (!runsNow || pod >= workload.podsAt(metricHour)) continue;
    yield machineHour(machine, {
      hour,
      id: instanceId(workload, pod),
      cluster,
      team,
      hasCommitment: workload.hasCommitment === true,
    });
  }
}

function machineHour(
  machine: Machine,
  of: {
    readonly hour: number;
    readonly id: string;
    readonly cluster: string;
    readonly team: string;
    readonly hasCommitment: boolean;
  },
): AwsRow {
  const start = billingStart + of.hour * hourMs;
  const region = of.cluster === 'staging' ? 'us-west-2' : 'us-east-1';
  const list = machine.usdPerHour;
  const effective = of.hasCommitment ? Number((list * commitmentPriceRatio).toFixed(10)) : list;
  return {
    ...emptyRow(start, start + hourMs),
    BilledCost: of.hasCommitment ? 0 : list,
    EffectiveCost: effective,
    ContractedCost: effective,
    ListCost: list,
    ListUnitPrice: list,
    ChargeDescription: `$${list} per On Demand Linux ${machine.instanceType} Instance Hour`,
    CommitmentDiscountId: of.hasCommitment
      ? `arn:aws:savingsplans::${account}:savingsplan/3f1c9a52-7d1e-4a0b-9c61-5a2f0b7d6e11`
      : null,
    CommitmentDiscountStatus: of.hasCommitment ? 'Used' : null,
    CommitmentDiscountType: of.hasCommitment ? 'Savings Plan' : null,
    PricingCategory: of.hasCommitment ? 'Committed' : 'Standard',
    RegionId: region,
    ResourceId: `arn:aws:ec2:${region}:${account}:instance/${of.id}`,
    ResourceType: 'Instance',
    ServiceCategory: 'Compute',
    ServiceName: 'Amazon Elastic Compute Cloud',
    SkuId: `EC2-${machine.instanceType}`,
    SkuMeter: `BoxUsage:${machine.instanceType}`,
    Tags: JSON.stringify({ 'aws:eks:cluster-name': of.cluster, team: of.team, Name: `${of.cluster}-gpu` }),
    x_Operation: 'RunInstances',
  };
}

function emptyRow(start: number, end: number): AwsRow {
  const month = new Date(start);
  const periodStart = Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), 1);
  const periodEnd = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1);
  return {
    BilledCost: 0,
    BillingAccountId: account,
    BillingAccountName: 'Example Corp',
    BillingCurrency: 'USD',
    BillingPeriodEnd: utc(periodEnd),
    BillingPeriodStart: utc(periodStart),
    ChargeCategory: 'Usage',
    ChargeClass: null,
    ChargeDescription: null,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: utc(end),
    ChargePeriodStart: utc(start),
    CommitmentDiscountId: null,
    CommitmentDiscountStatus: null,
    CommitmentDiscountType: null,
    ConsumedQuantity: 1,
    ConsumedUnit: 'Hours',
    ContractedCost: 0,
    EffectiveCost: 0,
    InvoiceIssuerName: 'Amazon Web Services, Inc.',
    ListCost: 0,
    ListUnitPrice: null,
    PricingCategory: 'Standard',
    PricingQuantity: 1,
    PricingUnit: 'Hours',
    ProviderName: 'AWS',
    PublisherName: 'Amazon Web Services, Inc.',
    RegionId: 'us-east-1',
    ResourceId: null,
    ResourceType: null,
    ServiceCategory: 'Other',
    ServiceName: 'Other',
    SkuId: null,
    SkuMeter: null,
    SubAccountId: '210987654321',
    Tags: null,
    x_Operation: null,
  };
}

function utc(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** What every account pays besides machines; none of it can be given to a workload. */
function* sharedServices(): Generator<AwsRow> {
  const dayMs = 24 * hourMs;
  const daily: readonly (readonly [string, string, string, number])[] = [
    ['Amazon Elastic Kubernetes Service', 'Compute', 'USE1-AmazonEKS-Hours:perCluster', 4.8],
    ['Amazon Elastic Block Store', 'Storage', 'EBS:VolumeUsage.gp3', 61.4],
    ['Amazon Simple Storage Service', 'Storage', 'TimedStorage-ByteHrs', 88.2],
    ['Amazon Virtual Private Cloud', 'Networking', 'NatGateway-Bytes', 23.7],
    ['AWS Data Transfer', 'Networking', 'DataTransfer-Out-Bytes', 34.9],
    ['Amazon Elastic Compute Cloud', 'Compute', 'BoxUsage:m6i.2xlarge', 27.65],
  ];
  for (let day = 0; day < billingDays; day += 1) {
    const start = billingStart + day * dayMs;
    for (const [service, category, meter, cost] of daily) {
      const amount = Number((cost * (1 + 0.04 * Math.sin(day))).toFixed(4));
      yield {
        ...emptyRow(start, start + dayMs),
        BilledCost: amount,
        EffectiveCost: amount,
        ContractedCost: amount,
        ListCost: amount,
        ServiceName: service,
        ServiceCategory: category,
        SkuMeter: meter,
        ChargeDescription: service,
      };
    }
  }
  const oneOff = (day: number, over: Partial<AwsRow>): AwsRow => ({
    ...emptyRow(billingStart + day * dayMs, billingStart + (day + 1) * dayMs),
    ...over,
  });
  yield oneOff(28, {
    ChargeCategory: 'Tax',
    BilledCost: 312.44,
    EffectiveCost: 312.44,
    ListCost: 312.44,
    ContractedCost: 312.44,
    ServiceName: 'Tax',
    ChargeFrequency: 'One-Time',
  });
  yield oneOff(40, {
    ChargeCategory: 'Credit',
    BilledCost: -500,
    EffectiveCost: -500,
    ServiceName: 'Amazon Web Services',
    ChargeDescription: 'Migration credit',
    ChargeFrequency: 'One-Time',
  });
  yield oneOff(47, {
    ChargeClass: 'Correction',
    BilledCost: -18.73,
    EffectiveCost: -18.73,
    ContractedCost: -18.73,
    ListCost: -18.73,
    ServiceName: 'AWS Data Transfer',
    ServiceCategory: 'Networking',
    ChargeDescription: 'Refund for an earlier period',
  });
}

import { emptyAwsRow, awsAccount, usageRow, type AwsRow } from './aws-row.ts';
import { awsServiceRows } from './aws-services.ts';
import { runsAt } from './activity.ts';
import { billingDays, billingStart, hourMs, metricHours, metricStart } from './calendar.ts';
import { cpuMachines, machines } from './machines.ts';
import { instanceId } from './pods.ts';
import { skuId } from './random.ts';
import { idleMachineOwner } from './samples.ts';
import { fleet, idleMachines, podsMax, type FleetWorkload } from './workloads.ts';

/** The Savings Plan's price as a share of the list price; illustrative. */
const commitmentPriceRatio = 0.62;
const savingsPlan = `arn:aws:savingsplans::${awsAccount}:savingsplan/3f1c9a52-7d1e-4a0b-9c61-5a2f0b7d6e11`;
const savingsPlanColumns = {
  CommitmentDiscountCategory: 'Spend',
  CommitmentDiscountId: savingsPlan,
  CommitmentDiscountType: 'Compute Savings Plans',
} as const;

/** Every charge of the AWS account over the billing window. */
export function* awsRows(): Generator<AwsRow> {
  for (const workload of fleet) if (workload.cluster !== 'prod-eu') yield* workloadRows(workload);
  yield* otherMachineRows();
  yield* savingsPlanFees();
  yield* awsServiceRows();
}

interface NodeOf {
  readonly id: string;
  readonly cluster: string;
  readonly team: string;
  readonly instanceType: string;
  readonly usdPerHour: number;
  readonly hasCommitment?: boolean;
}

function* workloadRows(workload: FleetWorkload): Generator<AwsRow> {
  const { cluster, team, machine } = workload;
  for (let pod = 0; pod < podsMax(workload, metricHours); pod += 1) {
    const node: NodeOf = {
      id: instanceId(workload, pod),
      cluster,
      team,
      instanceType: machine.instanceType,
      usdPerHour: machine.usdPerHour,
      hasCommitment: workload.hasCommitment === true,
    };
    for (const hour of billingHours()) {
      const isRunning = runsAt(workload, hour) && pod < workload.podsAt(metricHourOf(hour));
      if (isRunning) yield nodeHour(node, hour);
    }
  }
}

/** Before the metrics begin, the fleet was as in their first hour. */
function metricHourOf(billingHour: number): number {
  return Math.max(0, billingHour - (metricStart - billingStart) / hourMs);
}

function* billingHours(): Generator<number> {
  for (let hour = 0; hour < billingDays * 24; hour += 1) yield hour;
}

/** Machines that no GPU workload with metrics runs on. */
function* otherMachineRows(): Generator<AwsRow> {
  const nodes: NodeOf[] = idleMachines.map((machine, index) => ({
    id: instanceId(idleMachineOwner, index),
    cluster: 'prod-us',
    team: 'platform',
    instanceType: machine.instanceType,
    usdPerHour: machine.usdPerHour,
  }));
  const legacy = { cluster: 'prod-us', namespace: 'legacy', name: 'ocr-batch' } as const;
  const { instanceType, usdPerHour } = machines.t4;
  nodes.push({ id: instanceId(legacy, 0), cluster: 'prod-us', team: 'documents', instanceType, usdPerHour });
  for (const cluster of ['prod-us', 'staging'] as const) {
    for (const machine of cpuMachines) {
      for (let index = 0; index < machine.count; index += 1) {
        const id = instanceId({ cluster, namespace: 'none', name: machine.name }, index);
        nodes.push({ ...machine, id, cluster, team: 'platform' });
      }
    }
  }
  for (const node of nodes) for (const hour of billingHours()) yield nodeHour(node, hour);
}

function nodeHour(node: NodeOf, hour: number): AwsRow {
  const region = node.cluster === 'staging' ? 'us-west-2' : 'us-east-1';
  const start = billingStart + hour * hourMs;
  const row = usageRow(start, start + hourMs, {
    quantity: 1,
    unit: 'Hours',
    unitPrice: node.usdPerHour,
    service: ['Amazon Elastic Compute Cloud', 'Compute'],
    meter: `${region === 'us-west-2' ? 'USW2-' : ''}BoxUsage:${node.instanceType}`,
    description: `$${node.usdPerHour} per On Demand Linux ${node.instanceType} Instance Hour`,
    region,
  });
  return {
    ...row,
    ...(node.hasCommitment === true ? coveredByPlan(node.usdPerHour) : {}),
    ResourceId: `arn:aws:ec2:${region}:${awsAccount}:instance/${node.id}`,
    ResourceType: 'Instance',
    Tags: JSON.stringify({
      'aws:eks:cluster-name': node.cluster,
      team: node.team,
      Name: `${node.cluster}-${node.team}`,
    }),
    x_Operation: 'RunInstances',
  };
}

/** The plan was billed for in its own rows; the usage carries its amortised price. */
function coveredByPlan(usdPerHour: number): Partial<AwsRow> {
  return {
    ...savingsPlanColumns,
    BilledCost: 0,
    EffectiveCost: Number((usdPerHour * commitmentPriceRatio).toFixed(10)),
    CommitmentDiscountStatus: 'Used',
    PricingCategory: 'Committed',
  };
}

/** What the plan costs by the hour: exactly what its machines use of it. */
function* savingsPlanFees(): Generator<AwsRow> {
  const committed = fleet.filter(({ hasCommitment }) => hasCommitment === true);
  const usdPerHour = committed.reduce(
    (sum, { machine, podsAt }) => sum + machine.usdPerHour * commitmentPriceRatio * podsAt(0),
    0,
  );
  for (const hour of billingHours()) {
    const start = billingStart + hour * hourMs;
    yield {
      ...emptyAwsRow(start, start + hourMs),
      ...savingsPlanColumns,
      BilledCost: Number(usdPerHour.toFixed(10)),
      ChargeCategory: 'Purchase',
      ChargeDescription: 'Compute Savings Plan, 1 year, no upfront',
      ChargeFrequency: 'Recurring',
      ContractedCost: Number(usdPerHour.toFixed(10)),
      ListCost: Number(usdPerHour.toFixed(10)),
      PricingCategory: 'Committed',
      PricingQuantity: 1,
      PricingUnit: 'Hours',
      RegionId: null,
      ResourceId: savingsPlan,
      ResourceType: 'Savings Plan',
      ServiceCategory: 'Compute',
      ServiceName: 'Savings Plans for AWS Compute usage',
      SkuId: skuId('savings-plan'),
    };
  }
}

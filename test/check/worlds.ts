import { makeCatalogue } from '../../src/catalogue/index.ts';
import type { CheckHistory, CheckInput, CheckSettings, Declared } from '../../src/check/index.ts';
import {
  epochMs,
  usd,
  type CostDay,
  type CostSeries,
  type Lever,
  type LeverKind,
  type LeverValue,
  type UsageHour,
  type UsageSeries,
  type Workload,
  type WorkloadId,
} from '../../src/domain/index.ts';
import { aField, aLever, aWorkload, asOf, dollars } from '../builders.ts';

export const quietSettings: CheckSettings = {
  minimumMonthlyUsd: 0,
  minimumPercent: 0,
  reviewAboveMonthlyUsd: undefined,
  budgetOwners: [],
};

export const noHistory: CheckHistory = { workloads: [], usage: new Map(), cost: new Map(), machinePrices: [] };

/** g6.xlarge has one L4, g6e.12xlarge four L40S; both are on the bill of prod. */
export const machinePrices: CheckHistory['machinePrices'] = [
  { cluster: 'prod', instanceType: 'g6.xlarge', regionId: 'us-east-1', effectivePerHour: dollars('0.8'), hours: 7200 },
  { cluster: 'prod', instanceType: 'g6e.12xlarge', regionId: 'us-east-1', effectivePerHour: dollars('10'), hours: 720 },
];

export function declared(...workloads: readonly Workload[]): Declared {
  return { workloads: workloads.toSorted((left, right) => (left.id < right.id ? -1 : 1)), capacity: [] };
}

export function anInput(over: Partial<CheckInput> = {}): CheckInput {
  return {
    base: declared(),
    head: declared(),
    history: { ...noHistory, machinePrices },
    catalogue: makeCatalogue(),
    policies: [],
    settings: quietSettings,
    currency: usd,
    targetUtilRatio: 0.7,
    asOf,
    ...over,
  };
}

/** A Deployment on g6.xlarge, with its replicas' lever. */
export function aServer(replicas: number, over: Partial<Workload> = {}): Workload {
  return aWorkload({
    instanceType: 'g6.xlarge',
    replicas,
    levers: [aLever({ current: replicas })],
    ...over,
  });
}

export function lever(kind: LeverKind, current: LeverValue, line = 9): Lever {
  return aLever({ kind, current, field: { kind: 'editable', field: aField({ line }) } });
}

/** A Deployment between an autoscaler's bounds. */
export function aScaledServer(least: number, most: number, over: Partial<Workload> = {}): Workload {
  return aServer(least, {
    levers: [lever('minReplicas', least), lever('maxReplicas', most)],
    autoscaler: { kind: 'HorizontalPodAutoscaler', name: 'clip-server' },
    ...over,
  });
}

/** A job of pods with one GPU each. */
export function aJob(over: Partial<Workload> = {}): Workload {
  return aServer(0, {
    kind: 'PyTorchJob',
    name: 'ranker',
    replicas: undefined,
    levers: [lever('suspend', false)],
    pause: { lever: 'suspend', pausedValue: true },
    ...over,
  });
}

/** Use of the last days before `asOf`. */
export function usageOf(
  workload: WorkloadId,
  of: { readonly days: number; readonly gpus: number; readonly busy: number; readonly hoursADay?: number },
): UsageSeries {
  const hours: UsageHour[] = [];
  for (let hour = -of.days * 24; hour < 0; hour += 1) {
    if (((hour % 24) + 24) % 24 >= (of.hoursADay ?? 24)) continue;
    hours.push({
      hour: epochMs(asOf + hour * 3_600_000),
      gpuCount: of.gpus,
      gpuUtilRatio: undefined,
      grEngineActiveRatio: undefined,
      smActiveRatio: of.busy,
      busiestGpuRatio: of.busy,
      tensorActiveRatio: undefined,
      dramActiveRatio: undefined,
      framebufferUsedGibMax: 8,
      framebufferTotalGib: 24,
      powerWatts: 40,
      xidErrors: undefined,
      queueLength: undefined,
      requestsPerSecond: undefined,
    });
  }
  return { workload, gpuModels: ['NVIDIA L4'], nodes: ['node-1'], hours };
}

/** The same cost every day before `asOf`. */
export function costOf(
  workload: WorkloadId,
  of: { readonly days: number; readonly perDay: number; readonly gpuHours: number },
): CostSeries {
  const days = Array.from({ length: of.days }, (_, index): CostDay => {
    const amount = dollars(of.perDay);
    return {
      day: epochMs(asOf - (of.days - index) * 86_400_000),
      billed: amount,
      effective: amount,
      list: amount,
      commitmentCovered: dollars(0),
      gpuHours: of.gpuHours,
    };
  });
  return { workload, days };
}

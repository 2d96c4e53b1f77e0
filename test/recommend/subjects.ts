import {
  dayMs,
  epochMs,
  hourMs,
  moneyFromDecimal,
  usd,
  workloadId,
  type CostSeries,
  type Lever,
  type LeverKind,
  type LeverValue,
  type UsageHour,
  type UsageSeries,
  type Workload,
} from '../../src/domain/index.ts';
import { makeCatalogue } from '../../src/catalogue/index.ts';
import { recommend, type RecommendInput, type Recommendation } from '../../src/recommend/index.ts';

export const asOf = epochMs(Date.UTC(2026, 10, 1));

export const settings = {
  lookbackDays: 30,
  minimumHistoryDays: 7,
  targetUtilRatio: 0.7,
  idleDays: 7,
  productionMinReplicas: 2,
  productionSelector: { environment: 'production' },
};

export const guards = {
  minimumMonthlySavingUsd: 50,
  replicaReductionRatioMax: 0.5,
  openProposalsMax: 20,
  protectedLabels: { 'flyball.dev/protected': 'true' },
};

export function aLever(kind: LeverKind, current: LeverValue, overrides: Partial<Lever> = {}): Lever {
  const field = {
    path: `apps/${kind}.yaml`,
    line: 7,
    kind: 'present' as const,
    column: 13,
    blobId: 'b'.repeat(40),
    documentIndex: 0,
    yamlPath: ['spec', kind],
    start: 100,
    end: 101,
    mechanism: 'manifest' as const,
  };
  return { kind, current, owner: 'manifest', field: { kind: 'editable', field }, ...overrides };
}

export function aServer(overrides: Partial<Workload> = {}): Workload {
  const key = { cluster: 'prod-us', namespace: 'inference', kind: 'Deployment', name: overrides.name ?? 'clip-server' };
  return {
    ...key,
    id: workloadId(key),
    apiVersion: 'apps/v1',
    labels: {},
    annotations: {},
    gpu: { kind: 'devices', resourceName: 'nvidia.com/gpu', perReplica: 1 },
    requests: { cpuCores: 3, memoryGib: 12 },
    instanceType: undefined,
    replicas: 6,
    declaredIn: { path: 'apps/server.yaml', line: 1, column: 1 },
    levers: [aLever('replicas', 6)],
    pause: { lever: 'replicas', pausedValue: 0 },
    autoscaler: undefined,
    alsoManagedBy: [],
    ...overrides,
  };
}

export function anHour(overrides: Partial<UsageHour> = {}): Omit<UsageHour, 'hour'> {
  const sm = overrides.smActiveRatio ?? 0.25;
  return {
    gpuCount: 6,
    gpuUtilRatio: Math.min(1, sm * 1.2),
    grEngineActiveRatio: Math.min(1, sm * 1.1),
    smActiveRatio: sm,
    busiestGpuRatio: sm,
    tensorActiveRatio: sm / 2,
    dramActiveRatio: sm / 3,
    framebufferUsedGibMax: 9,
    framebufferTotalGib: 24,
    powerWatts: 20 + 50 * sm,
    xidErrors: undefined,
    queueLength: undefined,
    requestsPerSecond: undefined,
    ...overrides,
  };
}

export function usageOf(
  workload: Workload,
  hourOf: (index: number) => Omit<UsageHour, 'hour'> | undefined,
  days = 30,
  gpuModels: readonly string[] = ['NVIDIA L4'],
): UsageSeries {
  const hours = Array.from({ length: days * 24 }, (_, index) => ({
    index,
    at: epochMs(asOf - (days * 24 - index) * hourMs),
  }));
  return {
    workload: workload.id,
    gpuModels,
    nodes: ['node-1', 'node-2'],
    hours: hours.flatMap(({ index, at }) => {
      const hour = hourOf(index);
      return hour === undefined ? [] : [{ ...hour, hour: at }];
    }),
  };
}

export function costOf(
  workload: Workload,
  usdOfDay: (day: number) => string,
  gpuHours = 144,
  coveredRatio = 0,
): CostSeries {
  return {
    workload: workload.id,
    days: Array.from({ length: 30 }, (_, day) => {
      const amount = moneyFromDecimal(usdOfDay(day), usd);
      const covered = { ...amount, micros: (amount.micros * BigInt(Math.round(coveredRatio * 100))) / 100n };
      return {
        day: epochMs(asOf - (30 - day) * dayMs),
        billed: amount,
        effective: amount,
        list: amount,
        commitmentCovered: covered,
        gpuHours,
      };
    }),
  };
}

export const nodes = ['node-1', 'node-2'].map((hostname) => ({
  cluster: 'prod-us',
  hostname,
  instanceType: 'g6.xlarge',
  gpuCount: 1,
}));

/** Runs the whole recommender on one workload; every part can be overridden. */
export function recommendFor(workload: Workload, overrides: Partial<RecommendInput> = {}): Recommendation {
  return recommend({
    workloads: [workload],
    usage: new Map([[workload.id, usageOf(workload, () => anHour())]]),
    cost: new Map([[workload.id, costOf(workload, () => '116')]]),
    anomalies: new Map(),
    judgements: [],
    nodes,
    unitPrices: [],
    catalogue: makeCatalogue(),
    asOf,
    settings,
    guards,
    ...overrides,
  });
}

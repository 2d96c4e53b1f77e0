import {
  dayMs,
  epochMs,
  hourMs,
  moneyFromDecimal,
  usd,
  workloadId,
  type CostSeries,
  type EpochMs,
  type UsageHour,
  type UsageSeries,
  type WorkloadId,
} from '../../src/domain/index.ts';
import { seededRandom } from '../../src/scoring/random.ts';

export const fleetStart = epochMs(Date.UTC(2026, 8, 7));

/** What goes wrong on one day of a workload; undefined is an ordinary day. */
export interface PlantedAnomaly {
  readonly name: string;
  /** Changes an hour of that day; `clock` is the hour of the day. */
  readonly hour: (hour: UsageHour, clock: number) => UsageHour;
  readonly costFactor: number;
}

const atLoad = (hour: UsageHour, load: number): UsageHour => ({
  ...hour,
  gpuUtilRatio: Math.min(1, load * 1.2),
  grEngineActiveRatio: load * 1.1,
  smActiveRatio: load,
  busiestGpuRatio: load,
  tensorActiveRatio: load * 0.3,
  dramActiveRatio: load * 0.5,
  powerWatts: 30 + 50 * load,
});

/** Only the first two leave the range that SM activity has on ordinary days. */
export const plantedAnomalies: readonly PlantedAnomaly[] = [
  { name: 'spike', hour: (hour, clock) => (clock === 3 ? atLoad(hour, 1) : hour), costFactor: 1 },
  { name: 'flat line at zero', hour: (hour) => atLoad(hour, 0), costFactor: 1 },
  { name: 'flat line at the usual mean', hour: (hour) => atLoad(hour, 0.45), costFactor: 1 },
  { name: 'day and night exchanged', hour: (hour) => atLoad(hour, 0.9 - (hour.smActiveRatio ?? 0)), costFactor: 1 },
  {
    name: 'busy by GPU_UTIL alone',
    hour: (hour) => ({ ...hour, gpuUtilRatio: 1, grEngineActiveRatio: 1, tensorActiveRatio: 0, powerWatts: 30 }),
    costFactor: 1,
  },
  { name: 'three times the GPUs', hour: (hour) => ({ ...hour, gpuCount: hour.gpuCount * 3 }), costFactor: 3 },
  { name: 'three times the cost', hour: (hour) => hour, costFactor: 3 },
];

export interface LabelledDay {
  readonly workload: WorkloadId;
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
  readonly isAnomalous: boolean;
}

export interface LabelledFleet {
  readonly workloads: readonly { readonly usage: UsageSeries; readonly cost: CostSeries }[];
  /** The days after `ordinaryDays`, save those right after an anomaly and a week after it, which still look back on it. */
  readonly days: readonly LabelledDay[];
}

/**
 * Workloads of one daily rhythm and different size, level and noise. The first `ordinaryDays` are ordinary; then each
 * workload has one of the planted anomalies, on its fourth day.
 */
export function aLabelledFleet(options: { readonly ordinaryDays: number; readonly seed: number }): LabelledFleet {
  const random = seededRandom(options.seed);
  const days = options.ordinaryDays + 14;
  const anomalousDay = options.ordinaryDays + 3;
  const workloads = plantedAnomalies.map((anomaly, index) => {
    const workload = workloadId({ cluster: 'c', namespace: 'n', kind: 'Deployment', name: `w${index}` });
    const gpuCount = 1 + index;
    const hours = Array.from({ length: days * 24 }, (_, at): UsageHour => {
      const clock = at % 24;
      const load = 0.45 + 0.25 * Math.sin((2 * Math.PI * (clock - 9)) / 24) + 0.02 * (random() - 0.5);
      const hour = atLoad(
        {
          hour: epochMs(fleetStart + at * hourMs),
          gpuCount,
          gpuUtilRatio: 0,
          grEngineActiveRatio: 0,
          smActiveRatio: 0,
          busiestGpuRatio: 0,
          tensorActiveRatio: 0,
          dramActiveRatio: 0,
          framebufferUsedGibMax: 30 + 0.3 * random(),
          framebufferTotalGib: 80,
          powerWatts: 0,
          xidErrors: undefined,
          queueLength: 0.2 * random(),
          requestsPerSecond: undefined,
        },
        load,
      );
      return Math.floor(at / 24) === anomalousDay ? anomaly.hour(hour, clock) : hour;
    });
    const usage: UsageSeries = { workload, gpuModels: ['NVIDIA A100-SXM4-80GB'], nodes: [`node-${index}`], hours };
    const cost: CostSeries = {
      workload,
      days: Array.from({ length: days }, (_, day) => {
        const factor = day === anomalousDay ? anomaly.costFactor : 1;
        const amount = moneyFromDecimal((gpuCount * 72 * factor * (1 + 0.02 * random())).toFixed(4), usd);
        return {
          day: epochMs(fleetStart + day * dayMs),
          billed: amount,
          effective: amount,
          list: amount,
          commitmentCovered: { ...amount, micros: 0n },
          gpuHours: gpuCount * 24,
        };
      }),
    };
    return { usage, cost };
  });
  return {
    workloads,
    days: workloads.flatMap(({ usage: { workload } }) =>
      Array.from({ length: 14 }, (_, offset) => options.ordinaryDays + offset)
        .filter((day) => day !== anomalousDay + 1 && day !== anomalousDay + 7)
        .map((day) => ({
          workload,
          windowStart: epochMs(fleetStart + day * dayMs),
          windowEnd: epochMs(fleetStart + (day + 1) * dayMs),
          isAnomalous: day === anomalousDay,
        })),
    ),
  };
}

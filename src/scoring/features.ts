import { median, quantile } from 'd3-array';
import {
  dayMs,
  hourMs,
  moneyToNumber,
  type CostSeries,
  type EpochMs,
  type UsageHour,
  type UsageSeries,
  type WorkloadId,
} from '../domain/index.ts';
import { TrailingMedian } from './trailing-median.ts';

/** What the autoencoder sees of one hour, in this order. */
export const featureNames = [
  'gpu_util',
  'gr_engine_active',
  'sm_active',
  'busiest_gpu',
  'tensor_active',
  'dram_active',
  'framebuffer_used_ratio',
  'power_ratio',
  'queue_log1p',
  'gpu_count_ratio',
  'cost_per_day_ratio',
  'sm_active_mean_24h',
  'power_ratio_mean_24h',
  'sm_active_minus_day_before',
  'sm_active_minus_week_before',
  'power_ratio_minus_day_before',
  'hour_sin',
  'hour_cos',
  'weekday_sin',
  'weekday_cos',
] as const;

/** Rows of features and, at the same offsets, which of them are unknown. */
export interface FeatureRows {
  /** Row-major, hours × features; always finite, 0 where the value is unknown. */
  readonly rows: Float32Array;
  /** 1 where the workload has had no value of the feature so far, else 0. */
  readonly missing: Uint8Array;
}

/** Hourly features of one workload. */
export interface FeatureMatrix extends FeatureRows {
  readonly workload: WorkloadId;
  readonly names: readonly string[];
  readonly hours: readonly EpochMs[];
  /** Hours without any busy signal: they are left out, not filled in. */
  readonly droppedHours: number;
}

const imputedFromHours = 24;
const trailingDays = 7;
const ratioToPastMax = 10;
/** The maximum would let one hour's spike rescale the workload's whole history. */
const powerQuantile = 0.99;

/**
 * Turns a workload's use and cost into features, relative to the workload's own past, so that large and small workloads
 * look alike. A value that is missing or no finite number is the median of the feature's last 24 known hours; before the
 * first known hour it is marked as missing, and the model puts its training median there. A difference whose earlier
 * hour is missing is 0 (no change).
 */
export function featurize(usage: UsageSeries, cost: CostSeries | undefined): FeatureMatrix {
  const kept = usage.hours.filter((hour) => busyOf(hour) !== undefined);
  const rowOf = rowMaker(kept, cost);
  const imputed = featureNames.map(() => new TrailingMedian(imputedFromHours));
  const rows = new Float32Array(kept.length * featureNames.length);
  const missing = new Uint8Array(rows.length);
  for (const [index, hour] of kept.entries()) {
    const values = rowOf(hour);
    imputed.forEach((past, feature) => {
      const at = index * featureNames.length + feature;
      const value = finite(values[feature]) ?? past.median();
      if (value === undefined) missing[at] = 1;
      else {
        rows[at] = value;
        past.push(value);
      }
    });
  }
  return {
    workload: usage.workload,
    names: featureNames,
    hours: kept.map(({ hour }) => hour),
    rows,
    missing,
    droppedHours: usage.hours.length - kept.length,
  };
}

/** Makes each hour's values in the order of the names; the hours must come in ascending order. */
function rowMaker(
  kept: readonly UsageHour[],
  cost: CostSeries | undefined,
): (hour: UsageHour) => readonly (number | undefined)[] {
  const powerHigh = quantile(
    kept.map(({ powerWatts }) => finite(powerWatts)),
    powerQuantile,
  );
  const busy = new Map<number, number | undefined>(kept.map((hour) => [hour.hour, busyOf(hour)]));
  const power = new Map<number, number | undefined>(
    kept.map((hour) => [hour.hour, ratio(finite(hour.powerWatts), powerHigh)]),
  );
  const costRatioOf = costRatios(cost);
  const pastGpuCounts = new TrailingMedian(trailingDays * 24);
  return (hour) => {
    const now = hour.hour;
    const gpuCountRatio = ratioToPast(hour.gpuCount, pastGpuCounts.median());
    pastGpuCounts.push(hour.gpuCount);
    return [
      hour.gpuUtilRatio,
      hour.grEngineActiveRatio,
      busy.get(now),
      hour.busiestGpuRatio,
      hour.tensorActiveRatio,
      hour.dramActiveRatio,
      ratio(hour.framebufferUsedGibMax, hour.framebufferTotalGib),
      power.get(now),
      hour.queueLength === undefined ? undefined : Math.log1p(hour.queueLength),
      gpuCountRatio,
      costRatioOf(startOfDay(now)),
      meanOfDay(busy, now),
      meanOfDay(power, now),
      difference(busy.get(now), busy.get(now - dayMs)),
      difference(busy.get(now), busy.get(now - 7 * dayMs)),
      difference(power.get(now), power.get(now - dayMs)),
      ...calendar(now),
    ];
  };
}

/** The value, if a feature can hold it: a double past the range of 32-bit floats would become infinite. */
function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(Math.fround(value)) ? value : undefined;
}

function busyOf(hour: UsageHour): number | undefined {
  return finite(hour.smActiveRatio) ?? finite(hour.grEngineActiveRatio) ?? finite(hour.gpuUtilRatio);
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole;
}

/** Effective cost of a day over the median of the seven days before it. */
function costRatios(cost: CostSeries | undefined): (day: number) => number | undefined {
  const daily = new Map<number, number>((cost?.days ?? []).map((day) => [day.day, moneyToNumber(day.effective)]));
  const ratios = new Map<number, number | undefined>();
  for (const day of daily.keys()) {
    const past = Array.from({ length: trailingDays }, (_, back) => daily.get(day - (back + 1) * dayMs));
    ratios.set(day, ratioToPast(daily.get(day), median(past)));
  }
  return (day) => ratios.get(day);
}

function ratioToPast(value: number | undefined, usual: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return usual === undefined || usual <= 0 ? 1 : Math.min(ratioToPastMax, value / usual);
}

function startOfDay(hour: number): number {
  return Math.floor(hour / dayMs) * dayMs;
}

/** Mean of the known values of the 24 hours that end with this one. */
function meanOfDay(values: ReadonlyMap<number, number | undefined>, hour: number): number | undefined {
  let sum = 0;
  let known = 0;
  for (let back = 0; back < 24; back += 1) {
    const value = values.get(hour - back * hourMs);
    if (value === undefined) continue;
    sum += value;
    known += 1;
  }
  return known === 0 ? undefined : sum / known;
}

function difference(now: number | undefined, before: number | undefined): number {
  return now === undefined || before === undefined ? 0 : now - before;
}

function calendar(hour: number): readonly number[] {
  const time = new Date(hour);
  const dayAngle = (2 * Math.PI * time.getUTCHours()) / 24;
  const weekAngle = (2 * Math.PI * time.getUTCDay()) / 7;
  return [Math.sin(dayAngle), Math.cos(dayAngle), Math.sin(weekAngle), Math.cos(weekAngle)];
}

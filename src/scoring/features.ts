import { median } from 'd3-array';
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

/** Hourly features of one workload; row-major, hours × names. */
export interface FeatureMatrix {
  readonly workload: WorkloadId;
  readonly names: readonly string[];
  readonly hours: readonly EpochMs[];
  readonly rows: Float32Array;
  /** Hours without any busy signal: they are left out, not filled in. */
  readonly droppedHours: number;
}

const trailingDays = 7;

/**
 * Turns a workload's use and cost into features. A value that is missing in an hour is the last 24 hours' median of the
 * same feature; a difference whose earlier hour is missing is 0 (no change). Ratios are to the workload's own past, so
 * that large and small workloads look alike.
 */
export function featurize(usage: UsageSeries, cost: CostSeries | undefined): FeatureMatrix {
  const kept = usage.hours.filter((hour) => busyOf(hour) !== undefined);
  const byHour = new Map(kept.map((hour) => [hour.hour as number, hour]));
  const powerMax = Math.max(1, ...kept.map((hour) => hour.powerWatts ?? 0));
  const dailyCost = new Map((cost?.days ?? []).map((day) => [day.day as number, moneyToNumber(day.effective)]));
  const trailing = new TrailingMedians();
  const rows = new Float32Array(kept.length * featureNames.length);
  for (const [index, hour] of kept.entries()) {
    const earlier = (hours: number): UsageHour | undefined => byHour.get(hour.hour - hours * hourMs);
    const lastDay = Array.from({ length: 24 }, (_, back) => earlier(back)).filter((item) => item !== undefined);
    const power = (item: UsageHour | undefined): number | undefined =>
      item?.powerWatts === undefined ? undefined : item.powerWatts / powerMax;
    const values = [
      hour.gpuUtilRatio,
      hour.grEngineActiveRatio,
      busyOf(hour),
      hour.busiestGpuRatio,
      hour.tensorActiveRatio,
      hour.dramActiveRatio,
      ratio(hour.framebufferUsedGibMax, hour.framebufferTotalGib),
      power(hour),
      hour.queueLength === undefined ? 0 : Math.log1p(hour.queueLength),
      ratioToPast(hour.gpuCount, pastCounts(kept, index)),
      ratioToPast(dailyCost.get(startOfDay(hour.hour)), pastCosts(dailyCost, hour.hour)),
      mean(lastDay.map(busyOf)),
      mean(lastDay.map(power)),
      difference(busyOf(hour), busyOf(earlier(24))),
      difference(busyOf(hour), busyOf(earlier(168))),
      difference(power(hour), power(earlier(24))),
      ...calendar(hour.hour),
    ];
    values.forEach((value, feature) => {
      rows[index * featureNames.length + feature] = trailing.fill(feature, value);
    });
  }
  return {
    workload: usage.workload,
    names: featureNames,
    hours: kept.map(({ hour }) => hour),
    rows,
    droppedHours: usage.hours.length - kept.length,
  };
}

function busyOf(hour: UsageHour | undefined): number | undefined {
  return hour?.smActiveRatio ?? hour?.grEngineActiveRatio ?? hour?.gpuUtilRatio;
}

/** The last 24 values of each feature, for what is missing. */
class TrailingMedians {
  private readonly recent = new Map<number, number[]>();

  fill(feature: number, value: number | undefined): number {
    const past = this.recent.get(feature) ?? [];
    this.recent.set(feature, past);
    const filled = value !== undefined && Number.isFinite(value) ? value : (median(past) ?? 0);
    past.push(filled);
    if (past.length > 24) past.shift();
    return filled;
  }
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole;
}

function pastCounts(hours: readonly UsageHour[], index: number): readonly number[] {
  return hours.slice(Math.max(0, index - trailingDays * 24), index).map(({ gpuCount }) => gpuCount);
}

function pastCosts(daily: ReadonlyMap<number, number>, hour: number): readonly number[] {
  const today = startOfDay(hour);
  return Array.from({ length: trailingDays }, (_, back) => daily.get(today - (back + 1) * dayMs)).filter(
    (value) => value !== undefined,
  );
}

function ratioToPast(value: number | undefined, past: readonly number[]): number | undefined {
  const usual = median(past);
  if (value === undefined) return undefined;
  return usual === undefined || usual <= 0 ? 1 : Math.min(10, value / usual);
}

function startOfDay(hour: number): number {
  return Math.floor(hour / dayMs) * dayMs;
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
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

import { quantileSorted } from 'd3-array';
import type { EpochMs, UsageHour, UsageSeries } from '../domain/index.ts';
import { dayMs, hourMs } from '../domain/index.ts';

/** The hours of a series inside a half-open window. */
export function hoursWithin(usage: UsageSeries, windowStart: number, windowEnd: number): readonly UsageHour[] {
  return usage.hours.filter((hour) => hour.hour >= windowStart && hour.hour < windowEnd);
}

export function trailingHours(usage: UsageSeries, asOf: EpochMs, days: number): readonly UsageHour[] {
  return hoursWithin(usage, asOf - days * dayMs, asOf);
}

/** Days between the first and the last hour with samples. */
export function spanDays(hours: readonly UsageHour[]): number {
  const first = hours.at(0);
  const last = hours.at(-1);
  return first === undefined || last === undefined ? 0 : (last.hour - first.hour + hourMs) / dayMs;
}

/**
 * How busy the GPUs were in an hour, 0..1, mean over GPUs: SM_ACTIVE, else GR_ENGINE_ACTIVE, else GPU_UTIL.
 * The order is the one of trust: SM_ACTIVE counts occupied multiprocessors, GPU_UTIL only says that some kernel ran
 * and is 0 under MIG (NVIDIA/dcgm-exporter#216).
 */
export function busyRatio(hour: UsageHour): number | undefined {
  return hour.smActiveRatio ?? hour.grEngineActiveRatio ?? hour.gpuUtilRatio;
}

/** Which DCGM field {@link busyRatio} read for most of the hours. */
export function busySignalName(hours: readonly UsageHour[]): string {
  if (hours.some((hour) => hour.smActiveRatio !== undefined)) return 'DCGM_FI_PROF_SM_ACTIVE';
  if (hours.some((hour) => hour.grEngineActiveRatio !== undefined)) return 'DCGM_FI_PROF_GR_ENGINE_ACTIVE';
  return 'DCGM_FI_DEV_GPU_UTIL';
}

/** Demand of each hour in whole-GPU equivalents: mean busy ratio × GPUs; hours without a busy signal are left out. */
export function demandGpus(hours: readonly UsageHour[]): readonly number[] {
  return hours.flatMap((hour) => {
    const busy = busyRatio(hour);
    return busy === undefined ? [] : [busy * hour.gpuCount];
  });
}

/** The q-quantile by linear interpolation (R's type 7, numpy's default); undefined for no values. */
export function quantile(values: readonly number[], q: number): number | undefined {
  return quantileSorted(
    values.toSorted((left, right) => left - right),
    q,
  );
}

/** The defined values of one field over some hours. */
export function valuesOf(hours: readonly UsageHour[], field: NumericField): readonly number[] {
  return hours.flatMap((hour) => {
    const value = hour[field];
    return value === undefined ? [] : [value];
  });
}

type NumericField = {
  [Key in keyof UsageHour]-?: UsageHour[Key] extends number | undefined ? Key : never;
}[keyof UsageHour];

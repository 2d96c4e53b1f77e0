import { dayMs, hourMs, type EpochMs, type UsageHour, type UsageSeries } from '../domain/index.ts';
import { findGpuModel } from '../catalogue/index.ts';
import type { RecommendSettings } from './settings.ts';
import { findContradiction } from './signal-contradictions.ts';
import { faultyHoursRatioMax, unbelievable, type SignalFault } from './signal-fault.ts';
import { busyRatio, quantile, spanDays, trailingHours } from './usage-window.ts';

export type SignalHealth =
  | {
      readonly kind: 'believable';
      /** Share of the recent hours in which at least two independent signals are present. */
      readonly corroboratedRatio: number;
    }
  | SignalFault;

const presentHoursRatioMin = 0.8;

/** Fewer GPUs than this share of those a workload holds: some of them have no labels, or no exporter. */
const reportingGpuRatioMin = 0.75;

/** Says whether the GPU signals of a workload can be believed. */
export function checkSignals(input: {
  readonly usage: UsageSeries | undefined;
  readonly isAlwaysOn: boolean;
  /** GPUs that the workload holds whenever it runs; undefined when that varies or is not known. */
  readonly expectedGpuCount?: number | undefined;
  readonly asOf: EpochMs;
  readonly settings: RecommendSettings;
}): SignalHealth {
  const { usage, asOf, settings } = input;
  const hours = usage === undefined ? [] : trailingHours(usage, asOf, settings.lookbackDays);
  if (usage === undefined || hours.length === 0) {
    return unbelievable('no-metrics', `no GPU sample of it in the last ${settings.lookbackDays} days`);
  }
  const days = spanDays(hours);
  if (days < settings.minimumHistoryDays) {
    return unbelievable(
      'too-little-history',
      `${days.toFixed(1)} days of samples, ${settings.minimumHistoryDays} are needed`,
    );
  }
  const recent = trailingHours(usage, asOf, settings.idleDays);
  const fault =
    findGap(hours, input) ??
    findMissingGpus(recent, input.expectedGpuCount) ??
    findSharing(recent) ??
    findSilence(recent) ??
    findContradiction(recent, powerLimit(usage));
  return fault ?? { kind: 'believable', corroboratedRatio: corroboratedRatio(recent) };
}

function findGap(
  hours: readonly UsageHour[],
  input: { readonly isAlwaysOn: boolean; readonly asOf: EpochMs },
): SignalFault | undefined {
  const first = hours[0];
  if (!input.isAlwaysOn || first === undefined) return undefined;
  const expected = Math.max(1, Math.round((input.asOf - first.hour) / hourMs));
  const presentRatio = hours.length / expected;
  if (presentRatio >= presentHoursRatioMin) return undefined;
  const missingDays = ((expected - hours.length) * hourMs) / dayMs;
  return unbelievable(
    'gaps-in-metrics',
    `${hours.length} of ${expected} hours have samples; ${missingDays.toFixed(1)} days are missing`,
  );
}

/** GPUs whose samples name no pod count for nobody: what is left would look like a smaller demand than there is. */
function findMissingGpus(recent: readonly UsageHour[], expected: number | undefined): SignalFault | undefined {
  const counts = recent.map((hour) => hour.gpuCount);
  const usual = quantile(counts, 0.5);
  if (expected === undefined || usual === undefined || usual >= reportingGpuRatioMin * expected) return undefined;
  return unbelievable(
    'gaps-in-metrics',
    `it holds ${expected} GPUs, and in half of the recent hours at most ${usual} report under its pods’ names: ` +
      'look for nodes without dcgm-exporter or samples without pod labels',
  );
}

/** The counters of a shared GPU are those of all pods on it. */
function findSharing(recent: readonly UsageHour[]): SignalFault | undefined {
  const shared = recent.filter((hour) => (hour.sharedGpuCount ?? 0) > 0);
  if (shared.length <= faultyHoursRatioMax * recent.length) return undefined;
  return unbelievable(
    'gpu-shared',
    `other pods held its GPUs at the same time (time-slicing or MPS) in ${shared.length} of the last ${recent.length} ` +
      'hours: DCGM counts for the whole GPU, so that its own share is unknown',
  );
}

function findSilence(recent: readonly UsageHour[]): SignalFault | undefined {
  const silent = recent.filter((hour) => busyRatio(hour) === undefined);
  if (silent.length <= faultyHoursRatioMax * recent.length) return undefined;
  return unbelievable(
    'no-metrics',
    `no sample says how busy its GPUs are in ${silent.length} of the last ${recent.length} hours: under MIG GPU_UTIL ` +
      'says nothing, so that dcgm-exporter must export DCGM_FI_PROF_GR_ENGINE_ACTIVE or DCGM_FI_PROF_SM_ACTIVE',
  );
}

/** Power limit of the workload's GPU model, W; undefined when the models differ or are not in the catalogue. */
export function powerLimit(usage: UsageSeries): number | undefined {
  const limits = new Set(usage.gpuModels.map((name) => findGpuModel(name)?.powerLimitWatts));
  return limits.size === 1 ? [...limits][0] : undefined;
}

function corroboratedRatio(recent: readonly UsageHour[]): number {
  if (recent.length === 0) return 0;
  const corroborated = recent.filter(
    (hour) =>
      busyRatio(hour) !== undefined &&
      (hour.tensorActiveRatio !== undefined || hour.powerWatts !== undefined || hour.dramActiveRatio !== undefined),
  );
  return corroborated.length / recent.length;
}

import {
  dayMs,
  hourMs,
  type EpochMs,
  type NoVerdictReason,
  type UsageHour,
  type UsageSeries,
} from '../domain/index.ts';
import { findGpuModel } from './catalogue/gpu-models.ts';
import type { RecommendSettings } from './settings.ts';
import { busyRatio, spanDays, trailingHours } from './usage-window.ts';

export type SignalHealth =
  | {
      readonly kind: 'believable';
      /** Share of the recent hours in which at least two independent signals are present. */
      readonly corroboratedRatio: number;
    }
  | { readonly kind: 'unbelievable'; readonly reason: NoVerdictReason; readonly detail: string };

/** At or below this a counter says that nothing ran; gpu-pruner uses 1 % as well. */
export const quietRatioMax = 0.01;

/**
 * Power at or below this share of the board's limit is what a card draws with a model loaded and nothing to do:
 * between 0.2 (H100) and 0.4 (L4) of the limit.
 */
export const idlePowerRatioMax = 0.45;

/** A share of hours above which a contradiction is the signals' fault and not a blip. */
const contradictionHoursRatioMax = 0.2;

const presentHoursRatioMin = 0.8;

/**
 * Says whether the GPU signals of a workload can be believed. The contradictions are known traps: a process that
 * hangs in a collective shows 100 % GPU_UTIL and no SM activity (ROCm/device-metrics-exporter#34), and profiling
 * counters stick at 0 after weeks while the card draws full power (NVIDIA/dcgm-exporter#662).
 */
export function checkSignals(input: {
  readonly usage: UsageSeries | undefined;
  readonly isAlwaysOn: boolean;
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
  return (
    findGap(hours, input) ??
    findContradiction(usage, trailingHours(usage, asOf, settings.idleDays)) ?? {
      kind: 'believable',
      corroboratedRatio: corroboratedRatio(trailingHours(usage, asOf, settings.idleDays)),
    }
  );
}

function unbelievable(reason: NoVerdictReason, detail: string): SignalHealth {
  return { kind: 'unbelievable', reason, detail };
}

function findGap(
  hours: readonly UsageHour[],
  input: { readonly isAlwaysOn: boolean; readonly asOf: EpochMs },
): SignalHealth | undefined {
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

function findContradiction(usage: UsageSeries, recent: readonly UsageHour[]): SignalHealth | undefined {
  const powerLimitWatts = powerLimit(usage);
  const deadlocked = recent.filter(
    (hour) =>
      (hour.gpuUtilRatio ?? 0) >= 0.9 && (hour.smActiveRatio ?? 1) <= 0.02 && (hour.tensorActiveRatio ?? 0) <= 0.02,
  );
  if (deadlocked.length > contradictionHoursRatioMax * recent.length) {
    return unbelievable(
      'signals-disagree',
      `GPU_UTIL is at least 90 % while SM_ACTIVE is at most 2 % in ${deadlocked.length} of the last ${recent.length} hours: ` +
        'a process that hangs looks like this (a deadlocked collective, for one); look at its logs before anything is changed',
    );
  }
  const stuck = recent.filter(
    (hour) =>
      powerLimitWatts !== undefined &&
      (hour.powerWatts ?? 0) >= 0.6 * powerLimitWatts &&
      (busyRatio(hour) ?? 1) <= quietRatioMax,
  );
  if (stuck.length > contradictionHoursRatioMax * recent.length) {
    return unbelievable(
      'signals-disagree',
      `the activity counters read 0 while the card draws at least 60 % of its power limit in ${stuck.length} of the last ` +
        `${recent.length} hours: the exporter's profiling counters are stuck; restart dcgm-exporter on its nodes`,
    );
  }
  return undefined;
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

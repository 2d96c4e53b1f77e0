import type { UsageHour } from '../domain/index.ts';
import {
  faultyHoursRatioMax,
  idlePowerRatioMax,
  quietRatioMax,
  unbelievable,
  type SignalFault,
} from './signal-fault.ts';
import { busyRatio } from './usage-window.ts';

/** A card that draws this share of its power limit computes, whatever its counters say. */
const workingPowerRatioMin = 0.6;

/**
 * The contradictions are known traps: a process that hangs in a collective shows 100 % GPU_UTIL and no SM activity
 * (ROCm/device-metrics-exporter#34), and profiling counters stick at 0 after weeks while the card draws full power
 * (NVIDIA/dcgm-exporter#662).
 */
export function findContradiction(
  recent: readonly UsageHour[],
  powerLimitWatts: number | undefined,
): SignalFault | undefined {
  const deadlocked = recent.filter((hour) => isDeadlocked(hour, powerLimitWatts));
  if (deadlocked.length > faultyHoursRatioMax * recent.length) {
    return unbelievable(
      'signals-disagree',
      `GPU_UTIL is at least 90 % while the SMs, or memory and power, are as if nothing ran in ${deadlocked.length} of the last ${recent.length} hours: ` +
        'a process that hangs looks like this (a deadlocked collective, for one); look at its logs before anything is changed',
    );
  }
  const stuck = recent.filter((hour) => areCountersStuck(hour, powerLimitWatts));
  if (stuck.length > faultyHoursRatioMax * recent.length) {
    return unbelievable(
      'signals-disagree',
      `the activity counters read 0 while power or GPU_UTIL show a working card in ${stuck.length} of the last ` +
        `${recent.length} hours: the exporter's profiling counters are stuck; restart dcgm-exporter on its nodes`,
    );
  }
  return undefined;
}

/** A kernel is always there, and nothing moves: neither SMs and tensor cores, nor memory at idle power. */
function isDeadlocked(hour: UsageHour, powerLimitWatts: number | undefined): boolean {
  if ((hour.gpuUtilRatio ?? 0) < 0.9 || (hour.tensorActiveRatio ?? 0) > 0.02) return false;
  if (hour.smActiveRatio !== undefined) return hour.smActiveRatio <= 0.02;
  const isIdlePower =
    powerLimitWatts !== undefined &&
    hour.powerWatts !== undefined &&
    hour.powerWatts <= idlePowerRatioMax * powerLimitWatts;
  return isIdlePower && hour.dramActiveRatio !== undefined && hour.dramActiveRatio <= 0.02;
}

/** GR_ENGINE_ACTIVE and GPU_UTIL both count time with a kernel: one cannot be 0 while the other is not. */
function areCountersStuck(hour: UsageHour, powerLimitWatts: number | undefined): boolean {
  const isWorking = powerLimitWatts !== undefined && (hour.powerWatts ?? 0) >= workingPowerRatioMin * powerLimitWatts;
  if (isWorking && (busyRatio(hour) ?? 1) <= quietRatioMax) return true;
  const isEngineStill = hour.grEngineActiveRatio !== undefined && hour.grEngineActiveRatio <= quietRatioMax;
  return isEngineStill && Math.max(hour.gpuUtilRatio ?? 0, hour.smActiveRatio ?? 0) >= 0.3;
}

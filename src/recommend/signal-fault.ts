import type { NoVerdictReason } from '../domain/index.ts';

/** Why the signals of a workload are not believed. */
export interface SignalFault {
  readonly kind: 'unbelievable';
  readonly reason: NoVerdictReason;
  readonly detail: string;
}

export function unbelievable(reason: NoVerdictReason, detail: string): SignalFault {
  return { kind: 'unbelievable', reason, detail };
}

/** A share of hours above which something is the signals' fault and not a blip. */
export const faultyHoursRatioMax = 0.2;

/** At or below this a counter says that nothing ran; gpu-pruner uses 1 % as well. */
export const quietRatioMax = 0.01;

/**
 * Power at or below this share of the board's limit is what a card draws with a model loaded and nothing to do:
 * between 0.2 (H100) and 0.4 (L4) of the limit.
 */
export const idlePowerRatioMax = 0.45;

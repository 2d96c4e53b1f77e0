import { type EpochMs, type Money, epochMs } from '../../../domain/index.ts';
import { readTailMarker } from '../../marker.ts';

/** Why Flyball closed a pull request of its own; a pull request closed without one was closed by a person. */
export const closeReasons = ['vanished', 'already-there', 'refused', 'snoozed', 'ignored'] as const;
export type CloseReason = (typeof closeReasons)[number];

/** What the markers of a pull request's body say of its last scan. */
export interface PullState {
  readonly fingerprint: string;
  readonly workload: string;
  readonly action: string;
  /** The scanned commit. */
  readonly base: string;
  readonly dataDigest: string;
  readonly asOf: EpochMs;
  /** Tip that Flyball gave the branch. */
  readonly head: string | undefined;
  /** Likely saving a month; micros of the currency. */
  readonly savingMicros: bigint | undefined;
  readonly closed: CloseReason | undefined;
}

/** The content of the state marker. */
export function stateData(state: {
  readonly head: string;
  readonly saving: Money;
  readonly closed: CloseReason | undefined;
}): object {
  return { head: state.head, savingMicros: String(state.saving.micros), closed: state.closed };
}

/** Reads the markers; undefined when the body has no marker of a proposal. */
export function readPullState(body: string): PullState | undefined {
  const proposal = fields(readTailMarker('proposal', body));
  const { fingerprint, workload, action, commit, data, asOf } = proposal;
  const isProposal = [fingerprint, workload, action].every((value) => typeof value === 'string');
  if (!isProposal || typeof asOf !== 'number' || !Number.isSafeInteger(asOf) || asOf < 0) return undefined;
  const state = fields(readTailMarker('state', body));
  const { head, savingMicros, closed } = state;
  return {
    fingerprint: String(fingerprint),
    workload: String(workload),
    action: String(action),
    base: String(commit),
    dataDigest: String(data),
    asOf: epochMs(asOf),
    head: typeof head === 'string' ? head : undefined,
    savingMicros:
      typeof savingMicros === 'string' && /^-?\d{1,24}$/.test(savingMicros) ? BigInt(savingMicros) : undefined,
    closed: closeReasons.find((reason) => reason === closed),
  };
}

function fields(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
}

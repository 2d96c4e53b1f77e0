import type { EpochMs } from './time.ts';
import type { LeverKind, LeverValue } from './workload.ts';

/**
 * What a person said about a pull request of Flyball. Decisions are kept where they were made, in the pull request
 * itself, so that a restart or another replica finds them. The last one of a kind counts; an opposite takes it back.
 */
export type Decision = DecisionContent & {
  /** Login of the account. */
  readonly by: string;
  readonly at: EpochMs;
};

type DecisionContent =
  /** Nothing is proposed again before that time. */
  | { readonly kind: 'snooze'; readonly until: EpochMs; readonly reason: string | undefined }
  /** Refused until the facts differ materially, or until that time. */
  | { readonly kind: 'ignore'; readonly until: EpochMs | undefined; readonly reason: string | undefined }
  | { readonly kind: 'unignore' }
  /** The pull request is left as it is, whatever a scan finds. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'unhold' }
  /** Nothing more is proposed for the workload. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Another value than the recommended one is proposed. */
  | { readonly kind: 'set'; readonly lever: LeverKind; readonly value: LeverValue }
  | { readonly kind: 'waive'; readonly policy: string; readonly until: EpochMs; readonly reason: string }
  | { readonly kind: 'feedback'; readonly verdict: 'wrong' | 'planned'; readonly reason: string | undefined };

export type DecisionKind = Decision['kind'];

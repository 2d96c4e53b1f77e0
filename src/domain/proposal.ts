import type { Brand } from './brand.ts';
import type { AnomalyScore, Evidence, Finding } from './finding.ts';
import type { Money } from './money.ts';
import type { DecidingField, LeverKind, LeverValue, Workload, WorkloadId } from './workload.ts';

/** 16 hex digits of the SHA-256 over file, field, from → to and policy; the same change always has the same one. */
export type ProposalFingerprint = Brand<string, 'ProposalFingerprint'>;

export type ProposalAction = 'scale-down' | 'scale-up' | 'change-instance-type' | 'pause';

/** One scalar's old and new value at its deciding place. */
export interface LeverChange {
  readonly lever: LeverKind;
  readonly from: LeverValue;
  readonly to: LeverValue;
  readonly field: DecidingField;
}

/**
 * Per month of 730 hours; a negative amount is a cost.
 * `cash` leaves the bill; `freed` is capacity already paid for; `none-yet` means no node is released by this change alone.
 */
export interface Saving {
  readonly low: Money;
  readonly likely: Money;
  readonly high: Money;
  readonly kind: 'cash' | 'freed' | 'none-yet';
  /** One sentence: how the amount was reckoned and why it is cash, freed or none yet. */
  readonly basis: string;
}

export interface Alternative {
  readonly change: string;
  readonly savingPerMonth: Money | undefined;
  readonly whyNot: string;
}

/** A CostPolicy's word on the workload. */
export interface PolicyVerdict {
  readonly policy: string;
  readonly place: { readonly path: string; readonly line: number; readonly column: number };
  readonly outcome: 'within' | 'exceeded';
  readonly summary: string;
}

export interface Proposal {
  readonly fingerprint: ProposalFingerprint;
  readonly workload: Workload;
  readonly action: ProposalAction;
  readonly changes: readonly [LeverChange, ...LeverChange[]];
  /** One sentence without a full stop at its end. */
  readonly reason: string;
  readonly saving: Saving;
  readonly risk: 'low' | 'medium' | 'high';
  /** 0..1, see docs/recommendations.md. */
  readonly confidenceRatio: number;
  readonly findings: readonly [Finding, ...Finding[]];
  readonly evidence: readonly Evidence[];
  readonly alternatives: readonly Alternative[];
  readonly policyVerdicts: readonly PolicyVerdict[];
  readonly anomaly: AnomalyScore | undefined;
}

/** Why a workload was looked at and left as it is. */
export const keepReasons = ['right-sized', 'not-gpu', 'ignored'] as const;
export type KeepReason = (typeof keepReasons)[number];

/** Why nothing can be said of a workload; each member has a heading in docs/recommendations.md. */
export const noVerdictReasons = [
  'no-metrics',
  'too-little-history',
  'signals-disagree',
  'gaps-in-metrics',
  'gpu-shared',
  'no-cost',
] as const;
export type NoVerdictReason = (typeof noVerdictReasons)[number];

/** Why a change that would help is not proposed now. */
export const heldBackReasons = [
  'protected',
  'saving-too-small',
  'not-editable',
  'open-proposal-limit',
  'policy-notify-only',
] as const;
export type HeldBackReason = (typeof heldBackReasons)[number];

export interface HeldBack {
  readonly workload: Workload;
  readonly change: string;
  readonly reason: HeldBackReason;
  readonly detail: string;
  readonly savingPerMonth: Money | undefined;
}

export type Verdict =
  | { readonly kind: 'propose'; readonly workload: WorkloadId; readonly proposals: readonly Proposal[] }
  | { readonly kind: 'keep'; readonly workload: WorkloadId; readonly reason: KeepReason; readonly detail: string }
  | {
      readonly kind: 'no-verdict';
      readonly workload: WorkloadId;
      readonly reason: NoVerdictReason;
      readonly detail: string;
    };

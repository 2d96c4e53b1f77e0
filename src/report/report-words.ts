import {
  type HeldBackReason,
  type KeepReason,
  type Money,
  type NoVerdictReason,
  type Problem,
  type Proposal,
  type WorkloadKey,
  formatMoney,
  formatPlace,
} from '../domain/index.ts';
import type { PublicationStatus } from '../pullrequest/index.ts';

/** `replicas 6 → 3`, and how many more fields go with it. */
export function changeWords(proposal: Proposal): string {
  const [first, ...others] = proposal.changes;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${first.lever} ${String(first.from)} → ${String(first.to)}${more}`;
}

/** `apps/clip.yaml:12` of the first change. */
export function placeWords(proposal: Proposal): string {
  const [{ field }] = proposal.changes;
  return `${field.path}:${field.line}`;
}

/** `1 proposal`, `2 proposals` */
export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `inference/clip-server` */
export function workloadWords(workload: WorkloadKey): string {
  return `${workload.namespace}/${workload.name}`;
}

/** The amount, or `unknown`. */
export function moneyWords(amount: Money | undefined): string {
  return amount === undefined ? 'unknown' : formatMoney(amount);
}

/** Said where a problem has no place. */
export const wholeScanWords = 'the whole scan';

/** Where a problem stands, without the colon behind it. */
export function problemPlaceWords(problem: Problem): string {
  return formatPlace(problem.place).replace(/: $/, '');
}

/**
 * How a proposal stands. What this run did about it is left out: a second run over the same input does nothing, and its
 * pages are to have the same bytes.
 */
export const statusWords = {
  created: 'open',
  unchanged: 'open',
  updated: 'open',
  edited: 'edited by a person',
  'no-change': 'already done',
  refused: 'cannot be edited',
  'dry-run': 'dry run',
} as const satisfies Record<PublicationStatus, string>;

export const heldBackWords = {
  protected: 'protected',
  'saving-too-small': 'saving too small',
  'not-editable': 'cannot be edited',
  'open-proposal-limit': 'too many open proposals',
  'policy-notify-only': 'policy only notifies',
} as const satisfies Record<HeldBackReason, string>;

export const noVerdictWords = {
  'no-metrics': 'no metrics',
  'too-little-history': 'too little history',
  'signals-disagree': 'signals disagree',
  'gaps-in-metrics': 'gaps in metrics',
  'gpu-shared': 'GPU shared with other pods',
  'no-cost': 'no cost',
} as const satisfies Record<NoVerdictReason, string>;

export const keepWords = {
  'right-sized': 'right-sized',
  'not-gpu': 'uses no GPU',
  ignored: "ignored by the repository's configuration",
} as const satisfies Record<KeepReason, string>;

import {
  compareMoney,
  type DecidingField,
  type Lever,
  type LeverValue,
  money,
  moneyToNumber,
  type HeldBack,
  type LeverChange,
  type PolicyVerdict,
  type Proposal,
  type Workload,
} from '../domain/index.ts';
import type { AnomalyScore } from '../domain/index.ts';
import type { Draft } from './draft.ts';
import { fingerprint } from './fingerprint.ts';
import type { GuardSettings } from './settings.ts';

export type Guarded =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'held-back'; readonly heldBack: HeldBack };

/** Turns a draft into a proposal, or says which guard holds it back. Nothing is dropped silently. */
export function guard(
  draft: Draft,
  context: {
    readonly guards: GuardSettings;
    readonly verdicts: readonly PolicyVerdict[];
    readonly anomaly: AnomalyScore | undefined;
  },
): Guarded {
  const holdBack = (reason: HeldBack['reason'], detail: string): Guarded => ({
    kind: 'held-back',
    heldBack: { workload: draft.workload, change: draft.change, reason, detail, savingPerMonth: draft.saving.likely },
  });
  const mark = protectionMark(draft.workload, context.guards);
  if (mark !== undefined) return holdBack('protected', `it carries ${mark}`);
  const likely = moneyToNumber(draft.saving.likely);
  if (likely >= 0 && likely < context.guards.minimumMonthlySavingUsd) {
    return holdBack('saving-too-small', `less than the minimum of ${context.guards.minimumMonthlySavingUsd} a month`);
  }
  const { lever } = draft;
  if (lever === undefined)
    return holdBack('not-editable', `field-absent: no field of the ${draft.workload.kind} sets it`);
  if (lever.field.kind === 'not-editable') {
    return holdBack('not-editable', `${lever.field.reason}: ${lever.field.detail}`);
  }
  if (lever.current === undefined)
    return holdBack('not-editable', 'field-absent: the manifest leaves it to the default');
  const limit = limitOf(lever, draft.to);
  if (limit !== undefined) return holdBack('not-editable', limit);
  const { current } = lever;
  const change = (field: DecidingField): LeverChange => ({ lever: lever.kind, from: current, to: draft.to, field });
  const { field, companions = [] } = lever.field;
  return { kind: 'proposal', proposal: toProposal(draft, [change(field), ...companions.map(change)], context) };
}

function toProposal(
  draft: Draft,
  changes: Proposal['changes'],
  context: { readonly verdicts: readonly PolicyVerdict[]; readonly anomaly: AnomalyScore | undefined },
): Proposal {
  const { workload, action, saving, risk, confidenceRatio, findings, evidence, alternatives } = draft;
  return {
    fingerprint: fingerprint(changes, context.verdicts),
    workload,
    action,
    changes,
    reason: draft.limitedBy === undefined ? draft.reason : `${draft.reason} (${draft.limitedBy})`,
    saving,
    risk,
    confidenceRatio,
    findings,
    evidence,
    alternatives,
    policyVerdicts: context.verdicts,
    anomaly: context.anomaly,
  };
}

/** Why a value would have no effect; undefined when the controller takes it as it is. */
function limitOf({ kind, range }: Lever, to: LeverValue): string | undefined {
  if (range === undefined || typeof to !== 'number') return undefined;
  if (to < range.least)
    return `out of range: the controller never runs fewer than ${range.least}, whatever ${kind} says`;
  if (range.most === undefined || to <= range.most) return undefined;
  return `out of range: the controller never runs more than ${range.most}, whatever ${kind} says`;
}

function protectionMark(workload: Workload, guards: GuardSettings): string | undefined {
  const marks = Object.entries(guards.protectedLabels);
  const mark = marks.find(([key, value]) => workload.labels[key] === value || workload.annotations[key] === value);
  return mark === undefined ? undefined : `${mark[0]}: ${mark[1]}`;
}

/**
 * Orders proposals by likely monthly saving, largest first, ties by workload; those past the limit are held back.
 * Proposals that add cost come last, but never fall to the limit: a saturated service is not a matter of budget.
 */
export function rank(
  proposals: readonly Proposal[],
  guards: GuardSettings,
): { readonly proposals: readonly Proposal[]; readonly heldBack: readonly HeldBack[] } {
  const sorted = proposals.toSorted(
    (left, right) =>
      compareMoney(right.saving.likely, left.saving.likely) || (left.workload.id < right.workload.id ? -1 : 1),
  );
  const open: Proposal[] = [];
  const heldBack: HeldBack[] = [];
  for (const proposal of sorted) {
    const zero = money(0n, proposal.saving.likely.currency);
    const addsCost = compareMoney(proposal.saving.likely, zero) < 0;
    if (addsCost || open.length < guards.openProposalsMax) {
      open.push(proposal);
      continue;
    }
    const [change] = proposal.changes;
    heldBack.push({
      workload: proposal.workload,
      change: `${change.lever} ${change.from} → ${change.to}`,
      reason: 'open-proposal-limit',
      detail: `${guards.openProposalsMax} proposals with larger savings are open`,
      savingPerMonth: proposal.saving.likely,
    });
  }
  return { proposals: open, heldBack };
}

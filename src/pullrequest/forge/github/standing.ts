import {
  type Decision,
  type EpochMs,
  type LeverKind,
  type LeverValue,
  type Proposal,
  dayMs,
} from '../../../domain/index.ts';
import { branchName, workloadSlug } from '../../slug.ts';
import type { OwnPull } from './own-pulls.ts';

/** What people's words so far allow for one proposal. */
export type Standing =
  /** `pull` is its open pull request; undefined when one may be opened. */
  | { readonly kind: 'free'; readonly pull: OwnPull | undefined; readonly values: readonly SetValue[] }
  /** The pull request stays as it is, if there is one. */
  | { readonly kind: 'held'; readonly pull: OwnPull | undefined; readonly detail: string }
  | { readonly kind: 'paused'; readonly pull: OwnPull | undefined; readonly detail: string }
  /** Nothing is to be open; `pull` is what is to be closed. */
  | {
      readonly kind: 'snoozed' | 'ignored' | 'declined';
      readonly pull: OwnPull | undefined;
      readonly detail: string;
    };

export interface SetValue {
  readonly lever: LeverKind;
  readonly value: LeverValue;
}

/** A saving that differs by more than this share of the declined one is another offer. */
const materialRatioPercent = 25n;

/**
 * Reads what people decided from all pull requests of the App. A pull request that a person closed declines its change:
 * nothing like it is opened again until the change is another one and its saving differs by more than a quarter.
 */
export function standingOf(proposal: Proposal, pulls: readonly OwnPull[], now: EpochMs): Standing {
  const slug = workloadSlug(proposal.workload);
  const branch = branchName(proposal.workload, proposal.action);
  const same = pulls.filter((pull) => pull.branch === branch);
  const pull = same.find(({ status }) => status === 'open');
  const ofWorkload = decisionsOf(pulls.filter(({ state }) => state.workload === slug));
  const decisions = decisionsOf(same);
  const paused = lastOf(ofWorkload, ['pause', 'resume']);
  if (paused?.kind === 'pause') return { kind: 'paused', pull, detail: `paused by ${paused.by}` };
  const held = pull === undefined ? undefined : lastOf(pull.decisions, ['hold', 'unhold']);
  if (held?.kind === 'hold') return { kind: 'held', pull, detail: `held by ${held.by}` };
  const silence = lastOf(decisions, ['snooze', 'ignore', 'unignore']);
  if (silence?.kind === 'snooze' && silence.until > now) {
    return { kind: 'snoozed', pull, detail: `snoozed by ${silence.by} until ${new Date(silence.until).toISOString()}` };
  }
  if (silence?.kind === 'ignore' && isIgnored(silence, { same, proposal, now })) {
    return { kind: 'ignored', pull, detail: `ignored by ${silence.by}` };
  }
  const declined = pull === undefined ? same.find((one) => declines(one, { proposal, silence, now })) : undefined;
  if (declined !== undefined) {
    const how = declined.status === 'merged' ? 'was merged, and the change is gone again' : 'was closed';
    return { kind: 'declined', pull: undefined, detail: `pull request ${declined.number} for it ${how}` };
  }
  return { kind: 'free', pull, values: setValues(decisions) };
}

interface Question {
  readonly proposal: Proposal;
  readonly now: EpochMs;
}

/** With a time, until then; without one, as long as the offer is the one that was ignored. */
function isIgnored(
  { until, at }: Extract<Decision, { kind: 'ignore' }>,
  { same, proposal, now }: Question & { readonly same: readonly OwnPull[] },
): boolean {
  if (until !== undefined) return until > now;
  const ignored = same.filter(({ decisions }) => decisions.some((one) => one.kind === 'ignore' && one.at === at));
  return ignored.some((one) => isLike(one, proposal));
}

/** Whether a closed pull request stands against a proposal. */
function declines(
  pull: OwnPull,
  { proposal, silence, now }: Question & { readonly silence: Decision | undefined },
): boolean {
  if (pull.status === 'merged') return pull.state.fingerprint === proposal.fingerprint && !isOlder(pull, silence);
  if (pull.status !== 'closed' || pull.state.closed !== undefined || isOlder(pull, silence)) return false;
  // Whoever closes it and names a day wants to hear of it after that day.
  const named = pull.decisions.findLast(({ kind }) => kind === 'snooze' || kind === 'ignore');
  if (named !== undefined && 'until' in named && named.until !== undefined && named.until <= now) return false;
  return isLike(pull, proposal);
}

/** Whether `unignore` was said after a pull request was closed. */
function isOlder({ closedAt }: OwnPull, silence: Decision | undefined): boolean {
  return silence?.kind === 'unignore' && closedAt !== undefined && silence.at >= closedAt;
}

function isLike({ state }: OwnPull, { fingerprint, saving }: Proposal): boolean {
  if (state.fingerprint === fingerprint || state.savingMicros === undefined) return true;
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  const difference = size(saving.likely.micros - state.savingMicros);
  return difference * 100n <= size(state.savingMicros) * materialRatioPercent;
}

function setValues(decisions: readonly Decision[]): readonly SetValue[] {
  const values = new Map<LeverKind, LeverValue>();
  for (const decision of decisions) if (decision.kind === 'set') values.set(decision.lever, decision.value);
  return [...values].map(([lever, value]) => ({ lever, value }));
}

function decisionsOf(pulls: readonly OwnPull[]): readonly Decision[] {
  return pulls.flatMap(({ decisions }) => decisions).toSorted((left, right) => left.at - right.at);
}

function lastOf(decisions: readonly Decision[], kinds: readonly Decision['kind'][]): Decision | undefined {
  return decisions.findLast(({ kind }) => kinds.includes(kind));
}

/** Whether nobody cared for an open pull request for 14 days: opened, and last decided on, before. */
export function isForgotten(pull: OwnPull, now: EpochMs): boolean {
  const lastTouched = Math.max(pull.createdAt, ...pull.decisions.map(({ at }) => at));
  return now - lastTouched > 14 * dayMs;
}

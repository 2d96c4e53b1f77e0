import { type EpochMs, type Proposal, dayMs, moneyToNumber } from '../../../domain/index.ts';
import { isCost } from '../../figures.ts';
import type { OwnPull } from './own-pulls.ts';
import { isForgotten } from './standing.ts';

export interface PullLimits {
  readonly openPullRequestsMax: number;
  readonly newPullRequestsPerDayMax: number;
}

/** Largest expected saving first; equal ones in the order of their fingerprints. */
export function rank<Item extends { readonly proposal: Proposal }>(items: readonly Item[]): readonly Item[] {
  const worth = ({ proposal }: Item): number => moneyToNumber(proposal.saving.likely) * proposal.confidenceRatio;
  return items.toSorted(
    (left, right) => worth(right) - worth(left) || (left.proposal.fingerprint < right.proposal.fingerprint ? -1 : 1),
  );
}

/** How many more pull requests may be opened. One that adds cost answers a need and takes no place. */
export class PullQuota {
  readonly #limits: PullLimits;
  readonly #open: Set<number>;
  #openedToday: number;
  #added = 0;

  constructor(limits: PullLimits, pulls: readonly OwnPull[], now: EpochMs) {
    const open = pulls.filter((pull) => pull.status === 'open' && !isForgotten(pull, now));
    this.#limits = limits;
    this.#open = new Set(open.filter(({ state }) => (state.savingMicros ?? 0n) >= 0n).map(({ number }) => number));
    this.#openedToday = pulls.filter(({ createdAt }) => now - createdAt < dayMs).length;
  }

  /** A pull request was closed: its place is free. */
  release(number: number): void {
    this.#open.delete(number);
  }

  /** Takes a place, or says why there is none. */
  take(proposal: Proposal): { readonly kind: 'taken' } | { readonly kind: 'full'; readonly detail: string } {
    const { openPullRequestsMax, newPullRequestsPerDayMax } = this.#limits;
    const takesPlace = !isCost(proposal.saving.likely);
    if (takesPlace && this.#open.size + this.#added >= openPullRequestsMax) {
      return { kind: 'full', detail: `${openPullRequestsMax} pull requests are open` };
    }
    if (this.#openedToday >= newPullRequestsPerDayMax) {
      return { kind: 'full', detail: `${newPullRequestsPerDayMax} pull requests were opened within a day` };
    }
    if (takesPlace) this.#added += 1;
    this.#openedToday += 1;
    return { kind: 'taken' };
  }
}

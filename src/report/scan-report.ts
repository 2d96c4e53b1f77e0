import {
  type Coverage,
  type CurrencyCode,
  type EpochMs,
  type HeldBack,
  type Money,
  type Problem,
  type Proposal,
  type Verdict,
  type WorkloadId,
  type WorkloadKey,
  addMoney,
  money,
} from '../domain/index.ts';
import type { DailyChart, Publication, RenderedPullRequest } from '../pullrequest/index.ts';

/** Everything one scan found and did, as plain data: the input of the pages, the terminal table and the JSON. */
export interface ScanReport {
  readonly asOf: EpochMs;
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
  readonly repository: { readonly name: string; readonly branch: string; readonly commit: string };
  /** The tfjs backend that scored, and why this one. */
  readonly backend: { readonly name: string; readonly device: string; readonly reason: string };
  /** Undefined when nothing was scored. */
  readonly model: { readonly name: string; readonly digest: string } | undefined;
  readonly dataDigest: string;
  readonly coverage: Coverage;
  readonly workloadsSeen: number;
  /** Ranked: the first is worth most. */
  readonly proposals: readonly ReportedProposal[];
  /** Branches removed because nobody proposes them any more. */
  readonly closedBranches: readonly string[];
  /** Branches that nobody proposes any more, and that hold a person's commits. */
  readonly leftAloneBranches: readonly string[];
  readonly heldBack: readonly HeldBack[];
  readonly verdicts: readonly Exclude<Verdict, { readonly kind: 'propose' }>[];
  readonly problems: readonly Problem[];
  readonly costPerDay: CostPerDay;
  /** Where the branches are; undefined when nothing was published. */
  readonly forgeDirectory: string | undefined;
}

export interface ReportedProposal {
  readonly proposal: Proposal;
  readonly pullRequest: RenderedPullRequest;
  readonly charts: readonly DailyChart[];
  readonly publication: Publication;
}

/** Effective cost a day, split so that the parts add up to the bill; `perDay` has one amount for each of `days`. */
export interface CostPerDay {
  readonly currency: CurrencyCode;
  readonly days: readonly EpochMs[];
  readonly series: readonly {
    readonly label: string;
    /** `named` is a workload or a cluster; `rest` is all smaller ones together. */
    readonly kind: 'named' | 'rest' | 'idle' | 'unattributed';
    readonly perDay: readonly Money[];
  }[];
}

/** Likely savings per month, added up by what becomes of the money; proposals that cost more are apart. */
export interface SavingTotals {
  readonly cash: Money;
  readonly freed: Money;
  readonly noneYet: Money;
  readonly addedCost: Money;
}

export function savingTotals(report: Pick<ScanReport, 'proposals' | 'coverage'>): SavingTotals {
  const { currency } = report.coverage.effectiveTotal;
  const sum = (isIn: (proposal: Proposal) => boolean): Money =>
    report.proposals
      .filter(({ proposal }) => isIn(proposal))
      .reduce((total, { proposal }) => addMoney(total, proposal.saving.likely), money(0n, currency));
  const saves = (kind: Proposal['saving']['kind']) => (proposal: Proposal) =>
    proposal.saving.likely.micros >= 0n && proposal.saving.kind === kind;
  const added = sum((proposal) => proposal.saving.likely.micros < 0n);
  return {
    cash: sum(saves('cash')),
    freed: sum(saves('freed')),
    noneYet: sum(saves('none-yet')),
    addedCost: money(-added.micros, added.currency),
  };
}

/** Part of a whole, 0..1; undefined when there is no whole. */
export function shareRatio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

/** A workload's names from its id. */
export function workloadKeyOf(id: WorkloadId): WorkloadKey {
  const [cluster = '', namespace = '', kind = '', name = ''] = id.split('/').map(decodeURIComponent);
  return { cluster, namespace, kind, name };
}

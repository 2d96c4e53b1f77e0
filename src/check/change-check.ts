import type { Catalogue } from '../catalogue/index.ts';
import type {
  CapacityPool,
  CostActionType,
  CostPolicy,
  CostSeries,
  CurrencyCode,
  EpochMs,
  Evidence,
  LeverValue,
  Money,
  SourcePlace,
  UsageSeries,
  Workload,
  WorkloadId,
  WorkloadKey,
} from '../domain/index.ts';

/** What a commit declares, as far as a check looks at it. */
export interface Declared {
  readonly workloads: readonly Workload[];
  readonly capacity: readonly CapacityPool[];
}

/** What an hour of a machine type cost on the bill, in the currency of the check. */
export interface MachinePrice {
  readonly cluster: string;
  readonly instanceType: string;
  readonly regionId: string | undefined;
  readonly effectivePerHour: Money;
  readonly hours: number;
}

/** What is known of the past. A check for outsiders gets none of it. */
export interface CheckHistory {
  /** As they were declared while the history was made: those of the branch that the change is for. */
  readonly workloads: readonly Workload[];
  readonly usage: ReadonlyMap<WorkloadId, UsageSeries>;
  readonly cost: ReadonlyMap<WorkloadId, CostSeries>;
  readonly machinePrices: readonly MachinePrice[];
}

/** What the owners of a repository ask of checks; read from the base branch, never from the change. */
export interface CheckSettings {
  /** A change of fewer USD a month is not spoken of. */
  readonly minimumMonthlyUsd: number;
  /** Nor is one of fewer per cent of what the changed workloads cost before. */
  readonly minimumPercent: number;
  /** From so many USD a month on, the owners of the budget are asked for a review; undefined: never. */
  readonly reviewAboveMonthlyUsd: number | undefined;
  /** Logins, and teams as `organisation/team`. */
  readonly budgetOwners: readonly string[];
}

/** All that a check is made from; nothing else is read. */
export interface CheckInput {
  readonly base: Declared;
  readonly head: Declared;
  readonly history: CheckHistory;
  readonly catalogue: Catalogue;
  readonly policies: readonly CostPolicy[];
  readonly settings: CheckSettings;
  readonly currency: CurrencyCode;
  /** GPU busy ratio that autoscalers are taken to aim at, 0..1. */
  readonly targetUtilRatio: number;
  /** Whose list prices count where the bill does not name the region of a cluster, by provider; none where it is left out. */
  readonly listRegions?: Readonly<Record<string, string>>;
  readonly asOf: EpochMs;
}

/** Per month of 730 hours. */
export interface MonthlyCost {
  readonly low: Money;
  readonly likely: Money;
  readonly high: Money;
}

export type CostEstimate =
  | { readonly kind: 'known'; readonly monthly: MonthlyCost; readonly evidence: readonly Evidence[] }
  /** Never the same as free. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** A field that says how much runs, before and after; undefined where it is not written or not there. */
export interface FieldChange {
  readonly field: string;
  readonly from: LeverValue | undefined;
  readonly to: LeverValue | undefined;
  /** The line of the new value. */
  readonly place: SourcePlace | undefined;
}

/** An existing workload that a new one is likened to. */
export interface SimilarWorkload {
  readonly workload: Workload;
  /** 0..1 */
  readonly similarityRatio: number;
  /** What they have in common, for people. */
  readonly shared: readonly string[];
}

/** What a CostPolicy allows one workload, and what the change makes of it; USD a month. */
export interface BudgetCheck {
  readonly policy: CostPolicy;
  readonly outcome: 'within' | 'exceeds' | 'unknown';
  /** Whether it was exceeded without the change as well. */
  readonly wasExceeded: boolean;
  /** What the workload cost since the first of the month. */
  readonly monthToDate: Money | undefined;
  /** What is left of the monthly threshold after the change; negative when it is exceeded. */
  readonly left: Money | undefined;
  readonly summary: string;
}

/** What is known of the room for a workload's GPUs. */
export interface CapacityCheck {
  readonly pool: CapacityPool;
  readonly limitGpus: number;
  /** What all workloads for the pool's machines ask for at most, after the change. */
  readonly askedGpus: number;
  readonly outcome: 'fits' | 'exceeds';
  readonly summary: string;
}

export interface WorkloadChange {
  readonly workload: WorkloadKey & { readonly id: WorkloadId };
  readonly kind: 'added' | 'removed' | 'changed';
  readonly fields: readonly FieldChange[];
  /** The line that a remark is for; of a removed workload, where it was. */
  readonly place: SourcePlace;
  readonly before: CostEstimate;
  readonly after: CostEstimate;
  /** After less before; undefined when either is not known. */
  readonly delta: MonthlyCost | undefined;
  /** Of a workload without a history of its own, the most similar first. */
  readonly similar: readonly SimilarWorkload[];
  readonly budgets: readonly BudgetCheck[];
  readonly capacity: readonly CapacityCheck[];
}

/** As GitHub names them. */
export type CheckConclusion = 'success' | 'neutral' | 'action_required' | 'failure';

export interface ChangeCheck {
  readonly asOf: EpochMs;
  readonly currency: CurrencyCode;
  /** Dearest first, then by id; only workloads of which something that costs is changed. */
  readonly changes: readonly WorkloadChange[];
  /** Sum of the known deltas. */
  readonly delta: MonthlyCost;
  /** Likely cost of the changed workloads before, as far as known. */
  readonly before: Money;
  /** Workloads whose delta is not known. */
  readonly unknown: number;
  /** Whether it is too small to speak of. */
  readonly isSilent: boolean;
  readonly conclusion: CheckConclusion;
  /** Why the conclusion is no success, one sentence each without a full stop. */
  readonly reasons: readonly string[];
  /** Owners of the budget to ask for a review. */
  readonly reviewers: readonly string[];
}

/** What a policy's action means for a change that exceeds it. */
export const conclusionOfAction: Readonly<Record<CostActionType, CheckConclusion>> = {
  notify: 'neutral',
  review: 'action_required',
  throttle: 'failure',
  scaleDown: 'failure',
  rightSize: 'failure',
  pause: 'failure',
};

import type { Catalogue } from '../catalogue/index.ts';
import {
  moneyToNumber,
  type AnomalyScore,
  type CostSeries,
  type EpochMs,
  type HeldBack,
  type Proposal,
  type UsageSeries,
  type Verdict,
  type Workload,
  type WorkloadId,
} from '../domain/index.ts';
import { respondToBudget, type BudgetJudgement } from './budget.ts';
import { billedThrough, costRate } from './cost-rate.ts';
import type { Draft } from './draft.ts';
import { guard, rank } from './guards.ts';
import { findIdle } from './idle.ts';
import { findWrongInstanceType } from './instance-type.ts';
import { findOverProvisioning } from './replicas.ts';
import { findSaturation } from './saturation.ts';
import type { FleetNode } from './saving.ts';
import type { GuardSettings, RecommendSettings } from './settings.ts';
import { checkSignals } from './signal-health.ts';
import type { NodeUnitPrice, Subject } from './subject.ts';
import { trailingHours } from './usage-window.ts';

/** All that recommendations are made from; nothing else is read. */
export interface RecommendInput {
  readonly workloads: readonly Workload[];
  readonly usage: ReadonlyMap<WorkloadId, UsageSeries>;
  readonly cost: ReadonlyMap<WorkloadId, CostSeries>;
  readonly anomalies: ReadonlyMap<WorkloadId, AnomalyScore>;
  readonly judgements: readonly BudgetJudgement[];
  readonly nodes: readonly FleetNode[];
  readonly unitPrices: readonly NodeUnitPrice[];
  readonly catalogue: Catalogue;
  readonly asOf: EpochMs;
  readonly settings: RecommendSettings;
  readonly guards: GuardSettings;
}

export interface Recommendation {
  /** Ranked by likely monthly saving. */
  readonly proposals: readonly Proposal[];
  readonly heldBack: readonly HeldBack[];
  /** One for each workload, in the order of the workloads. */
  readonly verdicts: readonly Verdict[];
}

/** Decides, for each workload by itself, what to propose, what to hold back, and why nothing is said of the rest. */
export function recommend(input: RecommendInput): Recommendation {
  const outcomes = input.workloads.map((workload) => decide(workload, input));
  const ranked = rank(
    outcomes.flatMap((outcome) => outcome.proposals),
    input.guards,
  );
  const open = new Set(ranked.proposals);
  const verdicts = outcomes.map((outcome): Verdict => {
    const proposals = outcome.proposals.filter((proposal) => open.has(proposal));
    return proposals.length > 0 ? { kind: 'propose', workload: outcome.workload.id, proposals } : outcome.otherwise;
  });
  return {
    proposals: ranked.proposals,
    heldBack: [...outcomes.flatMap((outcome) => outcome.heldBack), ...ranked.heldBack],
    verdicts,
  };
}

interface Outcome {
  readonly workload: Workload;
  readonly proposals: readonly Proposal[];
  readonly heldBack: readonly HeldBack[];
  /** The verdict when no proposal stays open. */
  readonly otherwise: Verdict;
}

function decide(workload: Workload, input: RecommendInput): Outcome {
  const usage = input.usage.get(workload.id);
  if (workload.gpu.kind === 'none' && usage === undefined) {
    return quiet(workload, { kind: 'keep', workload: workload.id, reason: 'not-gpu', detail: 'it asks for no GPU' });
  }
  const isAlwaysOn = workload.replicas !== undefined;
  const health = checkSignals({
    usage,
    isAlwaysOn,
    expectedGpuCount: expectedGpuCount(workload),
    asOf: input.asOf,
    settings: input.settings,
  });
  if (health.kind === 'unbelievable' || usage === undefined) {
    const reason =
      health.kind === 'unbelievable' ? health : { reason: 'no-metrics' as const, detail: 'no GPU sample of it' };
    return quiet(workload, { kind: 'no-verdict', workload: workload.id, reason: reason.reason, detail: reason.detail });
  }
  const rate = costRate(input.cost.get(workload.id), billedThrough(input.cost, input.asOf));
  if (rate === undefined) {
    const detail = 'no cost was attributed to it in the last 7 days; see the coverage';
    return quiet(workload, { kind: 'no-verdict', workload: workload.id, reason: 'no-cost', detail });
  }
  const subject: Subject = {
    workload,
    usage,
    rate,
    hours: trailingHours(usage, input.asOf, input.settings.lookbackDays),
    recent: trailingHours(usage, input.asOf, input.settings.idleDays),
    cost: input.cost.get(workload.id),
    anomaly: input.anomalies.get(workload.id),
    corroboratedRatio: health.corroboratedRatio,
    isProduction: isProduction(workload, input.settings),
    nodes: input.nodes,
    unitPrices: input.unitPrices,
    catalogue: input.catalogue,
    asOf: input.asOf,
    settings: input.settings,
    guards: input.guards,
  };
  return decideBelievable(subject, input);
}

/** Whole GPUs of a workload whose replicas only its manifest sets. */
function expectedGpuCount({ gpu, replicas, autoscaler }: Workload): number | undefined {
  if (gpu.kind !== 'devices' || replicas === undefined || autoscaler !== undefined) return undefined;
  return gpu.resourceName === 'nvidia.com/gpu' || gpu.resourceName === 'gpu.nvidia.com'
    ? replicas * gpu.perReplica
    : undefined;
}

function quiet(workload: Workload, otherwise: Verdict): Outcome {
  return { workload, proposals: [], heldBack: [], otherwise };
}

function decideBelievable(subject: Subject, input: RecommendInput): Outcome {
  const { workload } = subject;
  const judgements = input.judgements.filter((judgement) => judgement.workload === workload.id);
  const exceeded = judgements.filter((judgement) => judgement.verdict.outcome === 'exceeded');
  const sized =
    findIdle(subject) ??
    findSaturation(subject) ??
    larger(findOverProvisioning(subject), findWrongInstanceType(subject));
  const heldBack: HeldBack[] = [];
  let draft = sized;
  if (sized === undefined || moneyToNumber(sized.saving.likely) < 0) {
    for (const judgement of exceeded) {
      const response = respondToBudget(subject, judgement);
      if (response.kind === 'change') {
        draft = response.draft;
        break;
      }
      heldBack.push({
        workload,
        change: 'none',
        reason: 'policy-notify-only',
        detail: response.detail,
        savingPerMonth: undefined,
      });
    }
  }
  const otherwise: Verdict = {
    kind: 'keep',
    workload: workload.id,
    reason: 'right-sized',
    detail: keepDetail(heldBack),
  };
  if (draft === undefined) return { workload, proposals: [], heldBack, otherwise };
  const guarded = guard(draft, {
    guards: input.guards,
    verdicts: judgements.map((judgement) => judgement.verdict),
    anomaly: subject.anomaly,
  });
  if (guarded.kind === 'proposal') return { workload, proposals: [guarded.proposal], heldBack, otherwise };
  const detail = `a change is held back: ${guarded.heldBack.reason}`;
  return { workload, proposals: [], heldBack: [...heldBack, guarded.heldBack], otherwise: { ...otherwise, detail } };
}

function keepDetail(heldBack: readonly HeldBack[]): string {
  return heldBack.length === 0 ? 'its use fits what it asks for' : 'a policy asks people to look at it';
}

/** The draft that saves more; the other one is listed as an alternative. */
function larger(left: Draft | undefined, right: Draft | undefined): Draft | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const [best, other] = right.saving.likely.micros > left.saving.likely.micros ? [right, left] : [left, right];
  const alternative = {
    change: other.change,
    savingPerMonth: other.saving.likely,
    whyNot: 'it saves less; after this change is merged, the next scan looks at it again',
  };
  return { ...best, alternatives: [alternative, ...best.alternatives] };
}

function isProduction(workload: Workload, settings: RecommendSettings): boolean {
  const selector = Object.entries(settings.productionSelector);
  return selector.length > 0 && selector.every(([key, value]) => workload.labels[key] === value);
}

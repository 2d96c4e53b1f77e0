import {
  addMoney,
  findLever,
  formatMoney,
  negateMoney,
  type CostSeries,
  type Lever,
  type LeverKind,
  type LeverValue,
  type Money,
  type Proposal,
  type UsageSeries,
  type Workload,
  type WorkloadId,
} from '../domain/index.ts';
import { recommend, type GuardSettings, type RecommendInput, type RecommendSettings } from '../recommend/index.ts';
import type { ChangeCheck, CheckInput } from './change-check.ts';
import type { CheaperOption } from './check-report.ts';
import { estimateCost } from './estimate.ts';
import { narrowerPods } from './narrower-pods.ts';
import { runningHistory } from './history.ts';
import { similarWorkloads } from './similar-workloads.ts';
import { suggestLine, type HeadFiles } from './suggest-line.ts';

/** Less alike than this, another workload's use says too little for advice. */
const likenedMin = 0.75;

/** What recommendations need besides what a check has. */
export interface AdviceInput {
  readonly check: CheckInput;
  readonly unitPrices: RecommendInput['unitPrices'];
  readonly nodes: RecommendInput['nodes'];
  readonly settings: RecommendSettings;
  readonly guards: GuardSettings;
  readonly files: HeadFiles;
}

/**
 * Cheaper ways to run what a change adds or changes: what a scan would propose for it at once, by its own history or, for
 * another machine, by that of a workload much like it.
 */
export async function cheaperOptions(check: ChangeCheck, input: AdviceInput): Promise<readonly CheaperOption[]> {
  const changed = new Set(check.changes.filter(({ kind }) => kind !== 'removed').map(({ workload }) => workload.id));
  const options: CheaperOption[] = [];
  for (const workload of input.check.head.workloads.filter(({ id }) => changed.has(id))) {
    const past = pastOf(workload, input.check);
    if (past === undefined) continue;
    const proposals = proposalsFor(workload, past, input).filter(
      ({ action }) => past.likened === undefined || action === 'change-instance-type',
    );
    for (const proposal of proposals) options.push(...(await optionOf({ workload, proposal, past }, input)));
    options.push(...narrowerPods(workload, past, input.settings.targetUtilRatio));
  }
  return withoutRepeats(options);
}

/** The use and cost that a workload is judged by. */
export interface Past {
  readonly usage: UsageSeries;
  readonly cost: CostSeries | undefined;
  /** As it was declared, whose past it is. */
  readonly workload: Workload;
  /** Whose past it is, and how much alike they are, where it is not the workload's own. */
  readonly likened: string | undefined;
}

function pastOf(workload: Workload, { history, asOf }: CheckInput): Past | undefined {
  const own = runningHistory(history, workload.id, asOf);
  const usage = history.usage.get(workload.id);
  if (own !== undefined && usage !== undefined) {
    return { usage, cost: history.cost.get(workload.id), workload: own.workload, likened: undefined };
  }
  const [nearest] = similarWorkloads(workload, history);
  const near = nearest === undefined ? undefined : history.usage.get(nearest.workload.id);
  if (nearest === undefined || near === undefined || nearest.similarityRatio < likenedMin) return undefined;
  const { cluster, namespace, name, id } = nearest.workload;
  const likened = `${cluster}/${namespace}/${name}, ${(nearest.similarityRatio * 100).toFixed(0)} % like it`;
  return { usage: near, cost: history.cost.get(id), workload: nearest.workload, likened };
}

/**
 * The history is of so many replicas as there were: it is judged by these, and the lines to edit are the change's. On
 * another machine it says nothing of the old one.
 */
function asItRan(workload: Workload, past: Past): Workload {
  const isSameMachine = past.workload.instanceType === workload.instanceType;
  if (past.likened !== undefined || !isSameMachine || gpuText(past.workload) !== gpuText(workload)) return workload;
  const levers = past.workload.levers.flatMap((lever): readonly Lever[] => {
    const own = findLever(workload, lever.kind);
    return own === undefined ? [] : [{ ...lever, field: own.field }];
  });
  return { ...past.workload, levers };
}

function gpuText({ gpu }: Workload): string {
  return gpu.kind === 'none' ? '' : `${gpu.perReplica} ${gpu.resourceName}`;
}

function proposalsFor(workload: Workload, past: Past, input: AdviceInput): readonly Proposal[] {
  const { id } = workload;
  const usage: ReadonlyMap<WorkloadId, UsageSeries> = new Map([[id, { ...past.usage, workload: id }]]);
  const cost: ReadonlyMap<WorkloadId, CostSeries> = new Map(
    past.cost === undefined ? [] : [[id, { ...past.cost, workload: id }]],
  );
  return recommend({
    workloads: [asItRan(workload, past)],
    usage,
    cost,
    anomalies: new Map(),
    judgements: [],
    nodes: input.nodes,
    unitPrices: input.unitPrices,
    catalogue: input.check.catalogue,
    asOf: input.check.asOf,
    settings: input.settings,
    guards: input.guards,
  }).proposals.filter(({ saving }) => saving.likely.micros > 0n);
}

async function optionOf(
  { workload, proposal, past }: { readonly workload: Workload; readonly proposal: Proposal; readonly past: Past },
  input: AdviceInput,
): Promise<readonly CheaperOption[]> {
  const { changes } = proposal;
  const [change] = changes;
  const saving = savingOf(workload, change, input.check);
  if (saving !== undefined && saving.micros <= 0n) return [];
  const { id, cluster, namespace, kind, name } = workload;
  const from = findLever(workload, change.lever)?.current;
  const reason = past.likened === undefined ? proposal.reason : `by the history of ${past.likened}: ${proposal.reason}`;
  return [
    {
      workload: { id, cluster, namespace, kind, name },
      change: `${change.lever} ${from === undefined ? 'unset' : String(from)} → ${String(change.to)}`,
      reason: saving === undefined ? reason : `${reason}; it would cost ${formatMoney(saving)} a month less`,
      savingPerMonth: saving,
      suggestion: changes.length === 1 ? await suggestLine(change, input.files) : undefined,
    },
  ];
}

/** By the same reckoning as the check's own figures. */
function savingOf(
  workload: Workload,
  { lever, to }: { readonly lever: LeverKind; readonly to: LeverValue },
  input: CheckInput,
): Money | undefined {
  const now = estimateCost(workload, input);
  const then = estimateCost(withLever(workload, lever, to), input);
  if (now.kind === 'unknown' || then.kind === 'unknown') return undefined;
  return addMoney(now.monthly.likely, negateMoney(then.monthly.likely));
}

function withLever(workload: Workload, kind: LeverKind, to: LeverValue): Workload {
  const levers = workload.levers.map((lever) => (lever.kind === kind ? { ...lever, current: to } : lever));
  const counts = kind === 'replicas' || kind === 'minReplicas';
  return {
    ...workload,
    levers,
    ...(counts && typeof to === 'number' ? { replicas: to } : {}),
    ...(kind === 'instanceType' && typeof to === 'string' ? { instanceType: to } : {}),
  };
}

/** Several environments may share a line; one remark on it is enough. */
function withoutRepeats(options: readonly CheaperOption[]): readonly CheaperOption[] {
  const seen = new Set<string>();
  return options.map((option) => {
    if (option.suggestion === undefined) return option;
    const place = JSON.stringify([option.suggestion.path, option.suggestion.line]);
    if (seen.has(place)) return { ...option, suggestion: undefined };
    seen.add(place);
    return option;
  });
}

import { formatMoney, type Evidence, type Finding } from '../domain/index.ts';
import { findCostStep, type CostStep } from './cost-step.ts';
import { describeChange, gpusPerReplica, replicaLever, type Draft } from './draft.ts';
import { savingOfShare } from './saving.ts';
import { confidence, costSource, usageSource, type Subject } from './subject.ts';
import { busySignalName, demandGpus, quantile } from './usage-window.ts';

const demandQuantile = 0.99;

/** What the replicas' lever would have to be for demand to fit, before any guard. */
interface Need {
  readonly demandGpus: number;
  readonly perReplica: number;
  readonly current: number;
  readonly needed: number;
}

/**
 * Proposes fewer replicas when the 99th percentile hour of the look-back window would still keep the remaining GPUs
 * at or below the target. Run-to-completion kinds have no replicas here: changing their workers changes the result.
 */
export function findOverProvisioning(subject: Subject): Draft | undefined {
  const need = replicaNeed(subject);
  if (need === undefined) return undefined;
  const floor = subject.isProduction ? Math.min(need.current, subject.settings.productionMinReplicas) : 1;
  const wanted = Math.max(floor, need.needed);
  if (wanted >= need.current) return undefined;
  const smallestStep = Math.ceil(need.current * (1 - subject.guards.replicaReductionRatioMax));
  const to = Math.max(wanted, smallestStep);
  if (to >= need.current) return undefined;
  const limitedBy =
    to > wanted
      ? `${need.needed} would do; one proposal takes away at most half, so the next scan may go further`
      : undefined;
  return replicaDraft(subject, { need, to, costStep: findCostStep(subject), limitedBy });
}

/** The replicas that the demand of the look-back window asks for; undefined when the workload has no such lever. */
export function replicaNeed(subject: Subject): Need | undefined {
  const { workload, settings } = subject;
  const perReplica = gpusPerReplica(workload.gpu);
  const current = replicaLever(workload)?.current;
  const demand = quantile(demandGpus(subject.hours), demandQuantile);
  if (workload.replicas === undefined || perReplica === undefined || demand === undefined) return undefined;
  if (typeof current !== 'number' || current < 1) return undefined;
  const needed = Math.max(1, Math.ceil(demand / settings.targetUtilRatio / perReplica));
  return { demandGpus: demand, perReplica, current, needed };
}

function replicaDraft(
  subject: Subject,
  step: {
    readonly need: Need;
    readonly to: number;
    readonly costStep: CostStep | undefined;
    readonly limitedBy: string | undefined;
  },
): Draft {
  const { workload, settings, isProduction } = subject;
  const { need, to } = step;
  const lever = replicaLever(workload);
  const removed = need.current - to;
  const gpusKept = to * need.perReplica;
  const saving = savingOfShare({
    ...subject,
    cluster: workload.cluster,
    removedRatio: removed / need.current,
    releasedGpus: removed * need.perReplica,
  });
  const busyAfter = need.demandGpus / gpusKept;
  const evidence = [...demandEvidence(subject, need, busyAfter), ...(step.costStep?.evidence ?? [])];
  const demand = `its busiest hours (p99) need ${need.demandGpus.toFixed(1)} of ${need.current * need.perReplica} GPUs`;
  const reason = step.costStep === undefined ? demand : `${step.costStep.summary}, while ${demand}`;
  const waste: Finding = { workload: workload.id, kind: 'waste', severity: 'medium', summary: demand, evidence };
  const margin = (settings.targetUtilRatio - busyAfter) / settings.targetUtilRatio;
  return {
    workload,
    action: 'scale-down',
    lever,
    to,
    change: describeChange(lever?.kind ?? 'replicas', lever?.current, to),
    reason,
    saving,
    risk: isProduction && margin < 0.2 ? 'medium' : 'low',
    confidenceRatio: confidence(subject, 2 * margin),
    findings: step.costStep === undefined ? [waste] : [step.costStep.finding, waste],
    evidence,
    alternatives: alternativesTo(subject, need, to),
    limitedBy: step.limitedBy,
  };
}

function demandEvidence(subject: Subject, need: Need, busyAfter: number): readonly Evidence[] {
  const source = usageSource(subject, subject.hours);
  return [
    {
      label: `demand, p99 hour (${busySignalName(subject.hours)} × GPUs)`,
      value: `${need.demandGpus.toFixed(2)} GPUs`,
      source,
    },
    {
      label: 'busy at p99 after the change',
      value: `${(busyAfter * 100).toFixed(0)} % (target ${(subject.settings.targetUtilRatio * 100).toFixed(0)} %)`,
      source,
    },
    { label: 'cost now', value: `${formatMoney(subject.rate.perDay)} a day`, source: costSource(subject) },
  ];
}

function alternativesTo(subject: Subject, need: Need, to: number): Draft['alternatives'] {
  const below = to - 1;
  if (below < 1) return [];
  const saving = savingOfShare({
    ...subject,
    cluster: subject.workload.cluster,
    removedRatio: (need.current - below) / need.current,
    releasedGpus: (need.current - below) * need.perReplica,
  });
  const busy = need.demandGpus / (below * need.perReplica);
  const target = subject.settings.targetUtilRatio;
  const whyNot =
    busy > target
      ? `the p99 hour would keep ${(busy * 100).toFixed(0)} % of the GPUs busy, above the target of ${(target * 100).toFixed(0)} %`
      : 'a guard keeps the step smaller (production floor or step limit)';
  return [
    {
      change: describeChange(replicaLever(subject.workload)?.kind ?? 'replicas', need.current, below),
      savingPerMonth: saving.likely,
      whyNot,
    },
  ];
}

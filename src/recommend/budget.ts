import {
  findLever,
  type CostPolicy,
  type Finding,
  type LeverValue,
  type PolicyVerdict,
  type WorkloadId,
} from '../domain/index.ts';
import { describeChange, gpusPerReplica, replicaLever, type Draft } from './draft.ts';
import { savingOfShare } from './saving.ts';
import { confidence, type Subject } from './subject.ts';
import { replicaNeed } from './replicas.ts';

/** One policy's word on one workload, with the policy that said it. */
export interface BudgetJudgement {
  readonly workload: WorkloadId;
  readonly policy: CostPolicy;
  readonly verdict: PolicyVerdict;
}

export type BudgetResponse =
  | { readonly kind: 'change'; readonly draft: Draft }
  /** The policy asks people to look; nothing is changed. */
  | { readonly kind: 'tell'; readonly detail: string };

/** What an exceeded CostPolicy asks for, in the words of its `actionOnExceed`. */
export function respondToBudget(subject: Subject, judgement: BudgetJudgement): BudgetResponse {
  const { policy, verdict } = judgement;
  const { type } = policy.action;
  switch (type) {
    case 'notify':
    case 'review':
      return { kind: 'tell', detail: `${verdict.summary}; policy ${policy.name} asks to ${type}` };
    case 'rightSize':
      return {
        kind: 'tell',
        detail: `${verdict.summary}; policy ${policy.name} asks to right-size, and its use leaves no room for that`,
      };
    case 'pause':
      return pauseFor(subject, judgement);
    case 'throttle':
    case 'scaleDown':
      return scaleDownFor(subject, judgement);
  }
}

function pauseFor(subject: Subject, judgement: BudgetJudgement): BudgetResponse {
  const { workload } = subject;
  const verb = workload.pause;
  if (verb === undefined) {
    return { kind: 'tell', detail: `${judgement.verdict.summary}; a ${workload.kind} has no safe way to be paused` };
  }
  const gpus = subject.recent.at(-1)?.gpuCount ?? 0;
  return change(subject, judgement, {
    lever: verb.lever,
    to: verb.pausedValue,
    action: 'pause',
    removedRatio: 1,
    releasedGpus: gpus,
  });
}

function scaleDownFor(subject: Subject, judgement: BudgetJudgement): BudgetResponse {
  const { workload } = subject;
  const lever = replicaLever(workload);
  const current = lever?.current;
  const { replicaReductionPercentage, minReplicas } = judgement.policy.action;
  if (lever === undefined || typeof current !== 'number' || replicaReductionPercentage === undefined) {
    return { kind: 'tell', detail: `${judgement.verdict.summary}; it has no replicas to reduce` };
  }
  const to = Math.max(minReplicas ?? 1, Math.floor(current * (1 - replicaReductionPercentage / 100)));
  if (to >= current) {
    return {
      kind: 'tell',
      detail: `${judgement.verdict.summary}; it already runs the ${current} replicas that the policy keeps`,
    };
  }
  return change(subject, judgement, {
    lever: lever.kind,
    to,
    action: 'scale-down',
    removedRatio: (current - to) / current,
    releasedGpus: (current - to) * (gpusPerReplica(workload.gpu) ?? 0),
  });
}

function change(
  subject: Subject,
  judgement: BudgetJudgement,
  step: {
    readonly lever: Parameters<typeof findLever>[1];
    readonly to: LeverValue;
    readonly action: Draft['action'];
    readonly removedRatio: number;
    readonly releasedGpus: number;
  },
): BudgetResponse {
  const { workload, settings } = subject;
  const { policy, verdict } = judgement;
  const lever = findLever(workload, step.lever);
  const place = `${verdict.place.path}:${verdict.place.line}`;
  const evidence = [{ label: `policy ${policy.name}`, value: verdict.summary, source: place }];
  const finding: Finding = {
    workload: workload.id,
    kind: 'budget',
    severity: 'high',
    summary: verdict.summary,
    evidence,
  };
  const need = replicaNeed(subject);
  const isTight = need !== undefined && typeof step.to === 'number' && step.to < need.needed;
  const warning = isTight
    ? `; its demand asks for ${need.needed} replicas at the target of ${(settings.targetUtilRatio * 100).toFixed(0)} % busy, so it will run hotter`
    : '';
  return {
    kind: 'change',
    draft: {
      workload,
      action: step.action,
      lever,
      to: step.to,
      change: describeChange(step.lever, lever?.current, step.to),
      reason: `${verdict.summary}${warning}`,
      saving: savingOfShare({
        ...subject,
        cluster: workload.cluster,
        removedRatio: step.removedRatio,
        releasedGpus: step.releasedGpus,
      }),
      risk: isTight || step.action === 'pause' ? 'high' : 'medium',
      confidenceRatio: confidence(subject, 1),
      findings: [finding],
      evidence,
      alternatives: [],
      limitedBy: undefined,
    },
  };
}

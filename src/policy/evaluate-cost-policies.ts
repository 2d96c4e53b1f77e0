import {
  compareProblems,
  usd,
  type CostPolicy,
  type CostSeries,
  type EpochMs,
  type Problem,
  type Workload,
  type WorkloadId,
} from '../domain/index.ts';
import { quoted } from '../schema/index.ts';
import { findConflicts } from './conflicts.ts';
import { judge, type CostJudgement } from './judge.ts';
import { matchPolicies } from './match-policies.ts';
import { explainNoMatch } from './selector.ts';
import { billedThrough, spendOf } from './spend.ts';

export interface EvaluateInput {
  readonly policies: readonly CostPolicy[];
  readonly workloads: readonly Workload[];
  readonly cost: ReadonlyMap<WorkloadId, CostSeries>;
  readonly asOf: EpochMs;
}

/**
 * Judges each policy on each workload that its selector matches, every workload by itself. A workload whose cost is
 * unknown gets no judgement. Judgements are in the order of the workloads, the strictest policy of each first.
 */
export function evaluateCostPolicies(input: EvaluateInput): {
  readonly judgements: readonly CostJudgement[];
  readonly problems: readonly Problem[];
} {
  const { byWorkload: matches, unmatched, index } = matchPolicies(input.policies, input.workloads);
  const problems: Problem[] = unmatched.map((policy) => explainNoMatch(index, policy));
  problems.push(...findConflicts(matches));

  const judgements: CostJudgement[] = [];
  const inOtherCurrency = new Map<CostPolicy, Workload[]>();
  const through = billedThrough(input.cost, input.asOf);
  for (const workload of input.workloads) {
    const series = input.cost.get(workload.id);
    const spend = series === undefined || through === undefined ? undefined : spendOf(series, through);
    if (spend === undefined) continue;
    for (const policy of matches.get(workload) ?? []) {
      if (spend.daily.currency === usd) {
        judgements.push(judge(workload.id, policy, spend));
        continue;
      }
      const unjudged = inOtherCurrency.get(policy) ?? [];
      inOtherCurrency.set(policy, unjudged);
      unjudged.push(workload);
    }
  }
  problems.push(...[...inOtherCurrency].map(([policy, unjudged]) => notInUsd(policy, unjudged)));
  return { judgements, problems: problems.toSorted(compareProblems) };
}

function notInUsd(policy: CostPolicy, workloads: readonly Workload[]): Problem {
  const { path, line, column } = policy.place;
  const [first] = workloads;
  const example =
    first === undefined ? '' : `, such as ${quoted(`${first.cluster}/${first.namespace}/${first.kind}/${first.name}`)}`;
  return {
    code: 'BILLING_CURRENCY_MIXED',
    severity: 'error',
    place: { kind: 'file', path, line, column },
    message: `The thresholds of policy ${quoted(policy.name)} are in USD, and ${workloads.length} of its workloads are billed in another currency${example}; they are not judged.`,
    remedy: 'Report in USD (currency: USD in flyball.yml), or keep such workloads out of the selector.',
  };
}

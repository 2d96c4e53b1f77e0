import type { CostPolicy, Workload } from '../domain/index.ts';
import { indexLabels, selectWorkloads, type LabelIndex } from './selector.ts';
import { comparePolicies } from './strictness.ts';

/** Which policies hold for which workloads. */
export interface PolicyMatches {
  /** The strictest first; workloads that no policy matches are absent. */
  readonly byWorkload: ReadonlyMap<Workload, readonly CostPolicy[]>;
  /** Policies that match no workload. */
  readonly unmatched: readonly CostPolicy[];
  readonly index: LabelIndex;
}

/** Finds the policies whose selectors match each workload. */
export function matchPolicies(policies: readonly CostPolicy[], workloads: readonly Workload[]): PolicyMatches {
  const index = indexLabels(workloads);
  const byWorkload = new Map<Workload, CostPolicy[]>();
  const unmatched: CostPolicy[] = [];
  for (const policy of policies.toSorted(comparePolicies)) {
    const selected = selectWorkloads(index, policy);
    if (selected.length === 0) unmatched.push(policy);
    for (const workload of selected) {
      const matching = byWorkload.get(workload) ?? [];
      byWorkload.set(workload, matching);
      matching.push(policy);
    }
  }
  return { byWorkload, unmatched, index };
}

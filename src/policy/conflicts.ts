import type { CostPolicy, Problem, Workload } from '../domain/index.ts';
import { quoted } from '../schema/index.ts';
import { changesWorkload, comparePolicies, compareStrictness } from './strictness.ts';

interface Conflict {
  readonly stricter: CostPolicy;
  readonly milder: CostPolicy;
  readonly example: Workload;
  readonly workloads: number;
}

/**
 * Finds pairs of policies that would change one workload in different ways. A ladder is none: the stricter action at
 * a higher threshold. One problem for each pair, however many workloads it meets on.
 */
export function findConflicts(matches: ReadonlyMap<Workload, readonly CostPolicy[]>): readonly Problem[] {
  const conflicts = new Map<CostPolicy, Map<CostPolicy, Conflict>>();
  for (const [workload, policies] of matches) {
    const changing = policies.filter(changesWorkload).toSorted(comparePolicies);
    for (const [index, stricter] of changing.entries()) {
      for (const milder of changing.slice(index + 1)) {
        if (compareStrictness(stricter, milder) === 0 || isLadder(milder, stricter)) continue;
        const known = conflicts.get(stricter) ?? new Map<CostPolicy, Conflict>();
        conflicts.set(stricter, known);
        const before = known.get(milder);
        const example = before?.example ?? workload;
        known.set(milder, { stricter, milder, example, workloads: (before?.workloads ?? 0) + 1 });
      }
    }
  }
  return [...conflicts.values()].flatMap((known) => [...known.values()].map(toProblem));
}

/** Whether the stricter policy only begins where every threshold it shares with the milder one is long exceeded. */
function isLadder(milder: CostPolicy, stricter: CostPolicy): boolean {
  const shared = (['dailyUsd', 'monthlyUsd'] as const).flatMap((period) => {
    const low = milder[period];
    const high = stricter[period];
    return low === undefined || high === undefined ? [] : [{ low, high }];
  });
  return shared.length > 0 && shared.every(({ low, high }) => high > low);
}

function toProblem({ stricter, milder, example, workloads }: Conflict): Problem {
  const { cluster, namespace, kind, name } = example;
  const on = quoted(`${cluster}/${namespace}/${kind}/${name}`);
  const more = workloads === 1 ? '' : ` and ${workloads - 1} more`;
  const { path, line, column } = milder.place;
  return {
    code: 'POLICIES_CONFLICT',
    severity: 'warning',
    place: { kind: 'file', path, line, column },
    message: `Policy ${describe(milder)} contradicts ${describe(stricter)} at ${stricter.place.path}:${stricter.place.line}:${stricter.place.column} on ${on}${more}; the stricter one, ${quoted(stricter.name)}, wins.`,
    remedy:
      'Let their selectors match different workloads, or give the stricter action the higher threshold. See docs/policies.md, "Two policies on one workload".',
  };
}

function describe({ name, action }: CostPolicy): string {
  const { type, replicaReductionPercentage: percent, minReplicas } = action;
  const amount = percent === undefined ? '' : ` by ${percent} %`;
  const floor = minReplicas === undefined ? '' : `, keeping ${minReplicas}`;
  return `${quoted(name)} (${type}${amount}${floor})`;
}

import { addMoney, compareMoney, money, type CostPolicy, type WorkloadId } from '../domain/index.ts';
import { checkBudgets, policiesOfBoth } from './budgets.ts';
import type { ChangeCheck, CheckInput, WorkloadChange } from './change-check.ts';
import { changedWorkloads, type WorkloadPair } from './compare-workloads.ts';
import { concludeCheck } from './conclude.ts';
import { estimateCost } from './estimate.ts';
import { addMonthly, deltaOf, noCost } from './monthly-cost.ts';
import { checkPools } from './pool-limits.ts';
import { similarWorkloads } from './similar-workloads.ts';

/** Prices a change before it is merged: what every workload that it adds, removes or changes costs before and after. */
export function checkChange(input: CheckInput): ChangeCheck {
  const policies = policiesOfBoth(input);
  const changes = changedWorkloads(input.base.workloads, input.head.workloads)
    .filter(asksForGpus)
    .flatMap((pair) => priceChange(pair, input, policies) ?? [])
    .toSorted(dearestFirst);
  const before = changes.reduce(
    (sum, change) => (change.before.kind === 'known' ? addMoney(sum, change.before.monthly.likely) : sum),
    money(0n, input.currency),
  );
  const known = changes.flatMap(({ delta }) => delta ?? []);
  return {
    asOf: input.asOf,
    currency: input.currency,
    changes,
    delta: known.reduce(addMonthly, noCost(input.currency)),
    before,
    unknown: changes.length - known.length,
    ...concludeCheck({ changes, before, settings: input.settings }),
  };
}

/** Only GPUs are priced. */
function asksForGpus({ before, after }: WorkloadPair): boolean {
  return before?.gpu.kind === 'devices' || after?.gpu.kind === 'devices';
}

function priceChange(
  pair: WorkloadPair,
  input: CheckInput,
  policies: ReadonlyMap<WorkloadId, readonly CostPolicy[]>,
): WorkloadChange | undefined {
  const workload = pair.after ?? pair.before;
  if (workload === undefined) return undefined;
  const { id, cluster, namespace, kind, name } = workload;
  const before = estimateCost(pair.before, input);
  const after = estimateCost(pair.after, input);
  const cost = input.history.cost.get(id);
  return {
    workload: { id, cluster, namespace, kind, name },
    kind: pair.before === undefined ? 'added' : pair.after === undefined ? 'removed' : 'changed',
    fields: pair.fields,
    place:
      (pair.after === undefined || pair.before === undefined
        ? undefined
        : pair.fields.find(({ place }) => place)?.place) ?? workload.declaredIn,
    before,
    after,
    delta: deltaOf(before, after),
    similar: similarWorkloads(workload, input.history),
    budgets: checkBudgets(workload, policies.get(id) ?? [], { before, after, cost, asOf: input.asOf }),
    capacity: pair.after === undefined ? [] : checkPools(pair.after, input.head),
  };
}

/** What adds most first; what is not known above all, as it may be anything. */
function dearestFirst(left: WorkloadChange, right: WorkloadChange): number {
  if (left.delta === undefined || right.delta === undefined) {
    if (left.delta !== right.delta) return left.delta === undefined ? -1 : 1;
  } else {
    const byCost = compareMoney(right.delta.likely, left.delta.likely);
    if (byCost !== 0) return byCost;
  }
  return left.workload.id < right.workload.id ? -1 : 1;
}

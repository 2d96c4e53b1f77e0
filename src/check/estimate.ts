import { scaleMoney, type Money, type Workload } from '../domain/index.ts';
import type { CheckInput, CostEstimate, SimilarWorkload } from './change-check.ts';
import { gpuHoursOf, type KnownRuns } from './gpu-hours.ts';
import { runningHistory } from './history.ts';
import { gpuPriceOf } from './machine-price.ts';
import { noCost } from './monthly-cost.ts';
import { similarWorkloads } from './similar-workloads.ts';

/**
 * What a workload costs a month as one commit declares it. It depends on that commit and on the history only, so that a
 * change and its reversal differ in their signs alone.
 */
export function estimateCost(workload: Workload | undefined, input: CheckInput): CostEstimate {
  if (workload === undefined) return { kind: 'known', monthly: noCost(input.currency), evidence: [] };
  const similar = similarWorkloads(workload, input.history);
  const hours = gpuHoursOf(workload, knownRuns(workload, input, similar), input.targetUtilRatio);
  if (hours.kind === 'unknown') return hours;
  // What is stopped costs nothing, whatever its price.
  if (hours.high === 0) return { kind: 'known', monthly: noCost(input.currency), evidence: [hours.evidence] };
  const { cost } = input.history;
  const price = gpuPriceOf(workload, input, [
    { series: cost.get(workload.id), whose: nameOf(workload) },
    ...similar.map((other) => ({ series: cost.get(other.workload.id), whose: nameOf(other.workload) })),
  ]);
  if (price.kind === 'unknown') return price;
  const costOf = (gpuHours: number): Money => scaleMoney(price.perHour, gpuHours / price.gpus);
  return {
    kind: 'known',
    monthly: { low: costOf(hours.low), likely: costOf(hours.likely), high: costOf(hours.high) },
    evidence: [hours.evidence, price.evidence],
  };
}

function knownRuns(workload: Workload, input: CheckInput, similar: readonly SimilarWorkload[]): KnownRuns {
  const own = runningHistory(input.history, workload.id, input.asOf);
  if (own !== undefined) return { history: own, likened: undefined };
  const [nearest] = similar;
  if (nearest === undefined) return { history: undefined, likened: undefined };
  const history = runningHistory(input.history, nearest.workload.id, input.asOf);
  return { history, likened: history === undefined ? undefined : nameOf(nearest.workload) };
}

function nameOf({ cluster, namespace, name }: Workload): string {
  return `${cluster}/${namespace}/${name}`;
}

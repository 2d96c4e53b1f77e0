import type { DuckDBConnection } from '@duckdb/node-api';
import { moneyToDecimal, type Money, type Problem } from '../../domain/index.ts';
import { streamRows } from '../rows.ts';
import type { WindowBindings } from './gpu-slots.ts';
import { podPattern } from './pod-shapes.ts';

/** Pods that held GPUs and that no workload of the inventory explains, by the part of their name that is not random. */
export interface UnmatchedPods {
  readonly cluster: string;
  readonly namespace: string;
  readonly podPattern: string;
  readonly pods: number;
  readonly gpuHours: number;
}

/** Largest first. */
export async function readUnmatchedPods(
  connection: DuckDBConnection,
  window: WindowBindings,
): Promise<readonly UnmatchedPods[]> {
  const groups = new Map<
    string,
    { cluster: string; namespace: string; podPattern: string; pods: number; gpuHours: number }
  >();
  const rows = streamRows(
    connection,
    `SELECT cluster, namespace, pod, CAST(sum(gpu_hours) AS DOUBLE) AS gpu_hours
     FROM attr_slot LEFT JOIN attr_pod USING (cluster, namespace, pod)
     WHERE pod <> '' AND workload IS NULL
       AND hour >= $window_start AND hour < $window_end
     GROUP BY ALL ORDER BY ALL`,
    window,
  );
  for await (const row of rows) {
    const key = {
      cluster: row.text('cluster'),
      namespace: row.text('namespace'),
      podPattern: podPattern(row.text('pod')),
    };
    const name = JSON.stringify(Object.values(key));
    const group = groups.get(name) ?? { ...key, pods: 0, gpuHours: 0 };
    groups.set(name, { ...group, pods: group.pods + 1, gpuHours: group.gpuHours + row.number('gpu_hours') });
  }
  return [...groups.values()].toSorted(
    (left, right) => right.gpuHours - left.gpuHours || (left.podPattern < right.podPattern ? -1 : 1),
  );
}

/** Groups named one by one; the rest is one problem with a count. */
const listedGroupsMax = 20;

export function unmatchedPodProblems(groups: readonly UnmatchedPods[]): readonly Problem[] {
  const listed = groups.slice(0, listedGroupsMax).map((group): Problem => {
    const place = [group.cluster, group.namespace, group.podPattern].filter((part) => part !== '').join('/');
    return {
      code: 'METRICS_WITHOUT_WORKLOAD',
      severity: 'warning',
      place: { kind: 'workload', workload: place },
      message: `${group.pods} ${group.pods === 1 ? 'pod' : 'pods'} held GPUs for ${group.gpuHours.toFixed(1)} hours, but no workload of the repository explains the name; their cost stays unattributed.`,
      remedy:
        'Check that the repository holds the workload’s manifest and that cluster and namespace are named alike there and in the metrics.',
    };
  });
  const rest = groups.slice(listedGroupsMax);
  if (rest.length === 0) return listed;
  const hours = rest.reduce((sum, group) => sum + group.gpuHours, 0);
  return [
    ...listed,
    {
      code: 'METRICS_WITHOUT_WORKLOAD',
      severity: 'warning',
      place: { kind: 'none' },
      message: `${rest.length} more groups of pods, with ${hours.toFixed(1)} GPU-hours, belong to no workload of the repository.`,
      remedy: 'Solve the groups listed first: most often all have the same cause.',
    },
  ];
}

export function currencyMixed(currency: string, others: readonly Money[]): Problem {
  const list = others.map((amount) => `${amount.currency} ${moneyToDecimal(amount).replace(/\d{4}$/, '')}`).join(', ');
  return {
    code: 'BILLING_CURRENCY_MIXED',
    severity: 'warning',
    place: { kind: 'none' },
    message: `The bill also has rows in other currencies (${list}). Amounts are never converted: only ${currency} is attributed and reported.`,
    remedy: 'Report each currency in a run of its own, or have the provider export in one currency.',
  };
}

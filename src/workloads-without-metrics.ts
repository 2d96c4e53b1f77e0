import { formatPlace, type Problem, type Verdict, type Workload } from './domain/index.ts';

const listedMax = 50;

/** Says which GPU workloads of the repository no metric was seen of; nothing when no metrics source is configured. */
export function workloadsWithoutMetrics(
  workloads: readonly Workload[],
  verdicts: readonly Verdict[],
  hasMetricsSource: boolean,
): readonly Problem[] {
  const silent = new Set(
    verdicts.flatMap((verdict) =>
      verdict.kind === 'no-verdict' && verdict.reason === 'no-metrics' ? [verdict.workload] : [],
    ),
  );
  const found = workloads.filter(({ id }) => silent.has(id));
  if (found.length === 0) return [];
  if (!hasMetricsSource) {
    return [
      {
        code: 'WORKLOAD_WITHOUT_METRICS',
        severity: 'warning',
        place: { kind: 'none' },
        message: `No metrics source is configured, so nothing can be said of ${found.length} GPU workload${found.length === 1 ? '' : 's'}.`,
        remedy: 'Name DCGM metrics under "metrics" in flyball.yml: docs/configuration.md.',
      },
    ];
  }
  const listed = found.slice(0, listedMax).map(
    (workload): Problem => ({
      code: 'WORKLOAD_WITHOUT_METRICS',
      severity: 'warning',
      place: { kind: 'file', ...workload.declaredIn },
      message: `${workload.kind} ${workload.namespace}/${workload.name} asks for GPUs on ${workload.cluster}, and no metric names a pod of it; it gets no verdict.`,
      remedy:
        'Does it run? If so: is dcgm-exporter on its nodes, are pod labels on (DCGM_EXPORTER_KUBERNETES), and does the cluster label match?',
    }),
  );
  const more = found.length - listed.length;
  if (more === 0) return listed;
  const last = listed.at(-1);
  return [
    ...listed,
    {
      code: 'WORKLOAD_WITHOUT_METRICS',
      severity: 'warning',
      place: { kind: 'none' },
      message: `${more} more GPU workloads have no metrics${last === undefined ? '' : `, like ${formatPlace(last.place).slice(0, -2)}`}.`,
      remedy: 'See above.',
    },
  ];
}

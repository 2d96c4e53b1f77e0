import { hourMs } from '../../../domain/index.ts';
import { keepsSum } from '../gpu-hours.ts';
import {
  containerMetrics,
  gpuMetrics,
  namesOf,
  ownerMetricNames,
  servingMetrics,
  type PodMetric,
} from '../known-metrics.ts';
import type { HourStatistic } from '../sample-staging.ts';

/** What the hours of one metric are asked with. */
export interface HourMetric {
  readonly name: string;
  readonly statistics: readonly HourStatistic[];
  /**
   * Of a gauge the hour [start, end) counts. Of a counter (start, end], so that a sample at the full hour ends the
   * hour that it has counted.
   */
  readonly type: 'gauge' | 'counter';
  readonly matchers: readonly string[];
}

const counterStatistics = ['count', 'min', 'max', 'resets', 'last_at'] as const;
const gaugeStatistics = ['sum', 'count', 'min', 'max'] as const;

export const gpuHourMetrics: readonly HourMetric[] = gpuMetrics.flatMap((metric) =>
  namesOf(metric).map((name) => ({
    name,
    statistics: keepsSum(metric) ? gaugeStatistics : (['count', 'min', 'max'] as const),
    type: 'gauge',
    matchers: [],
  })),
);

export const servingHourMetrics: readonly HourMetric[] = oncePerName(servingMetrics);

export const containerHourMetrics: readonly HourMetric[] = oncePerName(containerMetrics);

export { ownerMetricNames };

/** A metric that several measures are taken from is asked for once. */
function oncePerName(metrics: readonly PodMetric[]): readonly HourMetric[] {
  const names = new Set(metrics.map((metric) => metric.name));
  return [...names].map((name) => {
    const same = metrics.filter((metric) => metric.name === name);
    const [first] = same;
    const values = same.flatMap(({ when }) => (when === undefined ? [] : [when.value]));
    const label = first?.when?.label;
    return {
      name,
      statistics: first?.type === 'counter' ? counterStatistics : gaugeStatistics,
      type: first?.type ?? 'gauge',
      matchers: [
        ...(label === undefined ? [] : [anyOf(label, values)]),
        ...(first?.ofContainer === true ? ['container!=""', 'container!="POD"'] : []),
      ],
    };
  });
}

/** A matcher of a label with any of some values, each taken literally. */
export function anyOf(label: string, values: readonly string[]): string {
  const literal = values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return `${label}=~${JSON.stringify(literal.join('|'))}`;
}

export function equalTo(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
}

/**
 * Whether a server's range [1h] holds a sample exactly one hour old. It does up to Prometheus 2; from Prometheus 3 on,
 * and in VictoriaMetrics, it does not. https://prometheus.io/docs/prometheus/latest/migration/
 */
export type RangeBoundary = 'closed' | 'left-open';

/** Asked at a full second, it counts 2 where the boundary is closed, and 1 where it is left open. */
export const boundaryQuery = 'count_over_time(vector(1)[1s:1s])';

/**
 * The range selector of one hour, or a part of it. Evaluated at its end, whichever the boundary, it holds exactly its
 * samples: times are whole milliseconds. An offset instead of an evaluation a millisecond earlier, as Thanos and
 * VictoriaMetrics move evaluation times to multiples of the step.
 */
export function hourSelector(
  metric: HourMetric,
  matchers: readonly string[],
  boundary: RangeBoundary,
  rangeMs = hourMs,
): string {
  const all = [...metric.matchers, ...matchers];
  const range = boundary === 'closed' ? `${rangeMs - 1}ms` : rangeMs === hourMs ? '1h' : `${rangeMs}ms`;
  return `${metric.name}{${all.join(',')}}[${range}]${metric.type === 'gauge' ? ' offset 1ms' : ''}`;
}

export function statisticQuery(
  metric: HourMetric,
  statistic: HourStatistic,
  matchers: readonly string[],
  boundary: RangeBoundary,
): string {
  if (statistic === 'last_at') return `timestamp(${metric.name}{${[...metric.matchers, ...matchers].join(',')}})`;
  const selector = hourSelector(metric, matchers, boundary);
  return statistic === 'resets' ? `resets(${selector})` : `${statistic}_over_time(${selector})`;
}

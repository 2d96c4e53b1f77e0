import { type CurrencyCode, type EpochMs, formatUtcDate } from '../domain/index.ts';

/** What one workload's history looks like, a value a day; drawn in the body and on the page from the same figures. */
export interface DailyChart {
  readonly measure: { readonly kind: 'gpu-demand' } | { readonly kind: 'cost'; readonly currency: CurrencyCode };
  /** Ascending; a day without samples is absent, never zero. GPUs of the busiest hour, or cost of the day. */
  readonly days: readonly { readonly day: EpochMs; readonly value: number }[];
  /** Horizontal lines: what is there now, what the proposal leaves, or what a policy allows. */
  readonly lines: readonly { readonly kind: DailyChartLine; readonly value: number }[];
}

export type DailyChartLine = 'now' | 'proposed' | 'policy';

export interface ChartPoint {
  readonly label: string;
  readonly value: number;
}

const pointsMax = 60;

/**
 * At most 60 points: neighbouring days are joined, to their largest demand or their mean cost, so that no peak is lost
 * and no money made up.
 */
export function chartPoints(chart: DailyChart): {
  readonly points: readonly ChartPoint[];
  readonly daysPerPoint: number;
} {
  const days = chart.days.filter(({ value }) => Number.isFinite(value));
  const daysPerPoint = Math.max(1, Math.ceil(days.length / pointsMax));
  const points: ChartPoint[] = [];
  for (let from = 0; from < days.length; from += daysPerPoint) {
    const group = days.slice(from, from + daysPerPoint);
    const [first] = group;
    if (first === undefined) break;
    const values = group.map(({ value }) => value);
    const sum = values.reduce((total, value) => total + value, 0);
    const value = chart.measure.kind === 'cost' ? sum / values.length : Math.max(...values);
    points.push({ label: formatUtcDate(first.day), value });
  }
  return { points, daysPerPoint };
}

const chartsMax = 3;

/** The charts that are drawn: the first three that have at least two points. */
export function drawnCharts(charts: readonly DailyChart[]): readonly DailyChart[] {
  return charts.filter((chart) => chartPoints(chart).points.length >= 2).slice(0, chartsMax);
}

/** What the chart shows, for its title and for people who cannot see it. */
export function chartTitle(chart: DailyChart): string {
  const { daysPerPoint } = chartPoints(chart);
  if (chart.measure.kind === 'cost') {
    const per = daysPerPoint === 1 ? 'day' : `day, mean of ${daysPerPoint} days`;
    return `Effective cost per ${per} (${chart.measure.currency})`;
  }
  const each = daysPerPoint === 1 ? `each day's busiest hour` : `the busiest hour of every ${daysPerPoint} days`;
  return `GPUs busy in ${each}`;
}

/** The name of a horizontal line. */
export function lineName(chart: DailyChart, kind: DailyChartLine): string {
  switch (kind) {
    case 'now':
      return chart.measure.kind === 'cost' ? 'mean now' : 'GPUs now';
    case 'proposed':
      return chart.measure.kind === 'cost' ? 'after this change' : 'GPUs after this change';
    case 'policy':
      return 'policy limit';
  }
}

import { type Saving, formatMoney, formatUtcDate, money, moneyToNumber } from '../domain/index.ts';
import {
  type DailyChart,
  chartPoints,
  chartTitle,
  clipText,
  formatNumber,
  formatRatio,
  lineName,
  isCost,
  visibleText,
} from '../pullrequest/index.ts';
import { type ChartFigure, chartAxis, chartGrey, chartGrid, chartPalette } from './chart-svg.ts';
import { type ScanReport, shareRatio } from './scan-report.ts';

const width = 1024;

/** A workload's history with its horizontal lines. */
export function dailyFigure(chart: DailyChart, id: string): ChartFigure {
  const { points } = chartPoints(chart);
  const unit = chart.measure.kind === 'cost' ? chart.measure.currency : 'GPUs';
  const labels = points.map(({ label }) => label);
  const lines = chart.lines.map(({ kind, value }, index) => ({
    name: `${lineName(chart, kind)}: ${formatNumber(value, 2)}`,
    type: 'line',
    symbol: 'none',
    silent: true,
    data: labels.map(() => value),
    lineStyle: { width: 2, type: index === 0 ? 'solid' : 'dashed' },
    color: chartPalette[(index + 1) % chartPalette.length] ?? chartGrey.rest,
  }));
  const bars = {
    name: chart.measure.kind === 'cost' ? 'cost' : 'GPUs busy',
    type: 'bar',
    silent: true,
    data: points.map(({ value }) => value),
    color: chartPalette[0],
  };
  return {
    id,
    title: chartTitle(chart),
    width,
    height: 230,
    legend: [bars, ...lines],
    option: {
      grid: chartGrid(),
      xAxis: { ...chartAxis.category, data: labels },
      yAxis: chartAxis.value,
      series: [bars, ...lines],
    },
    table: {
      head: ['From', unit],
      rows: points.map(({ label, value }) => [label, formatNumber(value, 2)]),
      numeric: [1],
    },
  };
}

/** Cost per day, stacked; undefined without at least one day of cost. */
export function costFigure(report: ScanReport): ChartFigure | undefined {
  const { days, series, currency } = report.costPerDay;
  if (days.length === 0 || series.length === 0) return undefined;
  const labels = days.map(formatUtcDate);
  let named = 0;
  const bars = series.map(({ label, kind, perDay }) => ({
    name: chartLabel(label),
    type: 'bar',
    stack: 'cost',
    silent: true,
    barCategoryGap: '25%',
    // Past the palette only grey is left: a repeated colour would be read as the same series.
    color: kind === 'named' ? (chartPalette[named++] ?? chartGrey.rest) : chartGrey[kind],
    data: perDay.map(moneyToNumber),
  }));
  return {
    id: 'cost-per-day',
    title: `Effective cost per day (${currency})`,
    width,
    height: 290,
    legend: bars,
    option: {
      grid: chartGrid(),
      xAxis: { ...chartAxis.category, data: labels },
      yAxis: chartAxis.value,
      series: bars,
    },
    table: {
      head: ['Day', ...series.map(({ label }) => label), 'Total'],
      rows: labels.map((label, day) => {
        const amounts = series.map(({ perDay }) => perDay[day] ?? money(0n, currency));
        const total = money(
          amounts.reduce((sum, { micros }) => sum + micros, 0n),
          currency,
        );
        return [label].concat([...amounts, total].map(formatMoney));
      }),
      numeric: [...series.map((_, index) => index + 1), series.length + 1],
    },
  };
}

const savingBarsMax = 15;

const savingSeries = [
  {
    name: 'leaves the bill',
    color: chartPalette[2],
    isIn: ({ kind, likely }: Saving) => kind === 'cash' && !isCost(likely),
  },
  {
    name: 'frees paid capacity',
    color: chartPalette[0],
    isIn: ({ kind, likely }: Saving) => kind === 'freed' && !isCost(likely),
  },
  {
    name: 'no saving yet',
    color: chartGrey.idle,
    isIn: ({ kind, likely }: Saving) => kind === 'none-yet' && !isCost(likely),
  },
  { name: 'costs more', color: chartPalette[1], isIn: ({ likely }: Saving) => isCost(likely) },
] as const;

/** Likely saving per month of the highest proposals; undefined without proposals. */
export function savingFigure(report: ScanReport): ChartFigure | undefined {
  const shown = report.proposals.slice(0, savingBarsMax).map(({ proposal }) => proposal);
  if (shown.length === 0) return undefined;
  const labels = shown.map(({ workload, action }) => chartLabel(`${workload.namespace}/${workload.name}, ${action}`));
  // The axis counts from the bottom.
  const bottomUp = shown.map(({ saving }, index) => ({ saving, label: labels[index] ?? '' })).toReversed();
  const bars = savingSeries
    .filter(({ isIn }) => shown.some(({ saving }) => isIn(saving)))
    .map(({ name, color, isIn }) => ({
      name,
      color,
      type: 'bar',
      stack: 'saving',
      silent: true,
      barMaxWidth: 18,
      data: bottomUp.map(({ saving }) => (isIn(saving) ? moneyToNumber(saving.likely) : '-')),
    }));
  const isCut = report.proposals.length > shown.length;
  return {
    id: 'saving-by-proposal',
    title: `Likely saving per month, by proposal${isCut ? ` (the first ${shown.length} of ${report.proposals.length})` : ''}`,
    width,
    height: 44 + shown.length * 30,
    legend: bars,
    option: {
      grid: chartGrid(labelCharactersMax * labelCharacterWidth),
      xAxis: chartAxis.value,
      yAxis: { ...chartAxis.category, data: bottomUp.map(({ label }) => label) },
      series: bars,
    },
    table: {
      head: ['Proposal', 'Kind', 'Likely saving per month'],
      rows: shown.map(({ saving }, index) => [
        labels[index] ?? '',
        savingSeries.find(({ isIn }) => isIn(saving))?.name ?? '',
        formatMoney(saving.likely),
      ]),
      numeric: [2],
    },
  };
}

/** Which share of the bill and of the GPU-hours is explained; undefined when there is neither. */
export function coverageFigure({ coverage }: ScanReport): ChartFigure | undefined {
  const total = moneyToNumber(coverage.effectiveTotal);
  const rows = [
    {
      label: 'GPU-hours',
      shares: [coverage.gpuHoursToWorkloads, coverage.gpuHoursIdle, coverage.gpuHoursUnattributed].map((part) =>
        shareRatio(part, coverage.gpuHoursTotal),
      ),
      amounts: [coverage.gpuHoursToWorkloads, coverage.gpuHoursIdle, coverage.gpuHoursUnattributed].map((hours) =>
        formatNumber(hours),
      ),
    },
    {
      label: 'Bill',
      shares: [coverage.effectiveToWorkloads, coverage.effectiveIdle, coverage.effectiveUnattributed].map((part) =>
        shareRatio(moneyToNumber(part), total),
      ),
      amounts: [coverage.effectiveToWorkloads, coverage.effectiveIdle, coverage.effectiveUnattributed].map(formatMoney),
    },
  ].filter(({ shares }) => shares.some((share) => share !== undefined));
  if (rows.length === 0) return undefined;
  const parts = ['used by workloads', 'idle', 'unattributed'] as const;
  const colors = [chartPalette[0], chartGrey.idle, chartGrey.unattributed] as const;
  const bars = parts.map((name, part) => ({
    name,
    type: 'bar',
    stack: 'share',
    silent: true,
    barMaxWidth: 24,
    color: colors[part] ?? chartGrey.rest,
    data: rows.map(({ shares }) => (shares[part] ?? 0) * 100),
  }));
  return {
    id: 'coverage',
    title: 'Where the bill and the GPU-hours went (percent)',
    width,
    height: 44 + rows.length * 44,
    legend: bars,
    option: {
      grid: chartGrid(11 * labelCharacterWidth),
      xAxis: { ...chartAxis.value, max: 100 },
      yAxis: { ...chartAxis.category, data: rows.map(({ label }) => label) },
      series: bars,
    },
    table: {
      head: ['', ...parts],
      rows: rows
        .toReversed()
        .map(({ label, shares, amounts }) =>
          [label].concat(amounts.map((amount, part) => `${amount} (${formatRatio(shares[part] ?? 0)})`)),
        ),
      numeric: [1, 2, 3],
    },
  };
}

const labelCharactersMax = 42;

/** Pixels of a character of a wide sans-serif at 12 px. */
const labelCharacterWidth = 7.5;

function chartLabel(text: string): string {
  return clipText(visibleText(text), labelCharactersMax);
}

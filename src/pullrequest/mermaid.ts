import { type DailyChart, chartPoints, chartTitle, lineName } from './daily-chart.ts';
import { fencedBlock } from './escape.ts';
import { formatNumber } from './figures.ts';

/** Bars, then lines, in the order they are drawn; readable on GitHub's light and dark pages. */
const colors = [
  { hex: '#6ba3e0', name: 'blue' },
  { hex: '#e08a1e', name: 'orange' },
  { hex: '#2a9d7c', name: 'green' },
  { hex: '#c2548c', name: 'pink' },
] as const;

const palette = colors.map(({ hex }) => hex).join(', ');

/** Labels up to this many fit below the bars; past it the axis is numbered. */
const labelsMax = 10;

/**
 * The chart as a Mermaid `xychart-beta` block, which GitHub draws by itself, with a line of text that names its lines
 * (the chart has no legend). It holds dates and numbers only.
 */
export function mermaidChart(chart: DailyChart): string {
  const { points } = chartPoints(chart);
  const lines = chart.lines.filter(({ value }) => Number.isFinite(value));
  const top = Math.max(...points.map(({ value }) => value), ...lines.map(({ value }) => value), 1e-3);
  // A day's credits can exceed its cost.
  const bottom = Math.min(0, ...points.map(({ value }) => value));
  const unit = chart.measure.kind === 'cost' ? chart.measure.currency : 'GPUs';
  const xAxis =
    points.length <= labelsMax
      ? `[${points.map(({ label }) => `"${label.slice(5)}"`).join(', ')}]`
      : `"${points.length} points, ${points[0]?.label} to ${points.at(-1)?.label}" 1 --> ${points.length}`;
  const source = [
    `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "${palette}"}}}}%%`,
    'xychart-beta',
    `    title "${chartTitle(chart)}"`,
    `    x-axis ${xAxis}`,
    `    y-axis "${unit}" ${plainNumber(bottom)} --> ${plainNumber(top * 1.1)}`,
    `    bar [${points.map(({ value }) => plainNumber(value)).join(', ')}]`,
    ...lines.map(({ value }) => `    line [${points.map(() => plainNumber(value)).join(', ')}]`),
  ].join('\n');
  const key = lines.map(({ kind, value }, index) => {
    const color = colors[(index + 1) % colors.length]?.name ?? '';
    return `; ${color} line: ${lineName(chart, kind)}, ${formatNumber(value, 2)}`;
  });
  const block = fencedBlock('mermaid', source);
  return key.length === 0
    ? block
    : `${block}\n\nBlue bars: ${chart.measure.kind === 'cost' ? 'cost' : 'GPUs busy'}${key.join('')}.`;
}

function plainNumber(value: number): string {
  return String(Number(value.toFixed(3)));
}

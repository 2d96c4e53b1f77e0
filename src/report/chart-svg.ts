import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { SafeHtml, html, htmlTable } from './html.ts';

use([BarChart, LineChart, GridComponent, SVGRenderer]);

/** Colours that the page's style replaces in dark mode, by attribute. */
const chartInk = { text: '#57606a', rule: '#d8dee4' } as const;

/** Distinct for the usual colour-vision deficiencies and readable on white and on near-black. */
export const chartPalette = [
  '#3d7cc9',
  '#e08a1e',
  '#2a9d7c',
  '#c2548c',
  '#7a6bc4',
  '#b5a11f',
  '#4aa8c0',
  '#c8553d',
] as const;

/** For what is nobody's. */
export const chartGrey = { rest: '#cfd5db', idle: '#b4bac2', unattributed: '#848d97' } as const;

const fontFamily = 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif';

export interface ChartFigure {
  /** Unique on its page, letters, digits and `-`. */
  readonly id: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly option: EChartsCoreOption;
  /** Set in HTML, because a renderer without a browser can only guess how wide a text will be. */
  readonly legend: readonly { readonly name: string; readonly color: string }[];
  /** The same figures for people who cannot see the chart. */
  readonly table: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
    readonly numeric: readonly number[];
  };
}

/** A chart as inline SVG with a caption and a folded table of its figures; the same input gives the same bytes. */
export function chartFigure(figure: ChartFigure): SafeHtml {
  return html`<figure class="chart">
<figcaption>${figure.title}</figcaption>
<ul class="legend">${figure.legend.map(({ name, color }) => html`<li><i style="background:${color}"></i>${name}</li>`)}</ul>
${new SafeHtml(chartSvg(figure))}
<details><summary>Figures as a table</summary>
${htmlTable(figure.table)}
</details>
</figure>`;
}

function chartSvg({ id, title, width, height, option }: ChartFigure): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily, fontSize: 12, color: chartInk.text }, ...option });
    return inertSvg(chart.renderToSVGString(), { id, title });
  } finally {
    chart.dispose();
  }
}

/**
 * Leaves the drawing only: no hover styles, no data attributes, and ids that count from the chart's own name instead of
 * from a counter of the process. Texts cannot match: the renderer escapes their quotes.
 */
function inertSvg(svg: string, { id, title }: { readonly id: string; readonly title: string }): string {
  const label = html`role="img" aria-label="${title}"`.text;
  const clips = new Map<string, string>();
  const ownId = (theirs: string): string => {
    const ours = clips.get(theirs) ?? `${id}-clip${clips.size}`;
    clips.set(theirs, ours);
    return ours;
  };
  return svg
    .replace(/<style >.*?<\/style>\n?/s, '')
    .replace(/ (?:class|ecmeta_\w+|pointer-events|xml:space|xmlns:xlink|version|baseProfile)="[^"]*"/g, '')
    .replace(/\bzr\d+-c\d+\b(?=["')])/g, ownId)
    .replace(/<rect width="\d+" height="\d+" x="0" y="0" fill="none"><\/rect>\n/, '')
    .replace('<svg ', `<svg ${label} `)
    .trimEnd();
}

/** Room around the axes; `left` when the labels there are texts, whose width cannot be measured. */
export function chartGrid(left?: number): EChartsCoreOption {
  return left === undefined
    ? { left: 4, right: 24, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' }
    : { left, right: 24, top: 12, bottom: 28, outerBoundsMode: 'none' };
}

export const chartAxis = {
  category: {
    type: 'category',
    axisTick: { show: false },
    axisLine: { lineStyle: { color: chartInk.rule } },
    axisLabel: { color: chartInk.text, hideOverlap: true },
  },
  value: {
    type: 'value',
    axisLabel: { color: chartInk.text },
    splitLine: { lineStyle: { color: chartInk.rule } },
  },
} as const;

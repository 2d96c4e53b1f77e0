import MarkdownIt from 'markdown-it';
import { type DailyChart, drawnCharts } from '../pullrequest/index.ts';
import { chartFigure } from './chart-svg.ts';
import { dailyFigure } from './charts.ts';
import { SafeHtml, html } from './html.ts';

/** What the body's own templates write; any other HTML in a body is shown as text. */
const foldOpen = /^<details>\n<summary>([\w ,]+)<\/summary>$/;

/** A pull request's body as HTML; each Mermaid block is drawn from the figures it was made of. */
export function bodyHtml(body: string, charts: readonly DailyChart[]): SafeHtml {
  const drawn = drawnCharts(charts).map((chart, index) => chartFigure(dailyFigure(chart, `history-${index + 1}`)));
  const markdown = new MarkdownIt({ html: true });
  markdown.disable(['link', 'image', 'autolink', 'reference', 'html_inline']);
  const rules = markdown.renderer.rules;
  rules['table_open'] = () => '<div class="scroll"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  rules['html_block'] = (tokens, index) => htmlBlock(tokens[index]?.content.trim() ?? '').text;
  rules['fence'] = (tokens, index) => {
    const { info = '', content = '' } = tokens[index] ?? {};
    const chart = info === 'mermaid' ? drawn.shift() : undefined;
    if (chart !== undefined) return `${chart.text}\n`;
    return info === 'diff' ? diffHtml(content).text : html`<pre><code>${preformatted(content)}</code></pre>\n`.text;
  };
  return new SafeHtml(markdown.render(body));
}

function htmlBlock(content: string): SafeHtml {
  if (content === '</details>') return html`</details>\n`;
  if (/^<!--[^<>]*-->$/.test(content)) return html``;
  const fold = foldOpen.exec(content);
  return fold === null ? html`<p>${content}</p>\n` : html`<details>\n<summary>${fold[1] ?? ''}</summary>\n`;
}

/** A unified diff with its lines coloured. */
function diffHtml(diff: string): SafeHtml {
  const lines = diff.replace(/\n$/, '').split('\n');
  return html`<pre class="diff"><code>${lines.map((line) => html`<span class="${diffLineClass(line)}">${preformatted(line)}</span>\n`)}</code></pre>\n`;
}

function diffLineClass(line: string): string {
  if (/^(?:diff |index |--- |\+\+\+ )/.test(line)) return 'meta';
  if (line.startsWith('@@')) return 'hunk';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'same';
}

/** Text whose line ends and tabs stay. */
function preformatted(text: string): readonly SafeHtml[] {
  return text.split(/(?<=[\n\t])/).map((piece) => {
    const end = /[\n\t]$/.exec(piece)?.[0] ?? '';
    return html`${end === '' ? piece : piece.slice(0, -1)}${new SafeHtml(end)}`;
  });
}

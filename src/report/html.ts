import { clipText, escapeHtml } from '../pullrequest/index.ts';

/** HTML that needs no escaping any more: made by {@link html}, or by a renderer that escapes by itself. */
export class SafeHtml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type HtmlValue = string | number | SafeHtml | readonly HtmlValue[];

/** A template whose every value is escaped, unless it is already {@link SafeHtml}; arrays are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  return new SafeHtml(String.raw({ raw: parts }, ...values.map(htmlOf)));
}

/** Longer than any path; past it a text is an attack on the page's size. */
const textLengthMax = 4_096;

function htmlOf(value: HtmlValue): string {
  if (value instanceof SafeHtml) return value.text;
  if (typeof value === 'string') return escapeHtml(clipText(value, textLengthMax));
  if (typeof value === 'number') return String(value);
  return value.map(htmlOf).join('');
}

/** A table of cells; `numeric` names the columns that are set flush right. */
export function htmlTable(table: {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number | SafeHtml)[])[];
  readonly numeric?: readonly number[];
}): SafeHtml {
  const numeric = new Set(table.numeric);
  const align = (column: number): SafeHtml => (numeric.has(column) ? html` class="number"` : html``);
  return html`<div class="scroll"><table>
<thead><tr>${table.head.map((cell, column) => html`<th scope="col"${align(column)}>${cell}</th>`)}</tr></thead>
<tbody>
${table.rows.map((row) => html`<tr>${row.map((cell, column) => html`<td${align(column)}>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

import { tableRow } from './escape.ts';

/** A GitHub table of inline Markdown cells, with a sentence about rows that the caller left out. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[], rowsLeftOut = 0): string {
  const table = [tableRow(head), tableRow(head.map(() => '---')), ...rows.map(tableRow)].join('\n');
  return rowsLeftOut > 0 ? `${table}\n\nRows left out: ${rowsLeftOut}.` : table;
}

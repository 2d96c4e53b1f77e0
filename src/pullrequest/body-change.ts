import type { LeverChange, Proposal } from '../domain/index.ts';
import type { BodyBudget } from './body-budget.ts';
import type { PullRequestContext } from './context.ts';
import { drawnCharts } from './daily-chart.ts';
import { clipText, codeSpan, fencedBlock } from './escape.ts';
import { formatRange, formatRatio, savingKindWords } from './figures.ts';
import { markdownTable } from './markdown-table.ts';
import { mermaidChart } from './mermaid.ts';

/** Where each value stands, what it becomes, and what that is worth. The saving belongs to all rows together. */
export function changeTable(proposal: Proposal, budget: BodyBudget): string {
  const { saving, risk, confidenceRatio } = proposal;
  const shared = [formatRange(saving), savingKindWords(saving), risk, formatRatio(confidenceRatio)];
  return markdownTable(
    ['Where', 'Field', 'From → to', 'Saving per month', 'Kind', 'Risk', 'Confidence'],
    proposal.changes
      .slice(0, budget.rowsMax)
      .map((change, index) => changeCells(change).concat(index === 0 ? shared : ['″', '″', '″', '″'])),
    proposal.changes.length - budget.rowsMax,
  );
}

function changeCells({ field, from, to }: LeverChange): string[] {
  return [
    codeSpan(`${field.path}:${field.line}`),
    codeSpan(fieldName(field.yamlPath)),
    `${codeSpan(String(from))} → ${codeSpan(String(to))}`,
  ];
}

/** `spec.replicas`, `spec.containers[0]`, and quoted where a key holds a dot. */
function fieldName(yamlPath: readonly (string | number)[]): string {
  return yamlPath
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const isPlain = /^[\w-]+$/.test(part);
      return isPlain ? `${index === 0 ? '' : '.'}${part}` : `[${JSON.stringify(part)}]`;
    })
    .join('');
}

/** The unified diff, long lines and long diffs cut. */
export function diffSection(context: PullRequestContext, budget: BodyBudget): string {
  if (context.diff === '') return '';
  const lines = context.diff.replace(/\n$/, '').split('\n');
  const shown = lines.slice(0, budget.diffLinesMax).map((line) => clipText(line, budget.diffColumnsMax));
  const rest = lines.length - shown.length;
  return fencedBlock('diff', rest === 0 ? shown.join('\n') : `${shown.join('\n')}\n… ${rest} more lines`);
}

/** The workload's history as Mermaid charts. */
export function chartSection(context: PullRequestContext): string {
  const charts = drawnCharts(context.charts).map(mermaidChart);
  return charts.length === 0 ? '' : ['### History', ...charts].join('\n\n');
}

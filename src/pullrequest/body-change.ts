import type { DecidingField, LeverChange, Proposal } from '../domain/index.ts';
import type { ChangedField } from '../gitops/index.ts';
import type { BodyBudget } from './body-budget.ts';
import type { PullRequestContext } from './context.ts';
import { drawnCharts } from './daily-chart.ts';
import { clipText, codeSpan, fencedBlock, visibleText } from './escape.ts';
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
    codeSpan(fieldName(field)),
    `${codeSpan(String(from))} → ${codeSpan(String(to))}`,
  ];
}

/** Where the value stands, or what is added: `spec.replicas`, `replicas[name=clip].count`. */
function fieldName({ yamlPath, ...field }: DecidingField): string {
  const path = pathText(yamlPath);
  if (field.kind === 'present') return path;
  switch (field.insertion.kind) {
    case 'key':
      return `${path} (added)`;
    case 'replicas-entry':
      return `${path}[name=${field.insertion.name}].count (added)`;
    case 'patch-entry': {
      const { target, pointer } = field.insertion;
      return `${path} (added: ${pointer} of ${target.kind} ${target.name})`;
    }
  }
}

/** `spec.replicas`, `spec.containers[0]`, and quoted where a key holds a dot. */
function pathText(yamlPath: readonly (string | number)[]): string {
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

const noteCharactersMax = 300;

/** What clusters get, field by field, before and after. */
export function renderedSection(context: PullRequestContext, budget: BodyBudget): string {
  const { rendered } = context;
  if (rendered === undefined || rendered.changes.length === 0) return '';
  const shown = rendered.changes.slice(0, budget.rowsMax);
  const rest = rendered.changes.length - shown.length;
  const lines = shown.flatMap((change, index) => renderedLines(change, shown[index - 1]));
  const cut = rest === 0 ? [] : [`… ${rest} more fields`];
  const diff = [...lines, ...cut].map((line) => clipText(line, budget.diffColumnsMax)).join('\n');
  const checkers = rendered.checkedBy.map((name) => codeSpan(name)).join(', ');
  const notes = rendered.notRendered.map((note) => ` Not rendered by ${codeSpan(clipText(note, noteCharactersMax))}.`);
  return `### What the cluster gets\n\n${fencedBlock('diff', diff)}\n\nRendered before and after by ${checkers}: nothing else moves.${notes.join('')}`;
}

function renderedLines(change: ChangedField, previous: ChangedField | undefined): readonly string[] {
  const name = `  ${change.object} on ${change.cluster}`;
  const isSame = previous !== undefined && previous.object === change.object && previous.cluster === change.cluster;
  const path = pathText(change.path);
  const line = (sign: string, value: ChangedField['before']): readonly string[] =>
    value === undefined ? [] : [`${sign} ${path}: ${visibleText(String(value))}`];
  return [...(isSame ? [] : [visibleText(name)]), ...line('-', change.before), ...line('+', change.after)];
}

/** The workload's history as Mermaid charts. */
export function chartSection(context: PullRequestContext): string {
  const charts = drawnCharts(context.charts).map(mermaidChart);
  return charts.length === 0 ? '' : ['### History', ...charts].join('\n\n');
}

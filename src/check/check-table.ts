import { visibleText } from '../pullrequest/index.ts';
import { plainTable } from '../report/index.ts';
import type { WorkloadChange } from './change-check.ts';
import type { CheckReport } from './check-report.ts';
import { deltaWords, estimateWords, fieldWords, headline } from './check-words.ts';

const head = ['Workload', 'Change', 'Before/month', 'After/month', 'Difference', 'Where'];

/** The report as text for a terminal; control characters are shown, not sent. */
export function checkTable({ check, options }: CheckReport): string {
  const rows = check.changes.map((change) => rowOf(change).map((cell) => visibleText(cell)));
  const sections = [
    `${headline(check)}.`,
    ...(rows.length === 0 ? [] : [plainTable(head, rows)]),
    ...section('how it was reckoned', check.changes.flatMap(reckoning)),
    ...section(
      'budgets',
      check.changes.flatMap(({ workload, budgets }) =>
        budgets.map(({ policy, outcome, summary }) => `${workload.name}: ${policy.name}: ${outcome}: ${summary}`),
      ),
    ),
    ...section(
      'capacity',
      check.changes.flatMap(({ capacity }) => capacity.map(({ outcome, summary }) => `${outcome}: ${summary}`)),
    ),
    ...section(
      'cheaper',
      options.map(({ workload, change, reason }) => `${workload.namespace}/${workload.name}: ${change}: ${reason}`),
    ),
    ...section(`conclusion: ${check.conclusion}`, check.reasons),
    ...section('review', check.reviewers.length === 0 ? [] : [check.reviewers.join(', ')]),
    ...(check.isSilent && check.changes.length > 0 ? ['Too small to speak of on GitHub.'] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function rowOf(change: WorkloadChange): readonly string[] {
  const { workload, before, after, delta, place } = change;
  return [
    `${workload.cluster} ${workload.namespace}/${workload.name}`,
    fieldWords(change),
    change.kind === 'added' ? '' : estimateWords(before),
    change.kind === 'removed' ? '' : estimateWords(after),
    deltaWords(delta),
    `${place.path}:${place.line}`,
  ];
}

function reckoning({ workload, kind, before, after, similar }: WorkloadChange): readonly string[] {
  const estimate = kind === 'removed' ? before : after;
  const name = `${workload.namespace}/${workload.name}`;
  const likened = similar.map(
    (other) =>
      `${name}: ${(other.similarityRatio * 100).toFixed(0)} % like ${other.workload.namespace}/${other.workload.name} (${other.shared.join(', ')})`,
  );
  if (estimate.kind === 'unknown') return [`${name}: unknown: ${estimate.reason}`, ...likened];
  return [
    ...estimate.evidence.map(({ label, value, source }) => `${name}: ${label}: ${value} [${source}]`),
    ...likened,
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return [[`${title}:`, ...lines.map((line) => `  ${visibleText(line)}`)].join('\n')];
}

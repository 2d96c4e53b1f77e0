import { formatMoney, formatUtc, negateMoney, type LeverValue } from '../domain/index.ts';
import { codeSpan, hiddenMarker, markdownTable, proseText } from '../pullrequest/index.ts';
import type { WorkloadChange } from './change-check.ts';
import type { CheaperOption, CheckReport } from './check-report.ts';
import { countWords, deltaWords, estimateWords, headline } from './check-words.ts';

/** GitHub refuses longer comments. */
export const bodyCharactersMax = 65_536;

/** Rows and lines of each part, tried in this order until the text is short enough. */
const lengths = [60, 20, 5, 1] as const;

/** What a later run reads back from the comment. */
export interface CheckMarker {
  readonly head: string;
  readonly asOf: number;
  /** Who was asked for a review, so that nobody is asked twice. */
  readonly asked: readonly string[];
}

/** The comment below a pull request: the sum in a sentence, a table, what stands in the way, and how it was reckoned. */
export function renderCheckComment(report: CheckReport, asked: readonly string[] = []): string {
  const marker: CheckMarker = { head: report.headCommit, asOf: report.check.asOf, asked };
  const end = `\n\n${hiddenMarker('check', marker)}\n`;
  return `${renderCheckText(report, bodyCharactersMax - end.length)}${end}`;
}

/** The same without what a later run reads. @param charactersMax at most so many, by leaving out rows. */
export function renderCheckText(report: CheckReport, charactersMax: number): string {
  const texts = lengths.map((rowsMax) => () => textOf(report, rowsMax));
  for (const make of texts) {
    const text = make();
    if (text.length <= charactersMax) return text;
  }
  return `**${proseText(headline(report.check))}.**`;
}

function textOf(report: CheckReport, rowsMax: number): string {
  const { check, options } = report;
  const sentence = `**${proseText(headline(check))}.**`;
  if (check.isSilent) {
    const small = check.changes.length === 0 ? '' : ' That is less than this repository wants to hear of.';
    return `${sentence}${small}`;
  }
  const parts = [
    sentence,
    table(report, rowsMax),
    list('What to look at', check.reasons.map(proseText), rowsMax),
    list('Cheaper', options.map(optionLine), rowsMax),
    details('How it was reckoned', check.changes.flatMap(reckoning), rowsMax),
    details('Budgets and room', check.changes.flatMap(limits), rowsMax),
    footer(report),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function table({ check: { changes }, audience }: CheckReport, rowsMax: number): string {
  const rows = changes.slice(0, rowsMax).map((change) => [
    // How clusters are called may be the operator's own words.
    `${codeSpan(`${change.workload.namespace}/${change.workload.name}`)}${audience === 'team' ? ` in ${codeSpan(change.workload.cluster)}` : ''}`,
    fieldsMarkdown(change),
    change.kind === 'added' ? '' : estimateWords(change.before),
    change.kind === 'removed' ? '' : estimateWords(change.after),
    deltaWords(change.delta),
  ]);
  return markdownTable(
    ['Workload', 'Change', 'Before, a month', 'After, a month', 'Difference'],
    rows,
    changes.length - rows.length,
  );
}

function fieldsMarkdown({ kind, fields }: WorkloadChange): string {
  const words = fields.map(({ field, from, to }) => {
    if (kind === 'changed') return `${field} ${valueSpan(from)} → ${valueSpan(to)}`;
    return `${field} ${valueSpan(kind === 'added' ? to : from)}`;
  });
  return `${kind === 'changed' ? '' : kind === 'added' ? 'new: ' : 'removed: '}${words.join(', ')}`;
}

function valueSpan(value: LeverValue | undefined): string {
  return value === undefined ? 'unset' : codeSpan(String(value));
}

function optionLine({ workload, change, reason, suggestion }: CheaperOption): string {
  const where = suggestion === undefined ? '' : ` (suggested at ${codeSpan(`${suggestion.path}:${suggestion.line}`)})`;
  return `${codeSpan(`${workload.namespace}/${workload.name}`)}: ${proseText(change)}: ${proseText(reason)}${where}`;
}

function reckoning({ workload, kind, before, after, similar }: WorkloadChange): readonly string[] {
  const name = codeSpan(`${workload.namespace}/${workload.name}`);
  const estimate = kind === 'removed' ? before : after;
  const likened = similar.map(({ workload: other, similarityRatio, shared }) => {
    const percent = `${(similarityRatio * 100).toFixed(0)} %`;
    return `${name} is ${percent} like ${codeSpan(`${other.namespace}/${other.name}`)}: ${proseText(shared.join(', '))}`;
  });
  if (estimate.kind === 'unknown') return [`${name}: not known: ${proseText(estimate.reason)}`, ...likened];
  const figures = estimate.evidence.map(
    ({ label, value, source }) => `${name}: ${proseText(label)}: ${proseText(value)} (${proseText(source)})`,
  );
  return [...figures, ...likened];
}

function limits({ workload, budgets, capacity }: WorkloadChange): readonly string[] {
  const name = codeSpan(`${workload.namespace}/${workload.name}`);
  const told = budgets.map(({ policy, outcome, left, summary }) => {
    const rest =
      left === undefined
        ? ''
        : left.micros < 0n
          ? `; ${formatMoney(negateMoney(left))} more than the month allows`
          : `; ${formatMoney(left)} of the month's threshold is left`;
    return `${name}: ${codeSpan(policy.name)}: ${outcome}: ${proseText(summary)}${rest}`;
  });
  return [...told, ...capacity.map(({ outcome, summary }) => `${name}: ${outcome}: ${proseText(summary)}`)];
}

function footer({ audience, check, headCommit }: CheckReport): string {
  const whose =
    audience === 'outsiders'
      ? 'Public list prices only: this pull request comes from a fork, so nothing of bills, use or budgets is shown.'
      : 'A month has 730 hours. Prices on the bill win over public lists; what is not known is never taken for free.';
  return `<sub>${whose} Commit ${codeSpan(headCommit.slice(0, 12))}, data until ${formatUtc(check.asOf)}.</sub>`;
}

function list(title: string, lines: readonly string[], rowsMax: number): string {
  return lines.length === 0 ? '' : [`### ${title}`, '', ...bullets(lines, rowsMax)].join('\n');
}

function details(title: string, lines: readonly string[], rowsMax: number): string {
  if (lines.length === 0) return '';
  return ['<details>', `<summary>${title}</summary>`, '', ...bullets(lines, rowsMax), '', '</details>'].join('\n');
}

function bullets(lines: readonly string[], rowsMax: number): readonly string[] {
  const shown = lines.slice(0, rowsMax).map((line) => `- ${line}`);
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `- … and ${countWords(left, 'line')} more`];
}

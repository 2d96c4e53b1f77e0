import { type Evidence, type Proposal, formatMoney, formatUtc } from '../domain/index.ts';
import type { BodyBudget } from './body-budget.ts';
import type { PullRequestContext } from './context.ts';
import { codeSpan, proseText } from './escape.ts';
import { formatNumber, formatRatio, shortDigest } from './figures.ts';
import { markdownTable } from './markdown-table.ts';

/** Findings, how the saving was reckoned, and every figure with its source. */
export function whySection(proposal: Proposal, budget: BodyBudget): string {
  const findings = proposal.findings.slice(0, budget.rowsMax).map(({ kind, severity, summary }) => {
    const said = summary === proposal.reason ? 'the reason above' : proseText(summary);
    return `- **${kind}** (${severity}): ${said}.`;
  });
  const evidence = distinctEvidence([
    ...proposal.evidence,
    ...proposal.findings.flatMap((finding) => finding.evidence),
  ]);
  const table = markdownTable(
    ['Figure', 'Value', 'Source'],
    evidence
      .slice(0, budget.rowsMax)
      .map(({ label, value, source }) => [proseText(label), proseText(value), proseText(source)]),
    evidence.length - budget.rowsMax,
  );
  return [
    '### Why',
    findings.join('\n'),
    `The saving: ${proseText(proposal.saving.basis)}.`,
    ...(evidence.length === 0 ? [] : [table]),
  ].join('\n\n');
}

function distinctEvidence(evidence: readonly Evidence[]): readonly Evidence[] {
  const byText = new Map(evidence.map((item) => [JSON.stringify([item.label, item.value, item.source]), item]));
  return [...byText.values()];
}

/** What each CostPolicy says of the workload, and where it is written. */
export function policySection(proposal: Proposal, context: PullRequestContext, budget: BodyBudget): string {
  if (proposal.policyVerdicts.length === 0) return '### Policies\n\nNo CostPolicy selects this workload.';
  const at = codeSpan(shortDigest(context.repository.commit));
  const verdicts = proposal.policyVerdicts;
  const rows = verdicts
    .slice(0, budget.rowsMax)
    .map(({ policy, place, outcome, summary }) => [
      codeSpan(policy),
      outcome === 'exceeded' ? '**exceeded**' : 'within',
      proseText(summary),
      `${codeSpan(`${place.path}:${place.line}`)} at ${at}`,
    ]);
  const head = ['Policy', 'Verdict', 'Says', 'Written in'];
  return `### Policies\n\n${markdownTable(head, rows, verdicts.length - budget.rowsMax)}`;
}

/** What else was reckoned with, and why it lost. */
export function alternativesSection(proposal: Proposal, budget: BodyBudget): string {
  const { alternatives } = proposal;
  if (alternatives.length === 0) return '';
  const rows = alternatives
    .slice(0, budget.rowsMax)
    .map(({ change, savingPerMonth, whyNot }) => [
      proseText(change),
      savingPerMonth === undefined ? 'unknown' : formatMoney(savingPerMonth),
      proseText(whyNot),
    ]);
  const table = markdownTable(['Change', 'Saving per month', 'Why not'], rows, alternatives.length - budget.rowsMax);
  return `### Alternatives considered\n\n${table}`;
}

const featuresShown = 8;

/** What the autoencoder makes of the workload, and which signals made the score. */
export function anomalySection(proposal: Proposal, budget: BodyBudget): string {
  const { anomaly } = proposal;
  if (anomaly === undefined) return '';
  const { peakToThreshold, peakHour, hoursAboveThreshold, hoursScored, contributions } = anomaly;
  const sentence =
    `The autoencoder's largest error is ${formatNumber(peakToThreshold, 2)} times its threshold ` +
    `(above 1 is anomalous), in the hour of ${formatUtc(peakHour)}; ${formatNumber(hoursAboveThreshold)} of ` +
    `${formatNumber(hoursScored)} hours are above it.`;
  const rows = contributions
    .slice(0, Math.min(featuresShown, budget.rowsMax))
    .map(({ feature, shareRatio }) => [codeSpan(feature), formatRatio(shareRatio)]);
  const rest = contributions.slice(rows.length).reduce((sum, { shareRatio }) => sum + shareRatio, 0);
  const others = contributions.length - rows.length;
  if (others > 0) rows.push([`${others} more`, formatRatio(rest)]);
  return ['### Anomaly score', sentence, ...(rows.length === 0 ? [] : [markdownTable(['Signal', 'Share'], rows)])].join(
    '\n\n',
  );
}

import { formatMoney, formatUtc, formatUtcDate, moneyToNumber } from '../domain/index.ts';
import {
  type Publication,
  codeSpan,
  fencedBlock,
  formatNumber,
  formatRange,
  formatRatio,
  markdownTable,
  proseText,
  savingKindWords,
  shortDigest,
} from '../pullrequest/index.ts';
import { applyCommands } from './apply-commands.ts';
import {
  changeWords,
  countWords,
  heldBackWords,
  moneyWords,
  noVerdictWords,
  placeWords,
  problemPlaceWords,
  statusWords,
  wholeScanWords,
  workloadWords,
} from './report-words.ts';
import { type ScanReport, savingTotals, shareRatio, workloadKeyOf } from './scan-report.ts';

/** The first page of a scan in GitHub Markdown, for a terminal, a job summary or an issue. */
export function indexMarkdown(report: ScanReport): string {
  const sections = [
    `# Flyball: ${codeSpan(report.repository.name)}`,
    summary(report),
    proposals(report),
    heldBack(report),
    noVerdict(report),
    problems(report),
    apply(report),
    oldBranches(report),
    madeFrom(report),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function summary(report: ScanReport): string {
  const { coverage, repository } = report;
  const totals = savingTotals(report);
  const bill = shareRatio(moneyToNumber(coverage.effectiveToWorkloads), moneyToNumber(coverage.effectiveTotal));
  const hours = shareRatio(coverage.gpuHoursToWorkloads, coverage.gpuHoursTotal);
  const ratio = (share: number | undefined): string => (share === undefined ? 'unknown' : formatRatio(share));
  const others = coverage.otherCurrencies.map(formatMoney).join(', ');
  return [
    `${countWords(report.proposals.length, 'proposal')} for ${countWords(report.workloadsSeen, 'workload')}, ` +
      `${formatUtcDate(report.windowStart)} to ${formatUtcDate(report.windowEnd)}, branch ${codeSpan(repository.branch)} ` +
      `at ${codeSpan(shortDigest(repository.commit))}, as of ${formatUtc(report.asOf)}.`,
    '',
    markdownTable(
      ['Figure', 'Value'],
      [
        ['Leaves the bill, a month', `**${formatMoney(totals.cash)}**`],
        ['Frees paid capacity, a month', formatMoney(totals.freed)],
        ['Becomes free without releasing a node, a month', formatMoney(totals.noneYet)],
        ['Added cost, a month', formatMoney(totals.addedCost)],
        ['Effective cost in the window', formatMoney(coverage.effectiveTotal)],
        ['Share of the bill attributed', ratio(bill)],
        ['Share of the GPU-hours attributed', ratio(hours)],
        ['Idle', `${formatMoney(coverage.effectiveIdle)}, ${formatNumber(coverage.gpuHoursIdle)} GPU-hours`],
        [
          'Unattributed',
          `${formatMoney(coverage.effectiveUnattributed)}, ${formatNumber(coverage.gpuHoursUnattributed)} GPU-hours`,
        ],
        ...(others === '' ? [] : [['Billed in other currencies, not added', others]]),
      ],
    ),
  ].join('\n');
}

function proposals(report: ScanReport): string {
  if (report.proposals.length === 0) return '';
  const rows = report.proposals.map(({ proposal, publication }) => [
    // A page's name holds letters, digits, `.`, `_` and `-` only; as a link's target it is inert.
    `${codeSpan(workloadWords(proposal.workload))} ([page](${publication.page}.md))`,
    codeSpan(changeWords(proposal)),
    proseText(proposal.reason),
    `${formatRange(proposal.saving)} (${savingKindWords(proposal.saving)})`,
    formatRatio(proposal.confidenceRatio),
    codeSpan(placeWords(proposal)),
    branchCell(publication),
  ]);
  const head = ['Workload', 'Change', 'Why', 'Saving per month', 'Confidence', 'Where', 'Branch'];
  return `## Proposals\n\n${markdownTable(head, rows)}`;
}

function branchCell({ status, commit, branch, detail }: Publication): string {
  const where = commit === undefined ? '' : ` ${codeSpan(branch)}`;
  return `${statusWords[status]}${detail === undefined ? '' : `: ${proseText(detail)}`}${where}`;
}

function heldBack(report: ScanReport): string {
  if (report.heldBack.length === 0) return '';
  const rows = report.heldBack.map(({ workload, change, reason, detail, savingPerMonth }) => [
    codeSpan(workloadWords(workload)),
    codeSpan(change),
    `**${heldBackWords[reason]}**: ${proseText(detail)}`,
    moneyWords(savingPerMonth),
  ]);
  return `## Held back\n\n${markdownTable(['Workload', 'Change', 'Reason', 'Saving per month'], rows)}`;
}

function noVerdict(report: ScanReport): string {
  const rows = report.verdicts
    .filter((verdict) => verdict.kind === 'no-verdict')
    .map(({ workload, reason, detail }) => [
      codeSpan(workloadWords(workloadKeyOf(workload))),
      `**${noVerdictWords[reason]}**: ${proseText(detail)}`,
    ]);
  return rows.length === 0 ? '' : `## No verdict\n\n${markdownTable(['Workload', 'Reason'], rows)}`;
}

function problems(report: ScanReport): string {
  if (report.problems.length === 0) return '';
  const rows = report.problems.map((problem) => [
    `${problem.severity} ${codeSpan(problem.code)}`,
    problem.place.kind === 'none' ? wholeScanWords : codeSpan(problemPlaceWords(problem)),
    proseText(problem.message),
    proseText(problem.remedy),
  ]);
  return `## Problems in the input\n\n${markdownTable(['Problem', 'Where', 'What', 'What to do'], rows)}`;
}

function apply(report: ScanReport): string {
  const first = report.proposals.find(({ publication }) => publication.commit !== undefined);
  if (report.forgeDirectory === undefined || first === undefined) return '';
  const commands = fencedBlock('text', applyCommands(report.forgeDirectory, first.publication.branch));
  return `## Apply a branch\n\nIn a clone of the repository, for the first proposal:\n\n${commands}`;
}

function oldBranches({ leftAloneBranches }: ScanReport): string {
  if (leftAloneBranches.length === 0) return '';
  const branches = leftAloneBranches.map((branch) => `- ${codeSpan(branch)}`).join('\n');
  return `## Branches nobody proposes any more\n\nThey hold a person's commits, so they stay:\n\n${branches}`;
}

function madeFrom({ repository, model, dataDigest, backend }: ScanReport): string {
  return [
    '## Made from',
    [
      `- Commit ${codeSpan(repository.commit)}`,
      `- Data ${codeSpan(`sha256:${dataDigest}`)}`,
      `- Model ${model === undefined ? 'none' : `${codeSpan(model.name)} ${codeSpan(model.digest)}`}`,
      `- Scored by tfjs ${codeSpan(backend.name)} on ${proseText(backend.device)}: ${proseText(backend.reason)}`,
    ].join('\n'),
  ].join('\n\n');
}

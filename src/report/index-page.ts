import {
  type Saving,
  type WorkloadKey,
  formatMoney,
  formatUtc,
  formatUtcDate,
  moneyToNumber,
} from '../domain/index.ts';
import {
  type Publication,
  formatNumber,
  formatRatio,
  isCost,
  plainWorkloadName,
  savingKindWords,
  shortDigest,
} from '../pullrequest/index.ts';
import { applyCommands } from './apply-commands.ts';
import { chartFigure } from './chart-svg.ts';
import { costFigure, coverageFigure, savingFigure } from './charts.ts';
import { type SafeHtml, html, htmlTable } from './html.ts';
import { pageHtml } from './page.ts';
import {
  changeWords,
  countWords,
  heldBackWords,
  keepWords,
  moneyWords,
  noVerdictWords,
  placeWords,
  problemPlaceWords,
  statusWords,
  wholeScanWords,
  workloadWords,
} from './report-words.ts';
import { type ScanReport, savingTotals, shareRatio, workloadKeyOf } from './scan-report.ts';

/** The first page of a scan: totals, charts, every proposal, and everything that was not proposed with its reason. */
export function indexPage(report: ScanReport): string {
  const { repository, asOf } = report;
  const title = `Flyball: ${repository.name}, ${formatUtcDate(asOf)}`;
  const main = html`<h1>${report.proposals.length === 0 ? 'No proposals' : countWords(report.proposals.length, 'proposal')} for ${repository.name}</h1>
<p class="muted">${formatUtcDate(report.windowStart)} to ${formatUtcDate(report.windowEnd)} · ${countWords(report.workloadsSeen, 'workload')} · branch <code>${repository.branch}</code> at <code>${shortDigest(repository.commit)}</code> · as of ${formatUtc(asOf)}</p>
${tiles(report)}
${proposalSection(report)}
${chartSection(report)}
${heldBackSection(report)}
${noVerdictSection(report)}
${problemSection(report)}
${applySection(report)}
${oldBranchSection(report)}
${keptSection(report)}
${provenanceSection(report)}`;
  const bar = html`<strong>Flyball</strong> · ${repository.name} · <a href="index.md">Markdown</a>`;
  return pageHtml({ title, bar, main });
}

function tiles(report: ScanReport): SafeHtml {
  const { coverage } = report;
  const totals = savingTotals(report);
  const bill = shareRatio(moneyToNumber(coverage.effectiveToWorkloads), moneyToNumber(coverage.effectiveTotal));
  const hours = shareRatio(coverage.gpuHoursToWorkloads, coverage.gpuHoursTotal);
  const tile = (figure: string, words: string): SafeHtml =>
    html`<div class="tile"><b>${figure}</b><span>${words}</span></div>\n`;
  return html`<div class="tiles">
${tile(formatMoney(totals.cash), 'a month leaves the bill')}${tile(formatMoney(totals.freed), 'a month of paid capacity is freed')}${totals.noneYet.micros === 0n ? '' : tile(formatMoney(totals.noneYet), 'a month becomes free, but releases no node yet')}${totals.addedCost.micros === 0n ? '' : tile(formatMoney(totals.addedCost), 'a month more, for what is too small')}${tile(formatMoney(coverage.effectiveTotal), 'effective cost in the window')}${tile(bill === undefined ? 'unknown' : formatRatio(bill), 'of the bill attributed to workloads')}${tile(hours === undefined ? 'unknown' : formatRatio(hours), 'of the GPU-hours attributed to workloads')}</div>`;
}

function proposalSection(report: ScanReport): SafeHtml {
  if (report.proposals.length === 0) return html``;
  const rows = report.proposals.map(({ proposal, publication }) => [
    html`<a href="${publication.page}.html">${workloadWords(proposal.workload)}</a><br><span class="muted">${proposal.workload.kind}, ${proposal.workload.cluster}</span>`,
    html`<code>${changeWords(proposal)}</code><br><code class="quiet">${placeWords(proposal)}</code>`,
    proposal.reason,
    savingCell(proposal.saving),
    formatRatio(proposal.confidenceRatio),
    branchCell(publication),
  ]);
  const head = ['Workload', 'Change', 'Why', 'Saving per month', 'Confidence', 'Branch'];
  return html`<section class="card">
<h2>Proposals</h2>
${htmlTable({ head, rows, numeric: [3, 4] })}
</section>`;
}

function savingCell(saving: Saving): SafeHtml {
  return html`<span class="${isCost(saving.likely) ? 'costs' : saving.kind}">${formatMoney(saving.likely)}</span><br><span class="muted">${savingKindWords(saving)}</span>`;
}

function branchCell({ status, commit, branch, detail }: Publication): SafeHtml {
  const where = commit === undefined ? html`` : html`<br><code class="quiet">${branch}</code>`;
  return html`${statusWords[status]}${detail === undefined ? '' : `: ${detail}`}${where}`;
}

function workloadLines(workload: WorkloadKey): SafeHtml {
  return html`${workloadWords(workload)}<br><span class="muted">${workload.kind}, ${workload.cluster}</span>`;
}

function chartSection(report: ScanReport): SafeHtml {
  const figures = [costFigure(report), coverageFigure(report), savingFigure(report)].flatMap((figure) => figure ?? []);
  if (figures.length === 0) return html``;
  return html`<section class="card">
<h2>Where the money goes</h2>
${figures.map((figure) => html`${chartFigure(figure)}\n`)}${coverageNote(report)}</section>`;
}

function coverageNote({ coverage }: ScanReport): SafeHtml {
  const others = coverage.otherCurrencies.map(formatMoney).join(', ');
  return html`<p class="muted">Idle: ${formatMoney(coverage.effectiveIdle)} and ${formatNumber(coverage.gpuHoursIdle)} GPU-hours that no pod held. Unattributed: ${formatMoney(coverage.effectiveUnattributed)} and ${formatNumber(coverage.gpuHoursUnattributed)} GPU-hours.${others === '' ? '' : ` Also billed, and not added: ${others}.`}</p>
`;
}

function heldBackSection({ heldBack }: ScanReport): SafeHtml {
  const rows = heldBack.map(({ workload, change, reason, detail, savingPerMonth }) => [
    workloadLines(workload),
    html`<code>${change}</code>`,
    html`<strong>${heldBackWords[reason]}</strong>: ${detail}`,
    moneyWords(savingPerMonth),
  ]);
  return section('Held back', 'These would help, and a rule keeps them from being proposed.', {
    head: ['Workload', 'Change', 'Reason', 'Saving per month'],
    rows,
    numeric: [3],
  });
}

function noVerdictSection({ verdicts }: ScanReport): SafeHtml {
  const rows = verdicts
    .filter((verdict) => verdict.kind === 'no-verdict')
    .map(({ workload, reason, detail }) => [
      workloadLines(workloadKeyOf(workload)),
      html`<strong>${noVerdictWords[reason]}</strong>: ${detail}`,
    ]);
  return section('No verdict', 'Nothing is said of these, because the data does not carry it.', {
    head: ['Workload', 'Reason'],
    rows,
  });
}

function keptSection({ verdicts }: ScanReport): SafeHtml {
  const kept = verdicts.filter((verdict) => verdict.kind === 'keep');
  if (kept.length === 0) return html``;
  const rows = kept.map(({ workload, reason, detail }) => [
    workloadLines(workloadKeyOf(workload)),
    html`${keepWords[reason]}: ${detail}`,
  ]);
  return html`<section class="card">
<h2>Left as they are</h2>
<details><summary>${countWords(kept.length, 'workload')}</summary>
${htmlTable({ head: ['Workload', 'Reason'], rows })}
</details>
</section>`;
}

function problemSection({ problems }: ScanReport): SafeHtml {
  const rows = problems.map((problem) => [
    html`<span class="${problem.severity}">${problem.severity}</span><br><code class="keep">${problem.code}</code>`,
    problem.place.kind === 'none' ? wholeScanWords : html`<code>${problemPlaceWords(problem)}</code>`,
    html`${problem.message}${problem.excerpt === undefined ? '' : html`<pre>${problem.excerpt.split('\n').map((line) => html`${line}\n`)}</pre>`}`,
    problem.remedy,
  ]);
  return section('Problems in the input', 'Part of what was read is wrong; the rest of the scan stands.', {
    head: ['Problem', 'Where', 'What', 'What to do'],
    rows,
  });
}

function section(title: string, words: string, table: Parameters<typeof htmlTable>[0]): SafeHtml {
  if (table.rows.length === 0) return html``;
  return html`<section class="card">
<h2>${title} <span class="muted">${table.rows.length}</span></h2>
<p class="muted">${words}</p>
${htmlTable(table)}
</section>`;
}

function applySection({ forgeDirectory, proposals, repository }: ScanReport): SafeHtml {
  const first = proposals.find(({ publication }) => publication.commit !== undefined);
  if (forgeDirectory === undefined || first === undefined) return html``;
  const commands = applyCommands(forgeDirectory, first.publication.branch).split('\n');
  return html`<section class="card">
<h2>Apply a branch</h2>
<p>Each branch is one commit on <code>${shortDigest(repository.commit)}</code>. In a clone of <code>${repository.name}</code>, for ${plainWorkloadName(first.proposal.workload)}:</p>
<pre><code>${commands.map((line) => html`${line}\n`)}</code></pre>
</section>`;
}

function oldBranchSection({ leftAloneBranches }: ScanReport): SafeHtml {
  const words = 'Their change is made, or the data no longer asks for it; they hold a person’s commits, so they stay.';
  const rows = leftAloneBranches.map((branch) => [html`<code>${branch}</code>`]);
  return section('Branches nobody proposes any more', words, { head: ['Branch'], rows });
}

function provenanceSection({ backend, model, dataDigest, repository }: ScanReport): SafeHtml {
  return html`<section class="card">
<h2>Made from</h2>
<ul>
<li>Repository <code>${repository.name}</code>, branch <code>${repository.branch}</code>, commit <code>${repository.commit}</code></li>
<li>Data <code>sha256:${dataDigest}</code></li>
<li>Model ${model === undefined ? 'none' : html`<code>${model.name}</code> <code>${model.digest}</code>`}</li>
<li>Scored by tfjs <code>${backend.name}</code> on ${backend.device}: ${backend.reason}</li>
</ul>
</section>`;
}

import { formatUtc } from '../domain/index.ts';
import { shortDigest } from '../pullrequest/index.ts';
import { applyCommands } from './apply-commands.ts';
import { bodyHtml } from './body-html.ts';
import { type SafeHtml, html } from './html.ts';
import { pageHtml } from './page.ts';
import { statusWords } from './report-words.ts';
import type { ReportedProposal, ScanReport } from './scan-report.ts';

/** One proposal as a page that reads like a pull request. */
export function proposalPage(report: ScanReport, reported: ReportedProposal): string {
  const { pullRequest, publication } = reported;
  const { repository } = report;
  const isOpen = publication.commit !== undefined;
  const badge = isOpen ? html`<span class="badge open">Open</span>` : html`<span class="badge">No branch</span>`;
  const main = html`<h1>${pullRequest.title}</h1>
<div class="meta-line">${publication.status === 'edited' ? html`<span class="badge person">Edited</span>` : badge}
<span><code>${repository.branch}</code> ← <code>${pullRequest.branch}</code></span>
${publication.commit === undefined ? html`<span>${statusWords[publication.status]}</span>` : html`<span>commit <code>${shortDigest(publication.commit)}</code></span>`}
${pullRequest.labels.map((label) => html`<span class="label">${label}</span>\n`)}</div>
${publication.detail === undefined ? '' : html`<p class="warning">${publication.detail}</p>\n`}<article class="card">
${bodyHtml(pullRequest.body, reported.charts)}</article>
${applySection(report, reported)}`;
  return pageHtml({ title: pullRequest.title, bar: bar(report, reported), main });
}

function bar({ repository, asOf }: ScanReport, { publication }: ReportedProposal): SafeHtml {
  return html`<a href="index.html">All proposals</a> · <strong>${repository.name}</strong> at <code>${shortDigest(repository.commit)}</code> · as of ${formatUtc(asOf)} · <a href="${publication.page}.md">Markdown</a>`;
}

function applySection({ forgeDirectory, repository }: ScanReport, { publication }: ReportedProposal): SafeHtml {
  if (forgeDirectory === undefined || publication.commit === undefined) return html``;
  return html`<section class="card">
<h2>Apply it</h2>
<p>In a clone of <code>${repository.name}</code>, on a branch made from <code>${repository.branch}</code>:</p>
<pre><code>${applyCommands(forgeDirectory, publication.branch)
    .split('\n')
    .map((line) => html`${line}\n`)}</code></pre>
</section>`;
}

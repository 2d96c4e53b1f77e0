import { type Proposal, assert } from '../domain/index.ts';
import type { BodyBudget } from './body-budget.ts';
import { detailsSection } from './body-details.ts';
import { alternativesSection, anomalySection, policySection, whySection } from './body-evidence.ts';
import { changeTable, chartSection, diffSection, renderedSection } from './body-change.ts';
import { declineSection, riskSection } from './body-review.ts';
import type { PullRequestContext } from './context.ts';
import { headerSentence } from './describe.ts';
import { clipText, proseText } from './escape.ts';
import { hiddenMarker } from './marker.ts';
import { workloadSlug } from './slug.ts';

/** GitHub refuses a body above 65,536 characters (HTTP 422, "body is too long"); decisions and state are added later. */
const bodyLengthMax = 65_536 - 8_192;

const budgets: readonly BodyBudget[] = [
  { withQueries: true, withDetails: true, rowsMax: 200, diffLinesMax: 400, diffColumnsMax: 2_000 },
  { withQueries: false, withDetails: true, rowsMax: 200, diffLinesMax: 400, diffColumnsMax: 2_000 },
  { withQueries: false, withDetails: false, rowsMax: 200, diffLinesMax: 400, diffColumnsMax: 2_000 },
  { withQueries: false, withDetails: false, rowsMax: 20, diffLinesMax: 100, diffColumnsMax: 200 },
  { withQueries: false, withDetails: false, rowsMax: 3, diffLinesMax: 40, diffColumnsMax: 200 },
];

/** The body in GitHub Markdown: what, proof, why, how to go back, how to say no, and a hidden marker as its last line. */
export function renderBody(proposal: Proposal, context: PullRequestContext): string {
  let body = '';
  for (const [index, budget] of budgets.entries()) {
    body = bodyWithin(proposal, context, { budget, isCut: index > 0 });
    if (body.length <= bodyLengthMax) return body;
  }
  assert(false, `a body of ${body.length} characters is left after all cuts`);
  return body;
}

function bodyWithin(
  proposal: Proposal,
  context: PullRequestContext,
  { budget, isCut }: { readonly budget: BodyBudget; readonly isCut: boolean },
): string {
  const sections = [
    headerSentence(proposal),
    `Why: ${proseText(proposal.reason)}.`,
    changeTable(proposal, budget),
    diffSection(context, budget),
    renderedSection(context, budget),
    chartSection(context),
    whySection(proposal, budget),
    policySection(proposal, context, budget),
    alternativesSection(proposal, budget),
    anomalySection(proposal, budget),
    riskSection(proposal),
    declineSection,
    detailsSection(proposal, context, budget),
    isCut ? 'Parts of this text are left out, because a body can hold 65,536 characters.' : '',
    proposalMarker(proposal, context),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** SHA-256 in hex. */
const digestLengthMax = 64;

/** What the next scan reads back: which change this is, and what it was made from. */
function proposalMarker(proposal: Proposal, context: PullRequestContext): string {
  return hiddenMarker('proposal', {
    version: 1,
    fingerprint: proposal.fingerprint,
    workload: workloadSlug(proposal.workload),
    action: proposal.action,
    commit: clipText(context.repository.commit, digestLengthMax),
    data: clipText(context.dataDigest, digestLengthMax),
    asOf: context.asOf,
  });
}

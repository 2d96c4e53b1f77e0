import type { Proposal } from '../domain/index.ts';
import { renderBody } from './body.ts';
import { commitMessage } from './commit-message.ts';
import type { PullRequestContext, RenderedPullRequest } from './context.ts';
import { pullRequestTitle } from './describe.ts';
import { isCost } from './figures.ts';
import { branchName } from './slug.ts';

/** A proposal as a pull request. The same input gives the same bytes. */
export function renderPullRequest(proposal: Proposal, context: PullRequestContext): RenderedPullRequest {
  return {
    title: pullRequestTitle(proposal),
    branch: branchName(proposal.workload, proposal.action),
    body: renderBody(proposal, context),
    commitMessage: commitMessage(proposal, context),
    labels: pullRequestLabels(proposal),
  };
}

export function pullRequestLabels({ saving, risk }: Proposal): readonly string[] {
  return ['flyball', isCost(saving.likely) ? 'cost/increase' : 'cost/decrease', `risk/${risk}`];
}

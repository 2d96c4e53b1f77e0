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
    labels: ['flyball', isCost(proposal.saving.likely) ? 'cost/increase' : 'cost/decrease', `risk/${proposal.risk}`],
  };
}

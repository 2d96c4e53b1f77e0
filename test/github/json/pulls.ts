import { authorAssociation } from '../state/repositories.ts';
import { type Issue, type PullRequest, type Repository, type World, nodeId, timestamp } from '../state/world.ts';
import { accountJson, teamJson } from './accounts.ts';
import { labelJson } from './issues.ts';
import { repositoryApiUrl, repositoryHtmlUrl, repositoryJson } from './repository.ts';

/** The half of an issue that is a pull request. Throws for an issue that is none. */
export function pullOf(issue: Issue): PullRequest {
  if (issue.pull === undefined) throw new Error(`#${issue.number} is no pull request`);
  return issue.pull;
}

/** As lists show pull requests. */
export function pullJson(world: World, repository: Repository, issue: Issue): Record<string, unknown> {
  const pull = pullOf(issue);
  const links = pullLinks(world, repository, issue);
  const [assignee] = issue.assignees;
  return {
    ...links,
    id: issue.id,
    node_id: nodeId('PR', issue.id),
    number: issue.number,
    state: issue.state,
    locked: issue.isLocked,
    title: issue.title,
    user: accountJson(world, issue.author),
    body: issue.body,
    created_at: timestamp(issue.createdAt),
    updated_at: timestamp(issue.updatedAt),
    closed_at: issue.closedAt === null ? null : timestamp(issue.closedAt),
    merged_at: pull.merged === undefined ? null : timestamp(pull.merged.at),
    merge_commit_sha: pull.merged?.sha ?? null,
    assignee: assignee === undefined ? null : accountJson(world, assignee),
    assignees: issue.assignees.map((one) => accountJson(world, one)),
    requested_reviewers: pull.requestedReviewers.map((one) => accountJson(world, one)),
    requested_teams: pull.requestedTeams.map((team) => teamJson(world, repository.owner, team)),
    labels: issue.labels.map((label) => labelJson(world, repository, label)),
    milestone: null,
    draft: pull.isDraft,
    head: sideJson(world, pull.head.repository, pull.head),
    base: sideJson(world, repository, pull.base),
    author_association: authorAssociation(repository, issue.author),
    auto_merge: null,
    active_lock_reason: issue.lockReason,
  };
}

function pullLinks(world: World, repository: Repository, { number, pull }: Issue) {
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/pulls/${number}`;
  const html = `${repositoryHtmlUrl(world, repository)}/pull/${number}`;
  const links = {
    self: url,
    html,
    issue: `${api}/issues/${number}`,
    comments: `${api}/issues/${number}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${api}/statuses/${pull?.head.sha ?? ''}`,
  };
  return {
    url,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: links.issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
  };
}

function sideJson(world: World, repository: Repository, { ref, sha }: { readonly ref: string; readonly sha: string }) {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: accountJson(world, repository.owner),
    repo: repositoryJson(world, repository),
  };
}

/** What git says of a pull request. */
export interface PullCounts {
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
  /** Undefined while GitHub has not found out. */
  readonly isMergeable: boolean | undefined;
}

/** As one pull request is shown by itself, and in webhooks. */
export function fullPullJson(
  world: World,
  repository: Repository,
  issue: Issue,
  counts: PullCounts,
): Record<string, unknown> {
  const pull = pullOf(issue);
  const comments = [...repository.comments.values()].filter((comment) => comment.issue === issue);
  return {
    ...pullJson(world, repository, issue),
    merged: pull.merged !== undefined,
    mergeable: issue.state === 'closed' ? null : (counts.isMergeable ?? null),
    rebaseable: issue.state === 'closed' ? null : (counts.isMergeable ?? null),
    mergeable_state: mergeableState(issue, counts),
    merged_by: pull.merged === undefined ? null : accountJson(world, pull.merged.by),
    comments: comments.filter(({ review }) => review === undefined).length,
    review_comments: comments.filter(({ review }) => review !== undefined).length,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: counts.commits,
    additions: counts.additions,
    deletions: counts.deletions,
    changed_files: counts.changedFiles,
  };
}

function mergeableState({ state, pull }: Issue, { isMergeable }: PullCounts): string {
  if (state === 'closed' || isMergeable === undefined) return 'unknown';
  if (!isMergeable) return 'dirty';
  if (pull?.isDraft === true) return 'draft';
  return 'clean';
}

import { authorAssociation } from '../state/repositories.ts';
import {
  type Comment,
  type Issue,
  type Label,
  type Reaction,
  type Repository,
  type World,
  nodeId,
  timestamp,
} from '../state/world.ts';
import { accountJson, appJson } from './accounts.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repository.ts';

export function labelJson(world: World, repository: Repository, label: Label) {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${repositoryApiUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  };
}

export const reactionContents = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'] as const;

export function reactionJson(world: World, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: accountJson(world, reaction.user),
    content: reaction.content,
    created_at: timestamp(reaction.createdAt),
  };
}

function reactionsJson(url: string, reactions: readonly Reaction[]) {
  const counts = reactionContents.map(
    (content) => [content, reactions.filter((reaction) => reaction.content === content).length] as const,
  );
  return { url: `${url}/reactions`, total_count: reactions.length, ...Object.fromEntries(counts) };
}

function viaAppJson(world: World, app: Issue['viaApp']) {
  return app === undefined ? null : appJson(world, app);
}

/** An issue, or a pull request as the issues API shows it. */
export function issueJson(world: World, repository: Repository, issue: Issue): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/issues/${issue.number}`;
  const html = `${repositoryHtmlUrl(world, repository)}/${issue.pull === undefined ? 'issues' : 'pull'}/${issue.number}`;
  const comments = [...repository.comments.values()].filter(
    (comment) => comment.issue === issue && comment.review === undefined,
  );
  const [assignee] = issue.assignees;
  return {
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: issue.id,
    node_id: nodeId(issue.pull === undefined ? 'I' : 'PR', issue.id),
    number: issue.number,
    title: issue.title,
    user: accountJson(world, issue.author),
    labels: issue.labels.map((label) => labelJson(world, repository, label)),
    state: issue.state,
    locked: issue.isLocked,
    assignee: assignee === undefined ? null : accountJson(world, assignee),
    assignees: issue.assignees.map((one) => accountJson(world, one)),
    milestone: null,
    comments: comments.length,
    created_at: timestamp(issue.createdAt),
    updated_at: timestamp(issue.updatedAt),
    closed_at: issue.closedAt === null ? null : timestamp(issue.closedAt),
    author_association: authorAssociation(repository, issue.author),
    active_lock_reason: issue.lockReason,
    body: issue.body,
    closed_by: issue.closedBy === null ? null : accountJson(world, issue.closedBy),
    reactions: reactionsJson(url, issue.reactions),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: viaAppJson(world, issue.viaApp),
    state_reason: issue.stateReason,
    ...(issue.pull === undefined ? {} : pullLinks(api, html, issue)),
  };
}

function pullLinks(api: string, html: string, { number, pull }: Issue) {
  return {
    draft: pull?.isDraft ?? false,
    pull_request: {
      url: `${api}/pulls/${number}`,
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      merged_at: pull?.merged === undefined ? null : timestamp(pull.merged.at),
    },
  };
}

export function commentJson(world: World, repository: Repository, comment: Comment): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/issues/comments/${comment.id}`;
  const { issue } = comment;
  const html = `${repositoryHtmlUrl(world, repository)}/${issue.pull === undefined ? 'issues' : 'pull'}/${issue.number}`;
  return {
    url,
    html_url: `${html}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${issue.number}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: accountJson(world, comment.author),
    created_at: timestamp(comment.createdAt),
    updated_at: timestamp(comment.updatedAt),
    body: comment.body,
    author_association: authorAssociation(repository, comment.author),
    reactions: reactionsJson(url, comment.reactions),
    performed_via_github_app: viaAppJson(world, comment.viaApp),
  };
}

export function reviewCommentJson(world: World, repository: Repository, comment: Comment): Record<string, unknown> {
  const { review, issue } = comment;
  if (review === undefined) throw new Error(`comment ${comment.id} stands at no line`);
  const pull = `${repositoryApiUrl(world, repository)}/pulls/${issue.number}`;
  const url = `${repositoryApiUrl(world, repository)}/pulls/comments/${comment.id}`;
  const html = `${repositoryHtmlUrl(world, repository)}/pull/${issue.number}#discussion_r${comment.id}`;
  return {
    url,
    pull_request_review_id: review.reviewId,
    id: comment.id,
    node_id: nodeId('PRRC', comment.id),
    diff_hunk: review.diffHunk,
    path: review.path,
    position: review.line,
    original_position: review.line ?? 1,
    commit_id: review.commitId,
    original_commit_id: review.commitId,
    ...(review.inReplyTo === undefined ? {} : { in_reply_to_id: review.inReplyTo }),
    user: accountJson(world, comment.author),
    body: comment.body,
    created_at: timestamp(comment.createdAt),
    updated_at: timestamp(comment.updatedAt),
    html_url: html,
    pull_request_url: pull,
    author_association: authorAssociation(repository, comment.author),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pull } },
    start_line: review.startLine,
    original_start_line: review.startLine,
    start_side: review.startLine === null ? null : review.side,
    line: review.line ?? 1,
    original_line: review.line ?? 1,
    side: review.side,
    subject_type: review.line === null ? 'file' : 'line',
    reactions: reactionsJson(url, comment.reactions),
  };
}

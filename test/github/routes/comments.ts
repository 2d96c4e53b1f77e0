import { tryGit } from '../git/run-git.ts';
import { onRepository } from '../http/access.ts';
import {
  type Answer,
  ApiError,
  checkBodyLength,
  created,
  noContent,
  notFound,
  ok,
  validationFailed,
} from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf, appOf } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { commentJson, reviewCommentJson } from '../json/issues.ts';
import { pullOf } from '../json/pulls.ts';
import { notifyComment } from '../state/issues.ts';
import { hasRole, roleOf } from '../state/repositories.ts';
import { type Comment, type Issue, type ReviewPlace, timestamp } from '../state/world.ts';
import { findIssue } from './issues.ts';
import { findPull } from './pulls.ts';

const either = { needs: ['issues:write', 'pull_requests:write'], role: 'read' } as const;
const eitherRead = { needs: ['issues:read', 'pull_requests:read'] } as const;
const reviews = { needs: ['pull_requests:write'], role: 'read' } as const;
const oneComment = '/repos/{owner}/{repo}/issues/comments/{comment_id}';
const oneReviewComment = '/repos/{owner}/{repo}/pulls/comments/{comment_id}';

export const commentRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', eitherRead, (exchange) => {
    const issue = findIssue(exchange);
    return commentPage(exchange, (comment) => comment.issue === issue && comment.review === undefined);
  }),
  onRepository('GET /repos/{owner}/{repo}/issues/comments', eitherRead, (exchange) =>
    commentPage(exchange, ({ review }) => review === undefined),
  ),
  onRepository('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', either, async (exchange) => {
    const comment = await addComment(exchange, findIssue(exchange), { resource: 'IssueComment', review: undefined });
    const body = commentJson(exchange.world, exchange.repository, comment);
    return created(body, String(body['url']));
  }),
  onRepository(`GET ${oneComment}`, eitherRead, (exchange) =>
    ok(commentJson(exchange.world, exchange.repository, findComment(exchange, 'issue'))),
  ),
  onRepository(`PATCH ${oneComment}`, either, async (exchange) => {
    const comment = findComment(exchange, 'issue');
    await changeComment(exchange, comment);
    return ok(commentJson(exchange.world, exchange.repository, comment));
  }),
  onRepository(`DELETE ${oneComment}`, either, async (exchange) =>
    removeComment(exchange, findComment(exchange, 'issue')),
  ),
  onRepository('GET /repos/{owner}/{repo}/pulls/{pull_number}/comments', 'pull_requests:read', (exchange) => {
    const issue = findPull(exchange);
    return commentPage(exchange, (comment) => comment.issue === issue && comment.review !== undefined);
  }),
  onRepository('POST /repos/{owner}/{repo}/pulls/{pull_number}/comments', reviews, async (exchange) => {
    const issue = findPull(exchange);
    const review = await reviewPlace(exchange, issue);
    return reviewCommentAnswer(
      exchange,
      await addComment(exchange, issue, { resource: 'PullRequestReviewComment', review }),
    );
  }),
  onRepository(
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies',
    reviews,
    async (exchange) => {
      const first = findComment(exchange, 'review');
      if (first.review === undefined) throw notFound();
      const review = { ...first.review, inReplyTo: first.id };
      return reviewCommentAnswer(
        exchange,
        await addComment(exchange, findPull(exchange), { resource: 'PullRequestReviewComment', review }),
      );
    },
  ),
  onRepository(`GET ${oneReviewComment}`, 'pull_requests:read', (exchange) =>
    ok(reviewCommentJson(exchange.world, exchange.repository, findComment(exchange, 'review'))),
  ),
  onRepository(`PATCH ${oneReviewComment}`, reviews, async (exchange) => {
    const comment = findComment(exchange, 'review');
    await changeComment(exchange, comment);
    return ok(reviewCommentJson(exchange.world, exchange.repository, comment));
  }),
  onRepository(`DELETE ${oneReviewComment}`, reviews, async (exchange) =>
    removeComment(exchange, findComment(exchange, 'review')),
  ),
];

/** The comment that the path names. Throws 404. */
export function findComment({ repository, params }: RepositoryExchange, kind: 'issue' | 'review'): Comment {
  const comment = repository.comments.get(Number(params['comment_id']));
  if (comment === undefined || (comment.review !== undefined) !== (kind === 'review')) throw notFound();
  return comment;
}

function commentPage(exchange: RepositoryExchange, isWanted: (comment: Comment) => boolean): Answer {
  const { world, repository, query } = exchange;
  const since = query.get('since');
  const comments = [...repository.comments.values()]
    .filter(isWanted)
    .filter(({ updatedAt }) => since === null || timestamp(updatedAt) >= timestamp(Date.parse(since)));
  return pageOf(exchange, query.get('direction') === 'desc' ? comments.toReversed() : comments, {
    toJson: (comment) =>
      comment.review === undefined
        ? commentJson(world, repository, comment)
        : reviewCommentJson(world, repository, comment),
  });
}

async function addComment(
  { world, repository, actor, body }: RepositoryExchange,
  issue: Issue,
  { resource, review }: { readonly resource: string; readonly review: ReviewPlace | undefined },
): Promise<Comment> {
  const text = (body as { readonly body: string }).body;
  checkBodyLength(resource, text);
  if (text.trim() === '')
    throw validationFailed({ resource, code: 'unprocessable', field: 'data', message: 'Body cannot be blank' });
  const author = accountOf(actor);
  if (issue.isLocked && actor.kind === 'user' && !hasRole(roleOf(repository, author), 'write')) {
    throw new ApiError(403, 'Unable to create comment because issue is locked.');
  }
  const now = world.clock();
  const comment: Comment = {
    id: world.nextId(),
    issue,
    author,
    viaApp: appOf(actor),
    createdAt: now,
    updatedAt: now,
    reactions: [],
    review,
    body: text,
    minimizedReason: undefined,
  };
  repository.comments.set(comment.id, comment);
  issue.updatedAt = now;
  await notifyComment(world, repository, comment, { action: 'created', sender: author });
  return comment;
}

async function changeComment(exchange: RepositoryExchange, comment: Comment): Promise<void> {
  const { world, repository, actor, body } = exchange;
  const text = (body as { readonly body: string }).body;
  checkBodyLength('IssueComment', text);
  checkMayChange(exchange, comment);
  const changes = { body: { from: comment.body } };
  comment.body = text;
  comment.updatedAt = world.clock();
  await notifyComment(world, repository, comment, { action: 'edited', sender: accountOf(actor), more: { changes } });
}

async function removeComment(exchange: RepositoryExchange, comment: Comment): Promise<Answer> {
  const { world, repository, actor } = exchange;
  checkMayChange(exchange, comment);
  repository.comments.delete(comment.id);
  await notifyComment(world, repository, comment, { action: 'deleted', sender: accountOf(actor) });
  return noContent;
}

// One's own, or with write access; an App changes what people wrote with its permission alone.
function checkMayChange({ actor, repository }: RepositoryExchange, comment: Comment): void {
  if (actor.kind !== 'user' || comment.author === actor.user) return;
  if (!hasRole(roleOf(repository, actor.user), 'write'))
    throw new ApiError(403, 'Must have admin rights to Repository.');
}

function reviewCommentAnswer({ world, repository }: RepositoryExchange, comment: Comment): Answer {
  const body = reviewCommentJson(world, repository, comment);
  return created(body, String(body['url']));
}

interface WantedPlace {
  readonly commit_id: string;
  readonly path: string;
  readonly line?: number;
  readonly side?: 'LEFT' | 'RIGHT';
  readonly start_line?: number;
  readonly in_reply_to?: number;
  readonly subject_type?: 'line' | 'file';
}

async function reviewPlace({ world, repository, body }: RepositoryExchange, issue: Issue): Promise<ReviewPlace> {
  const wanted = body as unknown as WantedPlace;
  const { base, head } = pullOf(issue);
  const range = ['diff', '--unified=3', `${base.sha}...${wanted.commit_id}`, '--', `:(literal)${wanted.path}`];
  const diff = /^[0-9a-f]{40}$/.test(wanted.commit_id) ? await tryGit(repository.directory, range) : undefined;
  if (diff === undefined) throw unresolved('commit_id', `commit_id is not part of the pull request`);
  if (diff === '') throw unresolved('path', `Path could not be resolved`);
  const { line = null, start_line: startLine = null, side = 'RIGHT' } = wanted;
  const isFile = wanted.subject_type === 'file';
  if (!isFile && (line === null || !hunkLines(diff, side).has(line)))
    throw unresolved('line', 'Line could not be resolved');
  if (startLine !== null && (line === null || startLine >= line || !hunkLines(diff, side).has(startLine))) {
    throw unresolved('start_line', 'Start line could not be resolved');
  }
  return {
    reviewId: world.nextId(),
    path: wanted.path,
    commitId: wanted.commit_id === head.sha ? head.sha : wanted.commit_id,
    line: isFile ? null : line,
    startLine,
    side,
    inReplyTo: wanted.in_reply_to,
    diffHunk: diff.slice(Math.max(0, diff.indexOf('@@'))),
  };
}

function unresolved(field: string, message: string): ApiError {
  return validationFailed({
    resource: 'PullRequestReviewComment',
    code: 'custom',
    field,
    message: `${field} ${message}`,
  });
}

/** The lines of one side that a diff shows, unchanged ones included. */
function hunkLines(diff: string, side: 'LEFT' | 'RIGHT'): ReadonlySet<number> {
  const lines = new Set<number>();
  let next = 0;
  let isInside = false;
  for (const line of diff.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) {
      next = Number(side === 'LEFT' ? hunk[1] : hunk[2]);
      isInside = true;
    } else if (isInside && (line.startsWith(' ') || line.startsWith(side === 'LEFT' ? '-' : '+'))) {
      lines.add(next);
      next += 1;
    }
  }
  return lines;
}

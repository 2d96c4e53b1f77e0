import { commentJson, issueJson, labelJson, reviewCommentJson } from '../json/issues.ts';
import { describePull, notifyPull } from './pulls.ts';
import type { Account, Comment, Issue, Label, Repository, World } from './world.ts';

interface Told {
  readonly action: string;
  readonly sender: Account;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Tells Apps what happened to an issue, or to a pull request by way of the issues API. */
export async function notifyIssue(world: World, repository: Repository, issue: Issue, told: Told): Promise<void> {
  if (issue.pull !== undefined) {
    await notifyPull(world, repository, issue, told);
    return;
  }
  world.notify({
    event: 'issues',
    action: told.action,
    repository,
    sender: told.sender,
    payload: { issue: issueJson(world, repository, issue), ...told.more },
  });
}

/** Gives an issue other labels, and tells of each one that came or went. */
export async function setLabels(
  world: World,
  repository: Repository,
  issue: Issue,
  { labels, sender }: { readonly labels: readonly Label[]; readonly sender: Account },
): Promise<void> {
  const before = issue.labels;
  issue.labels = [...new Set(labels)];
  const came = issue.labels.filter((label) => !before.includes(label));
  const gone = before.filter((label) => !issue.labels.includes(label));
  if (came.length + gone.length > 0) issue.updatedAt = world.clock();
  for (const label of came) {
    const more = { label: labelJson(world, repository, label) };
    await notifyIssue(world, repository, issue, { action: 'labeled', sender, more });
  }
  for (const label of gone) {
    const more = { label: labelJson(world, repository, label) };
    await notifyIssue(world, repository, issue, { action: 'unlabeled', sender, more });
  }
}

/** Tells Apps of a comment that was written, changed or removed. */
export async function notifyComment(world: World, repository: Repository, comment: Comment, told: Told): Promise<void> {
  const { issue } = comment;
  const isReview = comment.review !== undefined;
  world.notify({
    event: isReview ? 'pull_request_review_comment' : 'issue_comment',
    action: told.action,
    repository,
    sender: told.sender,
    payload: isReview
      ? {
          comment: reviewCommentJson(world, repository, comment),
          pull_request: await describePull(world, repository, issue),
          ...told.more,
        }
      : {
          comment: commentJson(world, repository, comment),
          issue: issueJson(world, repository, issue),
          ...told.more,
        },
  });
}

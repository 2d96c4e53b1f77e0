import { aheadBehind, mergeBase, mergeTrees } from '../git/commits.ts';
import { runGit } from '../git/run-git.ts';
import { type PullCounts, fullPullJson, pullOf } from '../json/pulls.ts';
import type { Account, App, Issue, PullRequest, Repository, World } from './world.ts';

interface NewIssue {
  readonly author: Account;
  readonly viaApp: App | undefined;
  readonly title: string;
  readonly body: string | null;
  readonly pull: PullRequest | undefined;
}

/** The next issue or pull request of a repository: they share their numbers. */
export function addIssue(world: World, repository: Repository, wanted: NewIssue): Issue {
  const now = world.clock();
  const issue: Issue = {
    ...wanted,
    id: world.nextId(),
    number: repository.issues.size + 1,
    createdAt: now,
    updatedAt: now,
    reactions: [],
    state: 'open',
    stateReason: null,
    labels: [],
    assignees: [],
    lockReason: null,
    isLocked: false,
    closedAt: null,
    closedBy: null,
  };
  repository.issues.set(issue.number, issue);
  return issue;
}

/** The head of a pull request in the repository it is for: `refs/pull/NUMBER/head`, also when it comes from a fork. */
export async function keepHead(repository: Repository, { number, pull }: Issue): Promise<void> {
  if (pull === undefined) return;
  const { directory } = repository;
  const { head } = pull;
  if (head.repository !== repository) {
    await runGit(directory, [
      'fetch',
      '--quiet',
      head.repository.directory,
      `+refs/heads/${head.ref}:refs/pull/${number}/head`,
    ]);
  } else await runGit(directory, ['update-ref', `refs/pull/${number}/head`, head.sha]);
}

/** What changes a pull request brings: from where it left its base to its head. */
export async function pullRange(repository: Repository, pull: PullRequest): Promise<{ base: string; head: string }> {
  const base = await mergeBase(repository.directory, pull.base.sha, pull.head.sha);
  return { base: base ?? pull.base.sha, head: pull.head.sha };
}

/** Finds out what GitHub finds out in the background. */
export async function findMergeability(repository: Repository, pull: PullRequest): Promise<boolean> {
  const [head, base] = [pull.head.sha, pull.base.sha];
  if (pull.mergeable?.head === head && pull.mergeable.base === base) return pull.mergeable.isMergeable;
  const isMergeable = (await mergeTrees(repository.directory, base, head)) !== undefined;
  pull.mergeable = { head, base, isMergeable };
  return isMergeable;
}

export function knownMergeability({ mergeable, head, base }: PullRequest): boolean | undefined {
  return mergeable?.head === head.sha && mergeable.base === base.sha ? mergeable.isMergeable : undefined;
}

const counted = new WeakMap<PullRequest, { readonly key: string; readonly counts: Omit<PullCounts, 'isMergeable'> }>();

/** A pull request in full; `mergeable` only when it is known already. */
export async function describePull(
  world: World,
  repository: Repository,
  issue: Issue,
): Promise<Record<string, unknown>> {
  const pull = pullOf(issue);
  const key = `${pull.base.sha} ${pull.head.sha}`;
  const known = counted.get(pull);
  const counts = known?.key === key ? known.counts : await countChanges(repository, pull);
  counted.set(pull, { key, counts });
  return fullPullJson(world, repository, issue, { ...counts, isMergeable: knownMergeability(pull) });
}

async function countChanges(repository: Repository, pull: PullRequest): Promise<Omit<PullCounts, 'isMergeable'>> {
  const { base, head } = await pullRange(repository, pull);
  const [{ ahead }, stat] = await Promise.all([
    aheadBehind(repository.directory, base, head),
    runGit(repository.directory, ['diff', '--shortstat', base, head, '--']),
  ]);
  const number = (pattern: RegExp): number => Number(pattern.exec(stat)?.[1] ?? 0);
  return {
    commits: ahead,
    changedFiles: number(/(\d+) files? changed/),
    additions: number(/(\d+) insertions?/),
    deletions: number(/(\d+) deletions?/),
  };
}

/** Tells Apps what happened to a pull request. */
export async function notifyPull(
  world: World,
  repository: Repository,
  issue: Issue,
  told: { readonly action: string; readonly sender: Account; readonly more?: Readonly<Record<string, unknown>> },
): Promise<void> {
  world.notify({
    event: 'pull_request',
    action: told.action,
    repository,
    sender: told.sender,
    payload: {
      number: issue.number,
      pull_request: await describePull(world, repository, issue),
      ...told.more,
    },
  });
}

export async function closePull(world: World, repository: Repository, issue: Issue, sender: Account): Promise<void> {
  closeIssue(world, issue, sender);
  await notifyPull(world, repository, issue, { action: 'closed', sender });
}

export function closeIssue(world: World, issue: Issue, sender: Account): void {
  issue.state = 'closed';
  issue.closedAt = world.clock();
  issue.closedBy = sender;
  issue.updatedAt = world.clock();
}

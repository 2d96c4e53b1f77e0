import { type Commit, isAncestor, readCommit, readCommits } from '../git/commits.ts';
import { noCommit } from '../git/refs.ts';
import { runGit } from '../git/run-git.ts';
import { simpleCommitJson } from '../json/commits.ts';
import { repositoryHtmlUrl } from '../json/repository.ts';
import { requestCheckSuites } from './checks.ts';
import { closeIssue, closePull, keepHead, notifyPull } from './pulls.ts';
import type { Account, RefMove, Repository, World } from './world.ts';

/** What GitHub does after a push, or a change of references by the API: events, pull requests, check suites. */
export async function followRefs(
  world: World,
  repository: Repository,
  moves: readonly RefMove[],
  sender: Account,
): Promise<void> {
  repository.pushedAt = world.clock();
  for (const move of moves) {
    if (!/^refs\/(heads|tags)\//.test(move.ref)) continue;
    await notifyPush(world, repository, move, sender);
    if (!move.ref.startsWith('refs/heads/')) continue;
    const branch = move.ref.slice('refs/heads/'.length);
    await followHeads(world, repository, { ...move, branch }, sender);
    await followBases(world, repository, { ...move, branch }, sender);
    if (move.after !== noCommit) await requestCheckSuites(world, repository, { branch, ...move }, sender);
  }
}

type BranchMove = RefMove & { readonly branch: string };

async function followHeads(world: World, repository: Repository, move: BranchMove, sender: Account): Promise<void> {
  for (const target of world.repositories.values()) {
    for (const issue of target.issues.values()) {
      const head = issue.pull?.head;
      if (issue.state !== 'open' || head?.repository !== repository || head.ref !== move.branch) continue;
      if (move.after === noCommit) {
        await closePull(world, target, issue, sender);
        continue;
      }
      head.sha = move.after;
      issue.updatedAt = world.clock();
      await keepHead(target, issue);
      const more = { before: move.before, after: move.after };
      await notifyPull(world, target, issue, { action: 'synchronize', sender, more });
    }
  }
}

async function followBases(world: World, repository: Repository, move: BranchMove, sender: Account): Promise<void> {
  const merged = move.after === noCommit ? new Set<string>() : await mergedHeads(repository, move.after);
  for (const issue of repository.issues.values()) {
    const { pull } = issue;
    if (issue.state !== 'open' || pull === undefined || pull.base.ref !== move.branch) continue;
    if (move.after === noCommit) {
      await closePull(world, repository, issue, sender);
    } else if (merged.has(`refs/pull/${issue.number}/head`)) {
      // Somebody merged it by hand and pushed.
      pull.merged = { at: world.clock(), by: sender, sha: move.after };
      closeIssue(world, issue, sender);
      await notifyPull(world, repository, issue, { action: 'closed', sender });
    } else pull.base.sha = move.after;
  }
}

// One question for all: there may be a thousand open pull requests.
async function mergedHeads({ directory }: Repository, commit: string): Promise<ReadonlySet<string>> {
  const text = await runGit(directory, ['for-each-ref', `--merged=${commit}`, '--format=%(refname)', 'refs/pull']);
  return new Set(text.split('\n'));
}

const commitsInPush = 2048;

async function notifyPush(world: World, repository: Repository, move: RefMove, sender: Account): Promise<void> {
  const html = repositoryHtmlUrl(world, repository);
  const isDeletion = move.after === noCommit;
  const range =
    move.before === noCommit
      ? [move.after, '--not', `--exclude=${move.ref.replace('refs/heads/', '')}`, '--branches']
      : [`${move.before}..${move.after}`];
  const walked = isDeletion
    ? []
    : await readCommits(repository.directory, [`--max-count=${commitsInPush}`, '--reverse', ...range, '--']);
  const commits: unknown[] = [];
  for (const commit of walked) commits.push(await pushedCommit(repository, html, commit));
  // A branch that was made at a commit of another one brings none of its own.
  const headCommit =
    isDeletion || commits.length > 0
      ? (commits.at(-1) ?? null)
      : await pushedCommit(repository, html, await readCommit(repository.directory, move.after));
  world.notify({
    event: 'push',
    action: undefined,
    repository,
    sender,
    payload: {
      ref: move.ref,
      before: move.before,
      after: move.after,
      created: move.before === noCommit,
      deleted: isDeletion,
      forced:
        !isDeletion && move.before !== noCommit && !(await isAncestor(repository.directory, move.before, move.after)),
      base_ref: null,
      compare: `${html}/compare/${move.before.slice(0, 12)}...${move.after.slice(0, 12)}`,
      commits,
      head_commit: headCommit,
      pusher: { name: sender.login, email: `${sender.login}@example.com` },
    },
  });
}

async function pushedCommit(repository: Repository, html: string, commit: Commit) {
  return {
    ...simpleCommitJson(commit),
    distinct: true,
    url: `${html}/commit/${commit.sha}`,
    ...(await changedPaths(repository, commit.sha)),
  };
}

async function changedPaths(
  { directory }: Repository,
  sha: string,
): Promise<{ readonly added: string[]; readonly removed: string[]; readonly modified: string[] }> {
  const text = await runGit(directory, [
    'diff-tree',
    '--root',
    '--no-commit-id',
    '--name-status',
    '--no-renames',
    '-r',
    '-z',
    sha,
  ]);
  const parts = text.split('\0');
  const paths: { readonly added: string[]; readonly removed: string[]; readonly modified: string[] } = {
    added: [],
    removed: [],
    modified: [],
  };
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const path = parts[at + 1] ?? '';
    if (parts[at] === 'A') paths.added.push(path);
    else if (parts[at] === 'D') paths.removed.push(path);
    else paths.modified.push(path);
  }
  return paths;
}

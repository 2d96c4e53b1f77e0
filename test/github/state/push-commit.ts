import { type FileContent, importCommit } from '../git/import-commit.ts';
import { noCommit, readBranch } from '../git/refs.ts';
import { runGit } from '../git/run-git.ts';
import { emailOf } from '../json/commits.ts';
import { addIssue } from './pulls.ts';
import type { Account, Repository, World } from './world.ts';

export interface PushOptions {
  readonly by: Account;
  /** A new branch starts at the default branch. The default branch when left out. */
  readonly branch?: string;
  /** By path; null removes a file. */
  readonly files: Readonly<Record<string, FileContent | null>>;
  readonly message?: string;
}

/** One commit on a branch, as if somebody had pushed it; the new commit. */
export async function pushCommit(world: World, repository: Repository, options: PushOptions): Promise<string> {
  const { directory, defaultBranch } = repository;
  const branch = options.branch ?? defaultBranch;
  const before = await readBranch(directory, branch);
  const parent = before ?? (await readBranch(directory, defaultBranch));
  const ref = `refs/heads/${branch}`;
  const after = await importCommit(directory, {
    ref,
    parent,
    author: { name: options.by.login, email: emailOf(options.by), at: world.clock() },
    message: options.message ?? 'Change files',
    files: options.files,
  });
  await world.refsMoved(repository, [{ ref, before: before ?? noCommit, after }], options.by);
  return after;
}

/**
 * So many open pull requests at once, each with a branch and a commit of its own (`seed/1`, `seed/2`, …), and no
 * webhooks: a repository that is older than the test.
 */
export async function seedPulls(
  world: World,
  repository: Repository,
  { count, author }: { readonly count: number; readonly author: Account },
): Promise<void> {
  const { directory, defaultBranch } = repository;
  const base = (await readBranch(directory, defaultBranch)) ?? '';
  const first = repository.issues.size + 1;
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  const at = `${author.login} <${emailOf(author)}> ${Math.floor(world.clock() / 1000)} +0000`;
  const commands = numbers.flatMap((number) => [
    `commit refs/heads/seed/${number}`,
    `mark :${number}`,
    `committer ${at}`,
    `data 7`,
    'Seeding',
    `from ${base}`,
    `M 100644 inline seed/${number}.txt`,
    'data 0',
    `reset refs/pull/${number}/head`,
    `from :${number}`,
    '',
  ]);
  await runGit(directory, ['fast-import', '--quiet'], { input: `${commands.join('\n')}\n` });
  const tips = await runGit(directory, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads/seed']);
  const shas = new Map(tips.split('\n').map((line) => line.split(' ') as [string, string]));
  for (const number of numbers) {
    const ref = `seed/${number}`;
    addIssue(world, repository, {
      author,
      viaApp: undefined,
      title: `Seeded pull request ${number}`,
      body: null,
      pull: {
        head: { repository, ref, sha: shas.get(`refs/heads/${ref}`) ?? '' },
        base: { ref: defaultBranch, sha: base },
        isDraft: false,
        maintainerCanModify: false,
        merged: undefined,
        mergeable: undefined,
        requestedReviewers: [],
        requestedTeams: [],
      },
    });
  }
}

import { runGit, tryGit } from './run-git.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

const fields = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'];
const format = `--format=tformat:${fields.join('%x00')}`;

/** The commit that a name stands for; undefined when there is none. */
export async function resolveCommit(directory: string, name: string): Promise<string | undefined> {
  if (!/^[^-\0][^\0]*$/.test(name)) return undefined;
  return tryGit(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
}

/** Commits as `git log` walks them. */
export async function readCommits(directory: string, args: readonly string[]): Promise<readonly Commit[]> {
  const text = await runGit(directory, ['log', '-z', format, ...args]);
  const values = text.split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + fields.length <= values.length; at += fields.length) {
    const value = (index: number): string => values[at + index] ?? '';
    commits.push({
      sha: value(0),
      tree: value(1),
      parents: value(2) === '' ? [] : value(2).split(' '),
      author: { name: value(3), email: value(4), at: Number(value(5)) * 1000 },
      committer: { name: value(6), email: value(7), at: Number(value(8)) * 1000 },
      message: value(9).replace(/\n+$/, ''),
    });
  }
  return commits;
}

/** One commit. Throws when there is none of that name. */
export async function readCommit(directory: string, sha: string): Promise<Commit> {
  const [commit] = await readCommits(directory, ['--max-count=1', sha, '--']);
  if (commit === undefined) throw new Error(`no commit ${sha}`);
  return commit;
}

/** The new commit; no reference is moved. */
export async function writeCommit(
  directory: string,
  commit: Pick<Commit, 'tree' | 'parents' | 'author' | 'committer' | 'message'>,
): Promise<string> {
  return runGit(directory, ['commit-tree', commit.tree, ...commit.parents.flatMap((parent) => ['-p', parent])], {
    input: commit.message,
    env: { ...personEnvironment('AUTHOR', commit.author), ...personEnvironment('COMMITTER', commit.committer) },
  });
}

function personEnvironment(what: 'AUTHOR' | 'COMMITTER', person: Person): Record<string, string> {
  return {
    [`GIT_${what}_NAME`]: person.name,
    [`GIT_${what}_EMAIL`]: person.email,
    [`GIT_${what}_DATE`]: `@${Math.floor(person.at / 1000)} +0000`,
  };
}

export async function mergeBase(directory: string, left: string, right: string): Promise<string | undefined> {
  return tryGit(directory, ['merge-base', left, right]);
}

export async function isAncestor(directory: string, older: string, newer: string): Promise<boolean> {
  return (await tryGit(directory, ['merge-base', '--is-ancestor', older, newer])) !== undefined;
}

/** How many commits each side has that the other has not. */
export async function aheadBehind(
  directory: string,
  base: string,
  head: string,
): Promise<{ readonly ahead: number; readonly behind: number }> {
  const counts = await runGit(directory, ['rev-list', '--left-right', '--count', `${base}...${head}`, '--']);
  const [behind, ahead] = counts.split('\t').map(Number);
  return { ahead: ahead ?? 0, behind: behind ?? 0 };
}

/** The tree of a merge without conflicts; undefined when there are some. */
export async function mergeTrees(directory: string, ours: string, theirs: string): Promise<string | undefined> {
  return tryGit(directory, ['merge-tree', '--write-tree', ours, theirs]);
}

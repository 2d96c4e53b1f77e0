import { runGit, tryGit } from './run-git.ts';

export interface Ref {
  /** `refs/heads/main` */
  readonly name: string;
  readonly sha: string;
  readonly type: 'commit' | 'tag' | 'tree' | 'blob';
}

export const noCommit = '0'.repeat(40);

/** References under a prefix; without one, branches and tags. */
export async function readRefs(directory: string, prefix?: string): Promise<readonly Ref[]> {
  const text = await runGit(directory, ['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)']);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name, sha, type] = line.split(' ');
      return { name: name ?? '', sha: sha ?? '', type: type as Ref['type'] };
    })
    .filter(({ name }) => (prefix === undefined ? /^refs\/(heads|tags)\//.test(name) : name.startsWith(prefix)));
}

export async function readRef(directory: string, name: string): Promise<Ref | undefined> {
  return (await readRefs(directory, name)).find((ref) => ref.name === name);
}

/** The commit of a branch; undefined when there is no such branch. */
export async function readBranch(directory: string, branch: string): Promise<string | undefined> {
  return tryGit(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}`]);
}

/** Moves a reference from one object to another; {@link noCommit} creates and deletes. Throws when it has moved. */
export async function updateRef(directory: string, name: string, to: string, from: string): Promise<void> {
  await runGit(directory, ['update-ref', '--stdin'], {
    input: to === noCommit ? `delete ${name} ${from}\n` : `update ${name} ${to} ${from}\n`,
  });
}

export async function isRefName(directory: string, name: string): Promise<boolean> {
  return (await tryGit(directory, ['check-ref-format', name])) !== undefined;
}

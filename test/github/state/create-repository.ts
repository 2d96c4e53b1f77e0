import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeCommit } from '../git/commits.ts';
import { noCommit, updateRef } from '../git/refs.ts';
import { runGit } from '../git/run-git.ts';
import { type TreeChange, writeBlob, writeTree } from '../git/trees.ts';
import type { Account, Repository, Role, World } from './world.ts';

/** A file's text, its bytes, the target of a symbolic link, or an executable. */
export type FileContent = string | Uint8Array | { readonly link: string } | { readonly executable: string };

export interface RepositoryOptions {
  readonly owner: Account;
  readonly name: string;
  /** What the first commit holds, by path. */
  readonly files?: Readonly<Record<string, FileContent>>;
  /** False when left out. */
  readonly isPrivate?: boolean;
  /** `main` when left out. */
  readonly defaultBranch?: string;
  /** Roles by login; those of teams of the owner by slug. */
  readonly collaborators?: Readonly<Record<string, Role>>;
  readonly teams?: Readonly<Record<string, Role>>;
}

/** A bare repository with one commit on its default branch. */
export async function createRepository(world: World, options: RepositoryOptions): Promise<Repository> {
  const repository = await emptyRepository(world, options, undefined);
  const tree = await writeTree(repository.directory, undefined, await treeChanges(repository, options.files ?? {}));
  const author = { name: options.owner.login, email: `${options.owner.login}@example.com`, at: world.clock() };
  const commit = { tree, parents: [], author, committer: author, message: 'Initial commit' };
  const sha = await writeCommit(repository.directory, commit);
  await updateRef(repository.directory, `refs/heads/${repository.defaultBranch}`, sha, noCommit);
  return repository;
}

/** A repository with all branches of its parent, and no issues. */
export async function forkRepository(world: World, parent: Repository, owner: Account): Promise<Repository> {
  const { name, isPrivate, defaultBranch, directory } = parent;
  const fork = await emptyRepository(world, { owner, name, isPrivate, defaultBranch }, parent);
  await runGit(fork.directory, [
    'fetch',
    '--quiet',
    directory,
    '+refs/heads/*:refs/heads/*',
    '+refs/tags/*:refs/tags/*',
  ]);
  return fork;
}

async function emptyRepository(
  world: World,
  options: RepositoryOptions,
  parent: Repository | undefined,
): Promise<Repository> {
  const { owner, name, defaultBranch = 'main' } = options;
  const key = `${owner.login}/${name}`.toLowerCase();
  if (world.repositories.has(key)) throw new Error(`there is already a repository ${key}`);
  const directory = path.join(world.root, owner.login, `${name}.git`);
  await mkdir(directory, { recursive: true });
  await runGit(directory, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`]);
  await appendFile(path.join(directory, 'config'), settings);
  const repository: Repository = {
    id: world.nextId(),
    owner,
    name,
    directory,
    parent,
    createdAt: world.clock(),
    isPrivate: options.isPrivate ?? false,
    isArchived: false,
    defaultBranch,
    pushedAt: world.clock(),
    collaborators: new Map(Object.entries(options.collaborators ?? {})),
    teams: new Map(Object.entries(options.teams ?? {})),
    labels: new Map(),
    issues: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
    checkSuites: new Map(),
    statuses: [],
    verifiedCommits: new Set(),
  };
  world.repositories.set(key, repository);
  return repository;
}

// Partial clones and fetching by commit, as GitHub allows them; refs/pull is the server's own.
const settings = `
[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[receive]
	hideRefs = refs/pull
[gc]
	auto = 0
`;

/** Files written as blobs, ready for a tree. */
export async function treeChanges(
  { directory }: Repository,
  files: Readonly<Record<string, FileContent | null>>,
): Promise<readonly TreeChange[]> {
  const changes: TreeChange[] = [];
  for (const [path, content] of Object.entries(files)) {
    if (content === null) changes.push({ path, mode: '100644', sha: undefined });
    else if (typeof content === 'string' || content instanceof Uint8Array) {
      changes.push({ path, mode: '100644', sha: await writeBlob(directory, content) });
    } else if ('link' in content) changes.push({ path, mode: '120000', sha: await writeBlob(directory, content.link) });
    else changes.push({ path, mode: '100755', sha: await writeBlob(directory, content.executable) });
  }
  return changes;
}

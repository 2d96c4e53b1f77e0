import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FileContent, importCommit } from '../git/import-commit.ts';
import { runGit } from '../git/run-git.ts';
import type { Account, Repository, Role, World } from './world.ts';

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
  await importCommit(repository.directory, {
    ref: `refs/heads/${repository.defaultBranch}`,
    parent: undefined,
    author: { name: options.owner.login, email: `${options.owner.login}@example.com`, at: world.clock() },
    message: 'Initial commit',
    files: options.files ?? {},
  });
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
  await mkdir(path.join(directory, 'hooks'), { recursive: true });
  await writeFile(path.join(directory, 'hooks', 'pre-receive'), workflowHook, { mode: 0o755 });
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

// What the API refuses an App without the permission `workflows`, a push must refuse too.
const workflowHook = `#!/bin/sh
test -z "$REFUSE_WORKFLOWS" && exit 0
none=0000000000000000000000000000000000000000
while read -r old new ref; do
  test "$new" = "$none" && continue
  if test "$old" = "$none"; then range="$new --not --all"; else range="$old..$new"; fi
  changed=$(git log --format= --name-only $range -- .github/workflows | head -n 1)
  test -z "$changed" && continue
  echo "refusing to allow a GitHub App to create or update workflow $changed without workflows permission" >&2
  exit 1
done
`;

import { mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { assert } from '../../domain/index.ts';
import { clearKilledGit, withLock } from './lock.ts';
import { assertObjectId, branchRef, isObjectId, isTreePath } from './names.ts';
import { copyObjects, isPartial, promiseFrom } from './partial-copy.ts';
import { runGit, runGitBytes } from './run-git.ts';
import { listTree } from './tree.ts';

/** A commit, read. */
export interface CommitInfo {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly authorName: string;
  readonly authorEmail: string;
  readonly committerEmail: string;
  /** Whole message. */
  readonly message: string;
}

/** One commit to be written on top of a parent; files that are not named stay as they are. */
export interface NewCommit {
  readonly parent: string;
  /** Whole new texts; each path must exist in the parent as a regular file and keeps its mode. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly message: string;
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970, UTC; author and committer date. */
  readonly epochSeconds: number;
}

/** Branches and commits of a repository, written without a work tree, hooks or a user's configuration. */
export interface BareRepository {
  readonly gitDirectory: string;
  /** @throws Error when the path is not a regular UTF-8 file of that commit. */
  readText(commit: string, path: string): Promise<string>;
  /** The same input always gives the same commit id. No branch moves. */
  writeCommit(commit: NewCommit): Promise<{ readonly commit: string; readonly tree: string }>;
  /** Unified diff between two commits, without colours, renames or external programs. */
  diff(from: string, to: string): Promise<string>;
  commitInfo(commit: string): Promise<CommitInfo>;
  /** Names of the branches that begin with a prefix, sorted. */
  listBranches(prefix: string): Promise<readonly string[]>;
  readBranch(branch: string): Promise<CommitInfo | undefined>;
  /** Fails when the branch is not at `expected` any more; undefined means that there is none yet. */
  updateBranch(update: {
    readonly branch: string;
    readonly commit: string;
    readonly expected: string | undefined;
  }): Promise<void>;
  deleteBranch(deletion: { readonly branch: string; readonly expected: string }): Promise<void>;
}

/** Gives the functions of one repository; nothing is read until one is called. */
export function openBareRepository(gitDirectory: string): BareRepository {
  return {
    gitDirectory,
    readText: (commit, file) => readText(gitDirectory, commit, file),
    writeCommit: (commit) => writeCommit(gitDirectory, commit),
    diff: (from, to) => diff(gitDirectory, from, to),
    commitInfo: (commit) => commitInfo(gitDirectory, commit),
    listBranches: (prefix) => listBranches(gitDirectory, prefix),
    readBranch: (branch) => readBranch(gitDirectory, branch),
    updateBranch: (update) => updateBranch(gitDirectory, update),
    deleteBranch: (deletion) => deleteBranch(gitDirectory, deletion),
  };
}

/**
 * Makes a bare copy of a repository with all its branches, whole or not at all. What a partial clone left out stays left
 * out; the user's git fetches it from `remoteUrl` when it is needed. @throws GitError
 */
export async function createBareClone(options: {
  readonly from: string;
  readonly to: string;
  readonly remoteUrl?: string | undefined;
}): Promise<BareRepository> {
  const from = path.resolve(options.from);
  const to = path.resolve(options.to);
  const unfinished = `${to}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  if (await isPartial(from)) await copyPartial({ from, to: unfinished, remoteUrl: options.remoteUrl });
  else {
    const args = ['--bare', '--quiet', '--no-hardlinks', '--', from, unfinished];
    await runGit({ verb: 'clone', args, workingDirectory: from });
  }
  await rename(unfinished, to);
  return openBareRepository(to);
}

async function copyPartial(options: {
  readonly from: string;
  readonly to: string;
  readonly remoteUrl: string | undefined;
}): Promise<void> {
  const { from, to: gitDirectory, remoteUrl } = options;
  await runGit({ verb: 'init', args: ['--bare', '--quiet', '--', gitDirectory] });
  await copyObjects({ from, to: gitDirectory });
  if (remoteUrl !== undefined) await promiseFrom(gitDirectory, remoteUrl);
  for (const branch of await listBranches(from, '')) {
    const commit = (await readBranch(from, branch))?.commit;
    if (commit !== undefined) await updateBranch(gitDirectory, { branch, commit, expected: undefined });
  }
  const head = (await runGit({ gitDirectory: from, verb: 'rev-parse', args: ['--symbolic-full-name', 'HEAD'] })).trim();
  if (head.startsWith('refs/heads/')) await runGit({ gitDirectory, verb: 'symbolic-ref', args: ['HEAD', head] });
}

/** Runs an action on a repository that no other scan writes meanwhile; what a killed one left is cleared first. */
export async function withBareRepository<Result>(gitDirectory: string, action: () => Promise<Result>): Promise<Result> {
  return withLock(`${gitDirectory}.lock`, async ({ isTakenOver }) => {
    if (isTakenOver) await clearKilledGit(gitDirectory);
    return action();
  });
}

/** Fetches one branch of another repository into this one; a branch of the same name is moved to it. @throws GitError */
export async function syncBareClone(options: {
  readonly gitDirectory: string;
  readonly from: string;
  readonly branch: string;
}): Promise<void> {
  const { gitDirectory, branch } = options;
  const from = path.resolve(options.from);
  const ref = await branchRef(branch);
  if (await isPartial(from)) {
    const tip = await readBranch(from, branch);
    assert(tip !== undefined, `${from} has no branch ${branch}`);
    await copyObjects({ from, to: gitDirectory });
    const expected = (await readBranch(gitDirectory, branch))?.commit;
    await updateBranch(gitDirectory, { branch, commit: tip.commit, expected });
    return;
  }
  const args = ['--quiet', '--no-tags', '--no-write-fetch-head', '--', from, `+${ref}:${ref}`];
  await runGit({ gitDirectory, verb: 'fetch', args });
}

async function readText(gitDirectory: string, commit: string, file: string): Promise<string> {
  assertObjectId(commit);
  const entry = await regularFile(gitDirectory, commit, file);
  const bytes = await runGitBytes({ gitDirectory, verb: 'cat-file', args: ['blob', entry.blobId] });
  const text = bytes.toString('utf8');
  assert(Buffer.from(text).equals(bytes), `${file} is not UTF-8`);
  return text;
}

async function regularFile(
  gitDirectory: string,
  commit: string,
  file: string,
): Promise<{ blobId: string; mode: string }> {
  assert(isTreePath(file), `"${file.slice(0, 200)}" is not a path inside a repository`);
  const entry = (await listTree(gitDirectory, commit, [file])).find(({ path: name }) => name === file);
  assert(entry !== undefined, `${file} does not exist in ${commit}`);
  assert(entry.mode === '100644' || entry.mode === '100755', `${file} has mode ${entry.mode}: not a regular file`);
  return entry;
}

async function writeCommit(gitDirectory: string, commit: NewCommit): Promise<{ commit: string; tree: string }> {
  assertObjectId(commit.parent);
  assert(Number.isSafeInteger(commit.epochSeconds), `${commit.epochSeconds} is not a time in seconds`);
  const indexLines: string[] = [];
  for (const { path: file, text } of commit.files) {
    const { mode } = await regularFile(gitDirectory, commit.parent, file);
    const hashed = await runGit({ gitDirectory, verb: 'hash-object', args: ['-w', '--stdin'], input: text });
    indexLines.push(`${mode} ${hashed.trim()}\t${file}\0`);
  }
  const directory = await mkdtemp(path.join(os.tmpdir(), 'flyball-index-'));
  try {
    const environment = { GIT_INDEX_FILE: path.join(directory, 'index') };
    await runGit({ gitDirectory, verb: 'read-tree', args: [commit.parent], environment });
    const input = indexLines.join('');
    await runGit({ gitDirectory, verb: 'update-index', args: ['-z', '--index-info'], environment, input });
    // Files that a partial clone left out are in the parent's tree as they were.
    const args = ['--missing-ok'];
    const tree = (await runGit({ gitDirectory, verb: 'write-tree', args, environment })).trim();
    const date = `@${commit.epochSeconds} +0000`;
    const written = await runGit({
      gitDirectory,
      verb: 'commit-tree',
      args: [tree, '-p', commit.parent],
      input: commit.message,
      environment: {
        GIT_AUTHOR_NAME: commit.name,
        GIT_AUTHOR_EMAIL: commit.email,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: commit.name,
        GIT_COMMITTER_EMAIL: commit.email,
        GIT_COMMITTER_DATE: date,
      },
    });
    return { commit: written.trim(), tree };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function diff(gitDirectory: string, from: string, to: string): Promise<string> {
  assertObjectId(from);
  assertObjectId(to);
  // Short object ids grow with the repository; whole ones keep the bytes of a page the same.
  const plain = [
    '--full-index',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    '--src-prefix=a/',
    '--dst-prefix=b/',
  ];
  return runGit({ gitDirectory, verb: 'diff-tree', args: ['-r', '-p', ...plain, from, to, '--'] });
}

async function commitInfo(gitDirectory: string, commit: string): Promise<CommitInfo> {
  assertObjectId(commit);
  const text = await runGit({ gitDirectory, verb: 'cat-file', args: ['commit', commit] });
  const blank = text.indexOf('\n\n');
  const header = text.slice(0, blank === -1 ? text.length : blank);
  const field = (name: string): string[] =>
    header.split('\n').flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  const person = (line: string | undefined): { name: string; email: string } => {
    const match = /^(.*?) ?<([^>]*)> \d+ [+-]\d{4}$/.exec(line ?? '');
    return { name: match?.[1] ?? '', email: match?.[2] ?? '' };
  };
  const author = person(field('author')[0]);
  return {
    commit,
    parents: field('parent'),
    tree: field('tree')[0] ?? '',
    authorName: author.name,
    authorEmail: author.email,
    committerEmail: person(field('committer')[0]).email,
    message: blank === -1 ? '' : text.slice(blank + 2),
  };
}

async function listBranches(gitDirectory: string, prefix: string): Promise<readonly string[]> {
  const output = await runGit({ gitDirectory, verb: 'for-each-ref', args: ['--format=%(refname)', 'refs/heads/'] });
  const branches = output.split('\n').map((ref) => ref.replace(/^refs\/heads\//, ''));
  return branches.filter((branch) => branch !== '' && branch.startsWith(prefix)).toSorted();
}

async function readBranch(gitDirectory: string, branch: string): Promise<CommitInfo | undefined> {
  const ref = await branchRef(branch);
  const output = await runGit({ gitDirectory, verb: 'for-each-ref', args: ['--format=%(objectname) %(refname)', ref] });
  const line = output.split('\n').find((entry) => entry.endsWith(` ${ref}`));
  const commit = line?.split(' ')[0];
  return commit === undefined || !isObjectId(commit) ? undefined : commitInfo(gitDirectory, commit);
}

async function updateBranch(
  gitDirectory: string,
  update: { readonly branch: string; readonly commit: string; readonly expected: string | undefined },
): Promise<void> {
  assertObjectId(update.commit);
  // All zeros: the branch must not exist.
  const expected = update.expected ?? '0'.repeat(update.commit.length);
  assertObjectId(expected);
  const ref = await branchRef(update.branch);
  await runGit({ gitDirectory, verb: 'update-ref', args: ['--no-deref', ref, update.commit, expected] });
}

async function deleteBranch(
  gitDirectory: string,
  deletion: { readonly branch: string; readonly expected: string },
): Promise<void> {
  assertObjectId(deletion.expected);
  const ref = await branchRef(deletion.branch);
  await runGit({ gitDirectory, verb: 'update-ref', args: ['--no-deref', '-d', ref, deletion.expected] });
}

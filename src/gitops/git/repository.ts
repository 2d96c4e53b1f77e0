import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { assert, type NotEditableReason } from '../../domain/index.ts';
import { parseLocation, redactUrl, repositoryName, repositoryUnreadable } from './location.ts';
import { isManifestName } from '../manifest-name.ts';
import { clearKilledGit, withLock } from './lock.ts';
import { fetchMirror, type MirrorOptions } from './mirror.ts';
import { copyObjects, isPartial } from './partial-copy.ts';
import { GitError, runGit } from './run-git.ts';
import { listTree, readBlobs, withSizes, type RepositoryFile, type TreeEntry } from './tree.ts';

const filesMax = 200_000;
/** Larger files are listed and never parsed. */
export const fileBytesMax = 1_048_576;

export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly reason: NotEditableReason | 'missing'; readonly detail: string };

/** One commit of a repository; nothing in it changes while it is read, whatever happens to branches and work trees. */
export interface RepositorySnapshot {
  /** `owner/name` where it is known, else the folder's name. */
  readonly name: string;
  readonly gitDirectory: string;
  /** The branch that HEAD is on; `HEAD` when it is on none. */
  readonly branch: string;
  readonly commit: string;
  /** Where it was cloned from, as far as known; user names and passwords are removed. */
  readonly remoteUrl: string | undefined;
  readonly files: readonly RepositoryFile[];
  readText(path: string): Promise<FileText>;
  /**
   * Some of its files with their sizes, after fetching the contents that are not here yet: of an address only what may be
   * manifests is fetched at first. @throws ProblemError REPOSITORY_UNREADABLE
   */
  fetchContents(files: readonly TreeEntry[]): Promise<readonly RepositoryFile[]>;
}

type OpenedRepository = Omit<RepositorySnapshot, 'files' | 'readText'>;

/**
 * Opens the HEAD commit of a local repository (work tree or bare), or the commit that a revision names there; an address
 * is fetched into the cache folder first, without a choice of revision.
 * @throws ProblemError REPOSITORY_UNREADABLE
 */
export async function openRepository(options: {
  readonly location: string;
  readonly cacheDirectory: string;
  /** As git names commits, `main~2`; of a local repository only. */
  readonly revision?: string;
}): Promise<RepositorySnapshot> {
  const location = parseLocation(options.location);
  if (location.kind === 'folder')
    return readSnapshot(await openFolder(location.path, options.cacheDirectory, options.revision), location.path);
  return openRemoteRepository({ ...location, ...options, authorization: undefined, ref: undefined });
}

/**
 * Fetches the newest commit of a reference from an address that the operator's configuration gives, as GitHub's API does.
 * @throws ProblemError REPOSITORY_UNREADABLE
 */
export async function openRemoteRepository(
  options: MirrorOptions & { readonly name: string },
): Promise<RepositorySnapshot> {
  const mirror = await fetchMirror(options);
  return readSnapshot({ ...mirror, name: options.name, remoteUrl: options.url }, redactUrl(options.url));
}

async function readSnapshot(opened: OpenedRepository, place: string): Promise<RepositorySnapshot> {
  const { gitDirectory, commit } = opened;
  const entries = await listTree(gitDirectory, commit);
  if (entries.length > filesMax) {
    throw repositoryUnreadable({
      place,
      message: `The repository has ${entries.length} files, more than the ${filesMax} that one scan reads.`,
      remedy: 'Give a repository that holds only the manifests.',
    });
  }
  const manifests = await opened.fetchContents(entries.filter(({ path: file }) => isManifestName(file)));
  const sizes = new Map(manifests.map(({ path: file, size }) => [file, size]));
  const others = await withSizes(
    gitDirectory,
    entries.filter(({ path: file }) => !sizes.has(file)),
  );
  for (const { path: file, size } of others) sizes.set(file, size);
  const files = entries.map(({ path: file, blobId, mode }) => ({ path: file, blobId, mode, size: sizes.get(file) }));
  const byPath = new Map(files.map((file) => [file.path, file]));
  return { ...opened, files, readText: (file) => readSnapshotText(gitDirectory, byPath.get(file)) };
}

async function openFolder(folder: string, cacheDirectory: string, revision?: string): Promise<OpenedRepository> {
  const isFolder = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw repositoryUnreadable({
      place: folder,
      message: 'There is no folder of this name.',
      remedy: 'Give the path of a git repository, or its https://, ssh:// or file:// address.',
    });
  }
  const resolved = await realpath(folder);
  // A repository around the folder must not be taken for it: its paths would be other ones.
  const environment = { GIT_CEILING_DIRECTORIES: path.dirname(resolved) };
  try {
    const found = await runGit({
      verb: 'rev-parse',
      args: ['--path-format=absolute', '--git-common-dir', '--git-dir'],
      workingDirectory: resolved,
      environment,
    });
    // In a linked work tree HEAD is in its own folder, objects and branches are in the common one.
    const gitDirectory = found.split('\n')[1] ?? '';
    const head = await findCommit(gitDirectory, revision ?? 'HEAD').catch((cause: unknown) => {
      throw repositoryUnreadable(revision === undefined ? noCommit(folder) : noRevision(folder, revision), { cause });
    });
    const remoteUrl = await quietly({ gitDirectory, verb: 'config', args: ['--local', '--get', 'remote.origin.url'] });
    const branch =
      revision === undefined
        ? await quietly({ gitDirectory, verb: 'symbolic-ref', args: ['--short', '-q', 'HEAD'] })
        : undefined;
    const commit = head.trim();
    const directory = (await isPartial(gitDirectory))
      ? await copyOfPartial({ gitDirectory, branch, commit, cacheDirectory })
      : gitDirectory;
    return {
      name: remoteUrl === undefined ? path.basename(resolved).replace(/\.git$/, '') : repositoryName(remoteUrl),
      gitDirectory: directory,
      branch: branch ?? 'HEAD',
      commit,
      remoteUrl: remoteUrl?.replace(/\/\/[^/@]*@/, '//'),
      fetchContents: (files) => withSizes(directory, files),
    };
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    throw notARepository(folder, cause);
  }
}

async function findCommit(gitDirectory: string, revision: string): Promise<string> {
  assert(!/^-|[\p{Cc}\s]/u.test(revision), 'a revision must not look like an option');
  return runGit({ gitDirectory, verb: 'rev-parse', args: ['--verify', '--quiet', `${revision}^{commit}`] });
}

function noCommit(place: string): Parameters<typeof repositoryUnreadable>[0] {
  return { place, message: 'The repository has no commit yet.', remedy: 'Commit the manifests first.' };
}

function noRevision(place: string, revision: string): Parameters<typeof repositoryUnreadable>[0] {
  return {
    place,
    message: `The repository has no commit ${JSON.stringify(revision)}.`,
    remedy: 'Name a branch, a tag or a commit of it; fetch it first where it is on a remote only.',
  };
}

/**
 * A user's partial clone names in its configuration what git runs when an object is missing. Its objects are read from
 * a copy without that configuration, in which they are simply missing. @throws GitError
 */
async function copyOfPartial(options: {
  readonly gitDirectory: string;
  readonly branch: string | undefined;
  readonly commit: string;
  readonly cacheDirectory: string;
}): Promise<string> {
  const { gitDirectory: from, branch, commit } = options;
  const key = createHash('sha256').update(from).digest('hex').slice(0, 32);
  const gitDirectory = path.resolve(options.cacheDirectory, `${key}.git`);
  await mkdir(options.cacheDirectory, { recursive: true });
  await withLock(`${gitDirectory}.lock`, async ({ isTakenOver }) => {
    if (isTakenOver) await clearKilledGit(gitDirectory);
    await runGit({ verb: 'init', args: ['--bare', '--quiet', '--', gitDirectory] });
    await copyObjects({ from, to: gitDirectory });
    if (branch === undefined) return;
    const ref = `refs/heads/${branch}`;
    await runGit({ gitDirectory, verb: 'update-ref', args: ['--no-deref', ref, commit] });
    await runGit({ gitDirectory, verb: 'symbolic-ref', args: ['HEAD', ref] });
  });
  return gitDirectory;
}

function notARepository(folder: string, cause: GitError): Error {
  const isForeign = cause.stderr.includes('dubious ownership');
  return repositoryUnreadable(
    isForeign
      ? {
          place: folder,
          message: 'git does not read this repository because another user owns it.',
          remedy: 'Run Flyball as its owner, or give the address of the repository instead of the folder.',
        }
      : {
          place: folder,
          message: 'This folder is not a git repository; branches can only be made in one.',
          remedy:
            'Give the root of the repository, or make it one: git init && git add --all && git commit -m "Manifests".',
        },
    { cause },
  );
}

/** Undefined when git has no such value. */
async function quietly(command: Parameters<typeof runGit>[0]): Promise<string | undefined> {
  try {
    return (await runGit(command)).trim() || undefined;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

async function readSnapshotText(gitDirectory: string, file: RepositoryFile | undefined): Promise<FileText> {
  if (file === undefined)
    return { kind: 'unreadable', reason: 'missing', detail: 'there is no such file in the commit' };
  if (file.mode !== '100644' && file.mode !== '100755') {
    return { kind: 'unreadable', reason: 'outside-repository', detail: 'it is a symbolic link or a submodule' };
  }
  const { size } = file;
  if (size !== undefined && size > fileBytesMax) {
    return { kind: 'unreadable', reason: 'file-too-large', detail: `it has ${size} bytes, more than ${fileBytesMax}` };
  }
  for await (const { content } of readBlobs(gitDirectory, [file.blobId])) return decodeText(content);
  return {
    kind: 'unreadable',
    reason: 'missing',
    detail: 'the repository does not hold its content (a partial clone)',
  };
}

/** Text of a file, offsets counting its byte-order mark; not UTF-8 is an answer, not a guess. */
export function decodeText(content: Buffer): FileText {
  if (isUtf8(content)) return { kind: 'text', text: content.toString('utf8') };
  return { kind: 'unreadable', reason: 'not-utf8', detail: 'it is not UTF-8 text' };
}

import { isUtf8 } from 'node:buffer';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { NotEditableReason } from '../../domain/index.ts';
import { parseLocation, repositoryName, repositoryUnreadable } from './location.ts';
import { fetchMirror } from './mirror.ts';
import { GitError, runGit } from './run-git.ts';
import { listTree, readBlobs, type RepositoryFile } from './tree.ts';

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
}

/**
 * Opens the HEAD commit of a local repository (work tree or bare), or fetches an address into the cache folder first.
 * @throws ProblemError REPOSITORY_UNREADABLE
 */
export async function openRepository(options: {
  readonly location: string;
  readonly cacheDirectory: string;
}): Promise<RepositorySnapshot> {
  const location = parseLocation(options.location);
  const opened =
    location.kind === 'url'
      ? {
          ...(await fetchMirror({ url: location.url, cacheDirectory: options.cacheDirectory })),
          name: location.name,
          remoteUrl: location.url,
        }
      : await openFolder(location.path);
  const files = await listTree(opened.gitDirectory, opened.commit);
  if (files.length > filesMax) {
    throw repositoryUnreadable({
      place: options.location,
      message: `The repository has ${files.length} files, more than the ${filesMax} that one scan reads.`,
      remedy: 'Give a repository that holds only the manifests.',
    });
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  return { ...opened, files, readText: (file) => readSnapshotText(opened.gitDirectory, byPath.get(file)) };
}

async function openFolder(folder: string): Promise<Omit<RepositorySnapshot, 'files' | 'readText'>> {
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
    const head = await runGit({
      gitDirectory,
      verb: 'rev-parse',
      args: ['--verify', '--quiet', 'HEAD^{commit}'],
    }).catch((cause: unknown) => {
      throw repositoryUnreadable(
        { place: folder, message: 'The repository has no commit yet.', remedy: 'Commit the manifests first.' },
        { cause },
      );
    });
    const remoteUrl = await quietly({ gitDirectory, verb: 'config', args: ['--local', '--get', 'remote.origin.url'] });
    const branch = await quietly({ gitDirectory, verb: 'symbolic-ref', args: ['--short', '-q', 'HEAD'] });
    return {
      name: remoteUrl === undefined ? path.basename(resolved).replace(/\.git$/, '') : repositoryName(remoteUrl),
      gitDirectory,
      branch: branch ?? 'HEAD',
      commit: head.trim(),
      remoteUrl: remoteUrl?.replace(/\/\/[^/@]*@/, '//'),
    };
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    throw notARepository(folder, cause);
  }
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
  if (file.size > fileBytesMax) {
    return {
      kind: 'unreadable',
      reason: 'file-too-large',
      detail: `it has ${file.size} bytes, more than ${fileBytesMax}`,
    };
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

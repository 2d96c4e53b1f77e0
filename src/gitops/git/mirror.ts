import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { SimpleGit } from 'simple-git';
import { fetchBlobs, gitWithSource, refusesSingleObjects, source, type Remote } from './fetch.ts';
import { redactUrl, repositoryUnreadable } from './location.ts';
import { clearKilledGit, withLock } from './lock.ts';
import { isBranchName, isObjectId } from './names.ts';
import { runGit } from './run-git.ts';
import { withSizes, type RepositoryFile, type TreeEntry } from './tree.ts';

/** A bare repository below the cache folder that holds what was asked for of one commit of an address. */
export interface Mirror {
  readonly gitDirectory: string;
  readonly branch: string;
  readonly commit: string;
  /** The same files with their sizes, after fetching the contents that are not there yet. @throws ProblemError REPOSITORY_UNREADABLE */
  fetchContents(files: readonly TreeEntry[]): Promise<readonly RepositoryFile[]>;
}

/** What is fetched, and where it is kept. */
export interface MirrorOptions extends Remote {
  readonly cacheDirectory: string;
  /** A branch or another reference, `refs/pull/7/head`, or a commit's id; undefined for the default branch. */
  readonly ref: string | undefined;
}

/**
 * Brings the newest commit of an address's default branch, or of a reference, into a bare repository below the cache
 * folder: one commit deep, with its folders and without its files, where the server can leave these out. The address is
 * not stored in it. @throws ProblemError REPOSITORY_UNREADABLE
 */
export async function fetchMirror(options: MirrorOptions): Promise<Mirror> {
  const key = createHash('sha256').update(options.url).digest('hex').slice(0, 32);
  await mkdir(options.cacheDirectory, { recursive: true });
  const remote = { ...options, gitDirectory: path.resolve(options.cacheDirectory, `${key}.git`) };
  const { gitDirectory } = remote;
  const { fetched, commit } = await exclusively(remote, async () => {
    await runGit({ verb: 'init', args: ['--bare', '--quiet', '--', gitDirectory] });
    const git = gitWithSource(gitDirectory, remote);
    const found = options.ref === undefined ? await findDefaultBranch(git) : { ref: await checkedRef(options.ref) };
    const target = targetOf(found.ref);
    await fetchCommit(git, { ref: found.ref, filter: ['--filter=blob:none'] });
    if (options.ref === undefined && found.ref !== undefined) {
      await runGit({ gitDirectory, verb: 'symbolic-ref', args: ['HEAD', target] });
    }
    const id = await runGit({ gitDirectory, verb: 'rev-parse', args: ['--verify', `${target}^{commit}`] });
    return { fetched: found.ref, commit: id.trim() };
  });
  return {
    gitDirectory,
    branch: fetched?.replace(/^refs\/heads\//, '') ?? 'HEAD',
    commit,
    fetchContents: (files) => exclusively(remote, () => fetchContents(remote, fetched, files)),
  };
}

/** Runs what talks to an address while no other scan does, and says of a failure which address it was. */
async function exclusively<Result>(
  { gitDirectory, url }: Remote & { readonly gitDirectory: string },
  action: () => Promise<Result>,
): Promise<Result> {
  return withLock(`${gitDirectory}.lock`, async ({ isTakenOver }) => {
    try {
      if (isTakenOver) await clearKilledGit(gitDirectory);
      return await action();
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'ProblemError') throw cause;
      const lines = cause instanceof Error ? cause.message.trim().split('\n') : ['unknown error'];
      const said = redactUrl(lines.find((line) => line.startsWith('fatal:')) ?? lines[0] ?? '');
      throw repositoryUnreadable(
        {
          place: redactUrl(url),
          message: `The repository could not be fetched, so nothing of it is known: ${said}`,
          remedy:
            'Check the address and the network; for a private repository use an ssh:// address with an SSH agent, or clone it yourself and give the path.',
        },
        { cause },
      );
    }
  });
}

/** Other references than branches are kept aside, so that no branch of the same name is made of them. */
function targetOf(ref: string | undefined): string {
  if (ref === undefined) return 'refs/flyball/detached';
  return ref.startsWith('refs/heads/') ? ref : `refs/flyball/${ref}`;
}

async function fetchCommit(
  git: SimpleGit,
  options: { readonly ref: string | undefined; readonly filter: readonly string[] },
): Promise<void> {
  await git.raw(
    'fetch',
    // Said on and on, so that a long transfer is told from one that stands still.
    '--progress',
    '--depth=1',
    '--no-tags',
    '--no-write-fetch-head',
    ...options.filter,
    '--',
    source,
    `+${options.ref ?? 'HEAD'}:${targetOf(options.ref)}`,
  );
}

async function fetchContents(
  remote: Remote & { readonly gitDirectory: string },
  ref: string | undefined,
  files: readonly TreeEntry[],
): Promise<readonly RepositoryFile[]> {
  const { gitDirectory } = remote;
  const present = await withSizes(gitDirectory, files);
  const missing = [...new Set(present.flatMap(({ size, blobId }) => (size === undefined ? [blobId] : [])))];
  if (missing.length === 0) return present;
  try {
    await fetchBlobs(gitDirectory, remote, missing);
  } catch (error) {
    if (!refusesSingleObjects(error)) throw error;
    await fetchCommit(gitWithSource(gitDirectory, remote), { ref, filter: ['--no-filter'] });
  }
  return withSizes(gitDirectory, files);
}

/** Refuses what git would not take for a reference, and what it would take for more than one. */
async function checkedRef(ref: string): Promise<string> {
  if (isObjectId(ref)) return ref;
  const name = /^refs\/(.+)$/.exec(ref)?.[1];
  if (name === undefined || !(await isBranchName(name)))
    throw new Error('the reference has a name that is not allowed');
  return ref;
}

/** Its `ref` is undefined when the other repository's HEAD is on no branch. */
async function findDefaultBranch(git: SimpleGit): Promise<{ readonly ref: string | undefined }> {
  const answer = await git.listRemote(['--symref', '--', source, 'HEAD']);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer)?.[1];
  if (branch === undefined) {
    if (!/\tHEAD$/m.test(answer)) throw new Error('it has no commit yet');
    return { ref: undefined };
  }
  if (!(await isBranchName(branch))) throw new Error('its default branch has a name that is not allowed here');
  return { ref: `refs/heads/${branch}` };
}

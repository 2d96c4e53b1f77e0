import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { SimpleGit } from 'simple-git';
import { fetchBlobs, gitWithSource, refusesSingleObjects, source } from './fetch.ts';
import { redactUrl, repositoryUnreadable } from './location.ts';
import { clearKilledGit, withLock } from './lock.ts';
import { isBranchName } from './names.ts';
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

/**
 * Brings the newest commit of an address's default branch into a bare repository below the cache folder: one commit
 * deep, with its folders and without its files, where the server can leave these out. The address is not stored in it.
 * @throws ProblemError REPOSITORY_UNREADABLE
 */
export async function fetchMirror(options: { readonly url: string; readonly cacheDirectory: string }): Promise<Mirror> {
  const { url } = options;
  const key = createHash('sha256').update(url).digest('hex').slice(0, 32);
  await mkdir(options.cacheDirectory, { recursive: true });
  const gitDirectory = path.resolve(options.cacheDirectory, `${key}.git`);
  const { branch, commit } = await exclusively({ gitDirectory, url }, async () => {
    await runGit({ verb: 'init', args: ['--bare', '--quiet', '--', gitDirectory] });
    const git = gitWithSource(gitDirectory, url);
    const defaultBranch = await findDefaultBranch(git);
    const target = targetOf(defaultBranch);
    await fetchCommit(git, { branch: defaultBranch, filter: ['--filter=blob:none'] });
    if (defaultBranch !== undefined) await runGit({ gitDirectory, verb: 'symbolic-ref', args: ['HEAD', target] });
    const found = await runGit({ gitDirectory, verb: 'rev-parse', args: ['--verify', `${target}^{commit}`] });
    return { branch: defaultBranch, commit: found.trim() };
  });
  return {
    gitDirectory,
    branch: branch ?? 'HEAD',
    commit,
    fetchContents: (files) =>
      exclusively({ gitDirectory, url }, () => fetchContents({ gitDirectory, url, branch, files })),
  };
}

/** Runs what talks to an address while no other scan does, and says of a failure which address it was. */
async function exclusively<Result>(
  { gitDirectory, url }: { readonly gitDirectory: string; readonly url: string },
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

function targetOf(branch: string | undefined): string {
  return branch === undefined ? 'refs/flyball/detached' : `refs/heads/${branch}`;
}

async function fetchCommit(
  git: SimpleGit,
  options: { readonly branch: string | undefined; readonly filter: readonly string[] },
): Promise<void> {
  const target = targetOf(options.branch);
  const refs = `+${options.branch === undefined ? 'HEAD' : target}:${target}`;
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
    refs,
  );
}

async function fetchContents(options: {
  readonly gitDirectory: string;
  readonly url: string;
  readonly branch: string | undefined;
  readonly files: readonly TreeEntry[];
}): Promise<readonly RepositoryFile[]> {
  const { gitDirectory, url, files } = options;
  const present = await withSizes(gitDirectory, files);
  const missing = [...new Set(present.flatMap(({ size, blobId }) => (size === undefined ? [blobId] : [])))];
  if (missing.length === 0) return present;
  try {
    await fetchBlobs(gitDirectory, url, missing);
  } catch (error) {
    if (!refusesSingleObjects(error)) throw error;
    await fetchCommit(gitWithSource(gitDirectory, url), { branch: options.branch, filter: ['--no-filter'] });
  }
  return withSizes(gitDirectory, files);
}

/** Undefined when the other repository's HEAD is on no branch. */
async function findDefaultBranch(git: SimpleGit): Promise<string | undefined> {
  const answer = await git.listRemote(['--symref', '--', source, 'HEAD']);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer)?.[1];
  if (branch === undefined) {
    if (!/\tHEAD$/m.test(answer)) throw new Error('it has no commit yet');
    return undefined;
  }
  if (!(await isBranchName(branch))) throw new Error('its default branch has a name that is not allowed here');
  return branch;
}

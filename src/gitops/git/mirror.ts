import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { simpleGit, type SimpleGit } from 'simple-git';
import { gitEnvironment } from './environment.ts';
import { redactUrl, repositoryUnreadable } from './location.ts';
import { clearKilledGit, withLock } from './lock.ts';
import { isBranchName } from './names.ts';
import { runGit } from './run-git.ts';

const stalledMs = 60_000;

/**
 * Brings the newest commit of an address's default branch into a bare repository below the cache folder, one commit
 * deep. The address is not stored in it. @throws ProblemError REPOSITORY_UNREADABLE
 */
export async function fetchMirror(options: {
  readonly url: string;
  readonly cacheDirectory: string;
}): Promise<{ readonly gitDirectory: string; readonly branch: string; readonly commit: string }> {
  const { url } = options;
  const key = createHash('sha256').update(url).digest('hex').slice(0, 32);
  await mkdir(options.cacheDirectory, { recursive: true });
  const gitDirectory = path.resolve(options.cacheDirectory, `${key}.git`);
  return withLock(`${gitDirectory}.lock`, async ({ isTakenOver }) => {
    try {
      if (isTakenOver) await clearKilledGit(gitDirectory);
      await runGit({ verb: 'init', args: ['--bare', '--quiet', '--', gitDirectory] });
      const git = hardenedGit(gitDirectory);
      const branch = await defaultBranch(git, url);
      const target = branch === undefined ? 'refs/flyball/detached' : `refs/heads/${branch}`;
      const source = branch === undefined ? 'HEAD' : target;
      await git.raw(
        'fetch',
        '--quiet',
        '--depth=1',
        '--no-tags',
        '--no-write-fetch-head',
        '--',
        url,
        `+${source}:${target}`,
      );
      if (branch !== undefined) await runGit({ gitDirectory, verb: 'symbolic-ref', args: ['HEAD', target] });
      const commit = await runGit({ gitDirectory, verb: 'rev-parse', args: ['--verify', `${target}^{commit}`] });
      return { gitDirectory, branch: branch ?? 'HEAD', commit: commit.trim() };
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

/** The settings that simple-git warns of are the hardening of gitEnvironment; none of their values comes from outside. */
function hardenedGit(gitDirectory: string): SimpleGit {
  const environment = gitEnvironment(gitDirectory);
  return simpleGit({
    baseDir: gitDirectory,
    timeout: { block: stalledMs },
    unsafe: {
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeSshCommand: true,
    },
    allowEnvironment: Object.keys(environment).filter((name) => name.startsWith('GIT_')),
  }).env({ ...environment });
}

/** Undefined when the other repository's HEAD is on no branch. */
async function defaultBranch(git: SimpleGit, url: string): Promise<string | undefined> {
  const answer = await git.listRemote(['--symref', '--', url, 'HEAD']);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer)?.[1];
  if (branch === undefined) {
    if (!/\tHEAD$/m.test(answer)) throw new Error('it has no commit yet');
    return undefined;
  }
  if (!(await isBranchName(branch))) throw new Error('its default branch has a name that is not allowed here');
  return branch;
}

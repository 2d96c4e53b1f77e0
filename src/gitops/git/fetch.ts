import { simpleGit, type SimpleGit } from 'simple-git';
import { gitEnvironment } from './environment.ts';
import { endOfGit, GitError, spawnGit, type GitCommand } from './run-git.ts';

/** No network for so long: git reports its progress far more often. */
const stalledMs = 60_000;

/** Where something is fetched from. */
export interface Remote {
  readonly url: string;
  /** Value of the header `Authorization`; it is sent to the host of the address only, and written nowhere. */
  readonly authorization: string | undefined;
}

/** The address is known to git under this name for one command only; it is not written to the repository. */
export const source = 'source';

/**
 * The environment of commands that talk to an address, and only of those. Git takes the address for one that promised the objects
 * left out of a partial clone, so that it does not miss them (`git help partial-clone`). "noop": nothing is said of what is
 * here, because whoever has a commit is taken to have all of its files.
 */
export function sourceEnvironment(gitDirectory: string, remote: Remote): Readonly<Record<string, string>> {
  const environment = gitEnvironment(gitDirectory);
  const settings = [
    [`remote.${source}.url`, remote.url],
    [`remote.${source}.promisor`, 'true'],
    [`remote.${source}.partialCloneFilter`, 'blob:none'],
    ['fetch.negotiationAlgorithm', 'noop'],
    ...(remote.authorization === undefined
      ? []
      : [[`http.${new URL(remote.url).origin}/.extraHeader`, `Authorization: ${remote.authorization}`]]),
  ];
  const first = Number(environment['GIT_CONFIG_COUNT']);
  const added = settings.flatMap(([key = '', value = ''], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key] as const,
    [`GIT_CONFIG_VALUE_${first + index}`, value] as const,
  ]);
  return { ...environment, ...Object.fromEntries(added), GIT_CONFIG_COUNT: String(first + settings.length) };
}

/** The settings that simple-git warns of are the hardening of gitEnvironment; none of their values comes from outside. */
export function gitWithSource(gitDirectory: string, remote: Remote): SimpleGit {
  const environment = sourceEnvironment(gitDirectory, remote);
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

/** Fetches blobs by their ids, which is more than arguments hold. @throws GitError */
export async function fetchBlobs(gitDirectory: string, remote: Remote, blobIds: readonly string[]): Promise<void> {
  if (blobIds.length === 0) return;
  const command: GitCommand = {
    gitDirectory,
    verb: 'fetch',
    args: ['--progress', '--no-tags', '--no-write-fetch-head', '--filter=blob:none', '--stdin', source],
    environment: sourceEnvironment(gitDirectory, remote),
  };
  const child = spawnGit(command);
  let stalled: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(stalled);
    stalled = setTimeout(() => child.kill(), stalledMs);
  };
  watch();
  child.stderr.on('data', watch);
  // Git may end before it has read all input; its exit code then says why, not the broken pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(blobIds.map((id) => `${id}\n`).join(''));
  try {
    await endOfGit(command, child);
  } finally {
    clearTimeout(stalled);
  }
}

/** Whether a server has said that it gives whole branches only. */
export function refusesSingleObjects(error: unknown): boolean {
  return error instanceof GitError && /unadvertised object|not our ref/i.test(error.stderr);
}

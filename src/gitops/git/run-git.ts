import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { gitEnvironment } from './environment.ts';

/** The only commands that are ever run; none of them runs another program or writes a file that an argument names. */
export type GitVerb =
  | 'cat-file'
  | 'check-ref-format'
  | 'clone'
  | 'commit-tree'
  | 'config'
  | 'diff-tree'
  | 'fetch'
  | 'for-each-ref'
  | 'hash-object'
  | 'init'
  | 'ls-tree'
  | 'merge-base'
  | 'read-tree'
  | 'rev-parse'
  | 'symbolic-ref'
  | 'update-index'
  | 'update-ref'
  | 'write-tree';

export interface GitCommand {
  readonly verb: GitVerb;
  readonly args: readonly string[];
  /** Of an existing repository; left out for `init`, `clone` and for finding a repository. */
  readonly gitDirectory?: string;
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Git answered with an error; the message holds the command's verb and what git said, never its arguments. */
export class GitError extends Error {
  readonly verb: GitVerb;
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(failure: { verb: GitVerb; exitCode: number | undefined; stderr: string }, options?: ErrorOptions) {
    super(`git ${failure.verb} failed: ${failure.stderr.trim() || `exit code ${failure.exitCode}`}`, options);
    this.name = 'GitError';
    this.verb = failure.verb;
    this.exitCode = failure.exitCode;
    this.stderr = failure.stderr;
  }
}

const outputBytesMax = 256 * 1024 * 1024;
const stderrCharactersMax = 4_000;

/** Starts git without a shell, with the hardened environment. */
export function spawnGit(command: GitCommand): ChildProcessWithoutNullStreams {
  const args = [
    ...(command.gitDirectory === undefined ? [] : [`--git-dir=${command.gitDirectory}`]),
    command.verb,
    ...command.args,
  ];
  return spawn('git', args, {
    cwd: command.workingDirectory ?? command.gitDirectory ?? '/',
    env: { ...gitEnvironment(command.gitDirectory ?? command.workingDirectory), ...command.environment },
    shell: false,
  });
}

/** Resolves when the process has ended well. @throws GitError otherwise. */
export async function endOfGit(command: GitCommand, child: ChildProcessWithoutNullStreams): Promise<void> {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < stderrCharactersMax) stderr += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new GitError({ verb: command.verb, exitCode: undefined, stderr: cause.message }, { cause })),
    );
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve();
      else reject(new GitError({ verb: command.verb, exitCode: exitCode ?? undefined, stderr }));
    });
  });
}

/** Runs one command and gives its standard output as text. @throws GitError */
export async function runGit(command: GitCommand): Promise<string> {
  return (await runGitBytes(command)).toString('utf8');
}

/** Runs one command and gives its standard output as bytes. @throws GitError */
export async function runGitBytes(command: GitCommand): Promise<Buffer> {
  const child = spawnGit(command);
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > outputBytesMax) child.kill();
    else chunks.push(chunk);
  });
  // Git may end before it has read all input; its exit code then says why, not the broken pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(command.input ?? '');
  await endOfGit(command, child);
  return Buffer.concat(chunks);
}

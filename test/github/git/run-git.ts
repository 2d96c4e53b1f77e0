import { spawn } from 'node:child_process';

export class GitError extends Error {
  override readonly name = 'GitError';
  readonly exitCode: number | null;

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    super(`git ${args.join(' ')}: ${stderr.trim() || `exit ${exitCode}`}`);
    this.exitCode = exitCode;
  }
}

interface GitOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** What every git process of this folder gets: no configuration but the repository's, no questions. */
export function gitEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Standard output of git in a directory. Throws {@link GitError} when git fails. */
export async function runGitBytes(
  directory: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: directory, env: { ...gitEnvironment(directory), ...options.env } });
    const output: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new GitError(args, code, stderr));
    });
    // git may end without reading everything; its exit status tells what happened.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** As {@link runGitBytes}, as text without the last newline. */
export async function runGit(directory: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await runGitBytes(directory, args, options)).toString().replace(/\n$/, '');
}

/** As {@link runGit}; undefined when git fails, for questions whose answer may be no. */
export async function tryGit(
  directory: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string | undefined> {
  try {
    return await runGit(directory, args, options);
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

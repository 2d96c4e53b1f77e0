import { spawn } from 'node:child_process';
import path from 'node:path';

export interface SandboxOptions {
  /** Where the program works. */
  readonly folder: string;
  /** Its home, with nothing in it that the repository brought: plugins and settings would be read from there. */
  readonly home: string;
  readonly secondsMax: number;
  readonly outputBytesMax?: number;
  /** A program of its own network namespace, found by {@link findNetworkIsolation}. */
  readonly isolation?: readonly string[];
}

export type SandboxResult =
  | { readonly kind: 'done'; readonly stdout: string }
  | { readonly kind: 'failed'; readonly detail: string };

const outputBytesDefault = 64 * 1024 * 1024;
const stderrBytesMax = 16 * 1024;

/**
 * Runs a program without a shell, with an environment that holds nothing of the caller's: no PATH, so that it can start
 * no git, no credentials, and a proxy that leads nowhere. It and whatever it started are killed when it takes too long
 * or says too much.
 */
export async function runInSandbox(
  command: readonly [string, ...string[]] | readonly string[],
  options: SandboxOptions,
): Promise<SandboxResult> {
  const [program = '', ...args] = [...(options.isolation ?? []), ...command];
  const { folder, secondsMax, outputBytesMax = outputBytesDefault } = options;
  const child = spawn(program, args, {
    cwd: folder,
    env: sandboxEnvironment(options.home),
    shell: false,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already, or never came to be.
      child.kill('SIGKILL');
    }
  };
  let stopped: string | undefined;
  const stop = (why: string): void => {
    stopped ??= why;
    kill();
  };
  const timer = setTimeout(() => stop(`it took more than ${secondsMax} seconds`), secondsMax * 1000);
  const stdout: Buffer[] = [];
  let bytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > outputBytesMax) stop(`it wrote more than ${outputBytesMax} bytes`);
    else stdout.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < stderrBytesMax) stderr += chunk.toString('utf8');
  });
  const exitCode = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'it was stopped'));
  });
  clearTimeout(timer);
  if (stopped !== undefined) return { kind: 'failed', detail: stopped };
  if (exitCode === 0) return { kind: 'done', stdout: Buffer.concat(stdout).toString('utf8') };
  const said = stderr.trim().replaceAll(folder, '.').slice(-500);
  return { kind: 'failed', detail: said === '' ? `it ended with ${exitCode}` : said };
}

function sandboxEnvironment(home: string): Readonly<Record<string, string>> {
  const nowhere = 'http://127.0.0.1:9';
  return {
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_CACHE_HOME: home,
    HELM_DATA_HOME: home,
    HELM_PLUGINS: path.join(home, 'plugins'),
    KUBECONFIG: '/dev/null',
    PATH: '',
    LC_ALL: 'C',
    GOMEMLIMIT: '2GiB',
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    ALL_PROXY: nowhere,
    NO_PROXY: '',
  };
}

/** The program that gives another one a network namespace without interfaces, where the machine allows it. */
export async function findNetworkIsolation(home: string): Promise<readonly string[] | undefined> {
  const isolation = ['/usr/bin/unshare', '--net', '--map-root-user'];
  const tried = await runInSandbox(['/bin/true'], { folder: home, home, secondsMax: 10, isolation });
  return tried.kind === 'done' ? isolation : undefined;
}

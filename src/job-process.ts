import { spawn } from 'node:child_process';

export interface JobProcessOptions {
  /** What Node.js runs: its own options, then Flyball's entry. */
  readonly program: readonly string[];
  /** `scan` or `check` with its options. */
  readonly arguments: readonly string[];
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** What passes by itself; every other problem is told on GitHub, and trying again would not change it. */
const passing = /\b(?:GITHUB_REQUEST_FAILED|LEDGER_LOCKED|REPOSITORY_UNREADABLE)\b/;
const sourceUnreachable = 3;
const inputHasErrors = 1;
const stderrCharactersMax = 4000;
const killAfterMilliseconds = 5000;

/**
 * Runs a scan or a check in a process of its own: it can be ended at any time, and what it computes or uses up never keeps
 * webhooks waiting.
 * @throws Error with the last lines of its output when it should be tried again.
 */
export async function runJobProcess(options: JobProcessOptions): Promise<void> {
  options.signal.throwIfAborted();
  const child = spawn(process.execPath, [...options.program, ...options.arguments], {
    cwd: options.cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrCharactersMax);
  });
  let force: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    force = setTimeout(() => child.kill('SIGKILL'), killAfterMilliseconds);
  };
  options.signal.addEventListener('abort', end, { once: true });
  try {
    const ended = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
    options.signal.throwIfAborted();
    if (ended === 0 || (ended === inputHasErrors && !passing.test(stderr))) return;
    const why = ended === sourceUnreachable ? 'a source gave no answer' : `it ended with ${ended}`;
    throw new Error(`${why}: ${stderr.trim()}`);
  } finally {
    clearTimeout(force);
    options.signal.removeEventListener('abort', end);
  }
}

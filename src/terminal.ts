import path from 'node:path';
import { epochMs, type EpochMs } from './domain/index.ts';
import type { ProgressStream } from './terminal-progress.ts';

/** What a command may touch of the process it runs in. */
export interface Terminal {
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
  /** Milliseconds since 1970, for the scans that name no `--as-of`. */
  readonly now: () => number;
  readonly cwd: string;
}

/** Exit codes, the same for every command. */
export const exitCodes = { done: 0, inputHasErrors: 1, usage: 2, sourceUnreachable: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The scan's clock: as asked, else the start of the present hour, so that two scans in an hour are the same. */
export function scanTime(asOf: EpochMs | undefined, terminal: Terminal): EpochMs {
  return asOf ?? epochMs(Math.floor(terminal.now() / 3_600_000) * 3_600_000);
}

/** A URL as it is, a path made absolute. */
export function repositoryLocation(given: string, terminal: Pick<Terminal, 'cwd'>): string {
  return /^[\w.+-]+:\/\/|^[\w.-]+@/.test(given) ? given : path.resolve(terminal.cwd, given);
}

import { ProblemError } from '../domain/index.ts';

/** What to tell of a ledger that cannot be opened. */
export function openError(file: string, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('Could not set lock on file')) {
    const pid = /PID (\d+)/.exec(text)?.[1];
    return lockedError(file, pid === undefined ? 'another process' : `process ${pid}`, error);
  }
  return new ProblemError(
    {
      code: 'LEDGER_UNREADABLE',
      severity: 'error',
      place: { kind: 'file', path: file },
      message: `The ledger cannot be opened: ${text.split('\n')[0] ?? ''}. Nothing was read or written.`,
      remedy:
        'The ledger only caches what the billing and metrics sources hold: move the file away and run the scan again to rebuild it, or name another path.',
    },
    { cause: error },
  );
}

/** What to tell of a ledger that somebody else holds. */
export function lockedError(file: string, holder: string, cause: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'LEDGER_LOCKED',
      severity: 'error',
      place: { kind: 'file', path: file },
      message: `The ledger is held open by ${holder}; only one can use it at a time. Nothing was read or written.`,
      remedy: 'Wait until the other scan has finished or stop it, or give this one a ledger file of its own.',
    },
    { cause },
  );
}

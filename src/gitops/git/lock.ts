import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryUnreadable } from './location.ts';

const pollMs = 250;
/** Two minutes: longer than fetching a large repository takes. */
const pollsMax = 480;

/**
 * Runs an action while holding a lock file, so that two scans do not write one clone at a time. The lock of a process
 * of this machine that no longer lives is taken over. @throws ProblemError REPOSITORY_UNREADABLE after two minutes.
 */
export async function withLock<T>(lockFile: string, action: () => Promise<T>, polls: number = pollsMax): Promise<T> {
  const content = `${process.pid}@${os.hostname()}\n`;
  for (let poll = 0; !(await tryLock(lockFile, content)); poll += 1) {
    if (poll >= polls) {
      throw repositoryUnreadable({
        place: lockFile,
        message: `Another scan (${(await readHolder(lockFile)) ?? 'unknown'}) has been using this clone for too long.`,
        remedy: 'Wait for it to end; if no such process runs, delete this lock file.',
      });
    }
    if (!(await takeOverStale(lockFile))) await sleep(pollMs);
  }
  try {
    return await action();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function tryLock(lockFile: string, content: string): Promise<boolean> {
  try {
    await writeFile(lockFile, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readHolder(lockFile: string): Promise<string | undefined> {
  try {
    return (await readFile(lockFile, 'utf8')).trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Removes the lock of a dead process of this machine; renaming first, so that only one of two waiters removes it. */
async function takeOverStale(lockFile: string): Promise<boolean> {
  const holder = await readHolder(lockFile);
  if (holder === undefined) return true;
  const match = /^(\d+)@(.*)$/.exec(holder);
  if (match === null || match[2] !== os.hostname() || isAlive(Number(match[1]))) return false;
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return true;
    throw error;
  }
  // Between reading and renaming another waiter may have taken the lock: then it is put back.
  const isSame = (await readHolder(aside)) === holder;
  if (isSame) await rm(aside, { force: true });
  else await rename(aside, lockFile);
  return isSame;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

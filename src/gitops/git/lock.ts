import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryUnreadable } from './location.ts';

const pollMs = 250;
/** Two minutes: longer than fetching a large repository takes. */
const pollsMax = 480;

/** In containers the process after a killed one often has its number and its machine's name. */
const thisRun = randomUUID();

/**
 * Runs an action while holding a lock file, so that two scans do not write one clone at a time. The lock of a process
 * of this machine that no longer lives is taken over. @throws ProblemError REPOSITORY_UNREADABLE after two minutes.
 */
export async function withLock<T>(
  lockFile: string,
  action: (lock: { readonly isTakenOver: boolean }) => Promise<T>,
  polls: number = pollsMax,
): Promise<T> {
  await mkdir(path.dirname(lockFile), { recursive: true });
  let isTakenOver = false;
  const content = `${process.pid}@${os.hostname()} ${thisRun}\n`;
  for (let poll = 0; !(await tryLock(lockFile, content)); poll += 1) {
    if (poll >= polls) {
      throw repositoryUnreadable({
        place: lockFile,
        message: `Another scan (${(await readHolder(lockFile)) ?? 'unknown'}) has been using this clone for too long.`,
        remedy: 'Wait for it to end; if no such process runs, delete this lock file.',
      });
    }
    const found = await removeStale(lockFile);
    if (found === 'removed') isTakenOver = true;
    if (found === 'held') await sleep(pollMs);
  }
  try {
    return await action({ isTakenOver });
  } finally {
    await rm(lockFile, { force: true });
  }
}

/** Written aside and linked, so that a process that is killed here leaves no lock without a holder. */
async function tryLock(lockFile: string, content: string): Promise<boolean> {
  const aside = `${lockFile}.${randomUUID()}.new`;
  try {
    await writeFile(aside, content, { flag: 'wx' });
    await link(aside, lockFile);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
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
async function removeStale(lockFile: string): Promise<'removed' | 'gone' | 'held'> {
  const holder = await readHolder(lockFile);
  if (holder === undefined) return 'gone';
  const [, pid = '', host, run = thisRun] = /^(\d+)@(\S*)(?: (\S+))?$/.exec(holder) ?? [];
  const isDead = Number(pid) === process.pid ? run !== thisRun : !isAlive(Number(pid));
  // An empty file is what a full disk leaves of a lock.
  if (holder !== '' && (host !== os.hostname() || !isDead)) return 'held';
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'gone';
    throw error;
  }
  // Between reading and renaming another waiter may have taken the lock: then it is put back.
  const isSame = (await readHolder(aside)) === holder;
  if (isSame) await rm(aside, { force: true });
  else await rename(aside, lockFile);
  return isSame ? 'removed' : 'held';
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

/**
 * Removes what git leaves in a repository when it is killed, so that it does not refuse every later write: lock files,
 * and packs that were not finished. Only for who took the repository's own lock over from a killed scan: then no other git of Flyball's is at work.
 */
export async function clearKilledGit(gitDirectory: string): Promise<void> {
  const top = await readdir(gitDirectory).catch(() => []);
  const refs = await readdir(path.join(gitDirectory, 'refs'), { recursive: true }).catch(() => []);
  const packs = await readdir(path.join(gitDirectory, 'objects', 'pack')).catch(() => []);
  const left = [
    ...top.filter((name) => name.endsWith('.lock')),
    ...refs.filter((name) => name.endsWith('.lock')).map((name) => path.join('refs', name)),
    ...packs.filter((name) => name.startsWith('tmp_')).map((name) => path.join('objects', 'pack', name)),
  ];
  for (const name of left) await rm(path.join(gitDirectory, name), { force: true });
}

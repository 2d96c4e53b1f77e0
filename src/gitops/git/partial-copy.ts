import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runGit } from './run-git.ts';

/** Whether objects of a repository were left out when it was fetched, so that git neither clones it nor fetches from it. */
export async function isPartial(gitDirectory: string): Promise<boolean> {
  const packs = await names(path.join(gitDirectory, 'objects', 'pack'));
  return packs.some((name) => name.endsWith('.promisor'));
}

/** Copies what a partial repository has; what it has not stays left out. The copy stands by itself. */
export async function copyObjects(options: { readonly from: string; readonly to: string }): Promise<void> {
  const from = path.join(options.from, 'objects');
  const to = path.join(options.to, 'objects');
  const files = (await readdir(from, { recursive: true })).filter((name) => !path.basename(name).startsWith('tmp_'));
  // A pack is found by its index: that comes last, so that a killed copy leaves no index without its pack.
  const ordered = files.toSorted((left, right) => Number(left.endsWith('.idx')) - Number(right.endsWith('.idx')));
  for (const name of ordered) {
    const target = path.join(to, name);
    if (!(await isFile(path.join(from, name))) || (await isFile(target))) continue;
    await mkdir(path.dirname(target), { recursive: true });
    // So named, an unfinished copy is cleared away like git's own.
    const unfinished = path.join(path.dirname(target), `tmp_${path.basename(target)}`);
    await copyFile(path.join(from, name), unfinished, constants.COPYFILE_FICLONE);
    await rename(unfinished, target);
  }
  await addShallowCommits(options);
}

/** Lets the user's own git fetch what is left out, when it is needed; Flyball's never does. */
export async function promiseFrom(gitDirectory: string, remoteUrl: string): Promise<void> {
  for (const [key, value] of [
    ['remote.origin.url', remoteUrl],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.partialCloneFilter', 'blob:none'],
  ] as const) {
    await runGit({ gitDirectory, verb: 'config', args: ['--local', key, value] });
  }
}

/** Commits whose parents were not fetched; both repositories' count. */
async function addShallowCommits(options: { readonly from: string; readonly to: string }): Promise<void> {
  const [theirs, ours] = [await shallowCommits(options.from), await shallowCommits(options.to)];
  const all = [...new Set([...ours, ...theirs])].toSorted();
  if (all.length === ours.length) return;
  const file = path.join(options.to, 'shallow');
  await writeFile(`${file}.lock`, all.map((commit) => `${commit}\n`).join(''));
  await rename(`${file}.lock`, file);
}

async function shallowCommits(gitDirectory: string): Promise<readonly string[]> {
  const text = await readFile(path.join(gitDirectory, 'shallow'), 'utf8').catch(absent(''));
  return text.split('\n').filter((line) => line !== '');
}

async function names(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(absent([]));
}

async function isFile(file: string): Promise<boolean> {
  const entry = await stat(file).catch(absent(undefined));
  return entry?.isFile() === true;
}

function absent<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value;
    throw error;
  };
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RepositorySnapshot } from '../git/repository.ts';
import { isTreePath } from '../git/names.ts';
import { readBlobs } from '../git/tree.ts';

/** Larger files are no parts of a rendering. */
const fileBytesMax = 4 * 1024 * 1024;

/** A commit's regular files in a folder of their own, for programs that need a file system. */
export interface WorkFolder {
  readonly path: string;
  /** Beside them, empty: nothing that the repository brings gets into a program's home. */
  readonly home: string;
  /** Writes texts over files of the commit, runs something, and puts the commit's own texts back. */
  withEdits<Result>(edited: ReadonlyMap<string, string>, run: () => Promise<Result>): Promise<Result>;
  remove(): Promise<void>;
}

/**
 * Writes the files of a commit into a new temporary folder, from git's objects: no checkout, no hooks, no filters.
 * Symbolic links and submodules are left out, so that no path in it leads out. @throws GitError
 */
export async function openWorkFolder(snapshot: RepositorySnapshot): Promise<WorkFolder> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'flyball-render-'));
  const [repository, home] = [path.join(root, 'repository'), path.join(root, 'home')];
  for (const folder of [repository, home]) await mkdir(folder);
  const pathsByBlob = new Map<string, string[]>();
  for (const { path: file, mode, size, blobId } of snapshot.files) {
    const isRegular = mode === '100644' || mode === '100755';
    if (!isRegular || size > fileBytesMax || !isTreePath(file)) continue;
    pathsByBlob.set(blobId, [...(pathsByBlob.get(blobId) ?? []), file]);
  }
  const originals = new Map<string, string>();
  const place = (file: string): string => path.join(repository, ...file.split('/'));
  for await (const { blobId, content } of readBlobs(snapshot.gitDirectory, [...pathsByBlob.keys()])) {
    for (const file of pathsByBlob.get(blobId) ?? []) {
      await mkdir(path.dirname(place(file)), { recursive: true });
      await writeFile(place(file), content);
    }
  }
  for (const [blobId, files] of pathsByBlob) for (const file of files) originals.set(file, blobId);
  return {
    path: repository,
    home,
    withEdits: async (edited, run) => {
      for (const [file, text] of edited) await writeFile(place(file), text);
      try {
        return await run();
      } finally {
        for (const file of edited.keys()) {
          for await (const { content } of readBlobs(snapshot.gitDirectory, [originals.get(file) ?? ''])) {
            await writeFile(place(file), content);
          }
        }
      }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

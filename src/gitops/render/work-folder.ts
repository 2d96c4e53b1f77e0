import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RepositorySnapshot } from '../git/repository.ts';
import type { RepositoryFile } from '../git/tree.ts';
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

/** Files that programs may render from, with sizes; fetches what lies beside charts and kustomizations in a partial clone. */
export async function filesToRender(snapshot: RepositorySnapshot): Promise<readonly RepositoryFile[]> {
  const files = snapshot.files.filter(({ path: file, mode }) => isRegular(mode) && isTreePath(file));
  const present = files.filter(({ size }) => size !== undefined);
  const missing = files.filter(({ size }) => size === undefined);
  if (missing.length === 0) return present;
  const rendered = new Set(
    snapshot.files.flatMap(({ path: file }) => (isRenderedFrom(file) ? [path.posix.dirname(file)] : [])),
  );
  const beside = missing.filter(({ path: file }) => foldersAbove(file).some((folder) => rendered.has(folder)));
  return [...present, ...(await snapshot.fetchContents(beside))];
}

function isRenderedFrom(file: string): boolean {
  return /(?:^|\/)(?:Chart\.ya?ml|kustomization\.ya?ml|Kustomization)$/.test(file);
}

/** `a/b/c.yaml` lies in `a/b`, `a` and `.`. */
function foldersAbove(file: string): readonly string[] {
  const folder = path.posix.dirname(file);
  return folder === '.' ? ['.'] : [folder, ...foldersAbove(folder)];
}

function isRegular(mode: string): boolean {
  return mode === '100644' || mode === '100755';
}

/**
 * Writes files of a commit into a new temporary folder, from git's objects: no checkout, no hooks, no filters.
 * Symbolic links and submodules are no part of them, so that no path in it leads out. @throws GitError
 */
export async function openWorkFolder(
  snapshot: RepositorySnapshot,
  files: readonly RepositoryFile[],
): Promise<WorkFolder> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'flyball-render-'));
  const [repository, home] = [path.join(root, 'repository'), path.join(root, 'home')];
  for (const folder of [repository, home]) await mkdir(folder);
  const pathsByBlob = new Map<string, string[]>();
  for (const { path: file, size, blobId } of files) {
    if (size === undefined || size > fileBytesMax) continue;
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
  for (const [blobId, paths] of pathsByBlob) for (const file of paths) originals.set(file, blobId);
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

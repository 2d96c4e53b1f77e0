import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { runGit, runGitBytes } from './run-git.ts';

export type TreeMode = '100644' | '100755' | '120000' | '160000' | '040000';

export interface TreeEntry {
  readonly mode: TreeMode;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  /** Bytes of a blob. */
  readonly size: number | undefined;
  readonly path: string;
}

/** What changes between two trees: an entry without `sha` is removed. */
export interface TreeChange {
  readonly path: string;
  readonly mode: TreeMode;
  readonly sha: string | undefined;
}

export async function readTree(
  directory: string,
  tree: string,
  options: { readonly isRecursive: boolean; readonly path?: string },
): Promise<readonly TreeEntry[]> {
  const args = ['ls-tree', '-z', '--long', '--full-tree', ...(options.isRecursive ? ['-r', '-t'] : []), tree];
  const text = await runGit(
    directory,
    options.path === undefined ? args : [...args, '--', `:(literal)${options.path}`],
  );
  return text.split('\0').filter(Boolean).map(treeEntry);
}

function treeEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [mode, type, sha, size] = line.slice(0, tab).split(/ +/);
  return {
    mode: mode as TreeMode,
    type: type as TreeEntry['type'],
    sha: sha ?? '',
    size: size === '-' ? undefined : Number(size),
    path: line.slice(tab + 1),
  };
}

export class MalformedPathError extends Error {
  override readonly name = 'MalformedPathError';
}

// git itself leaves such paths out, and says so only in a warning.
function checkPath(path: string): void {
  const isMalformed = path.split('/').some((part) => ['', '.', '..', '.git'].includes(part.toLowerCase()));
  if (isMalformed) throw new MalformedPathError(`${path} is no path of a tree`);
}

/** The tree after some changes. Throws {@link MalformedPathError} for paths out of the tree or into `.git`. */
export async function writeTree(
  directory: string,
  base: string | undefined,
  changes: readonly TreeChange[],
): Promise<string> {
  for (const change of changes) checkPath(change.path);
  const index = path.join(directory, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    if (base !== undefined) await runGit(directory, ['read-tree', base], { env });
    const subtrees = changes.filter(({ mode, sha }) => mode === '040000' && sha !== undefined);
    const lines = changes
      .filter((change) => !subtrees.includes(change))
      .map(({ path, mode, sha }) => (sha === undefined ? `0 ${'0'.repeat(40)}\t${path}` : `${mode} ${sha}\t${path}`));
    await runGit(directory, ['update-index', '-z', '--index-info'], {
      env,
      input: lines.map((line) => `${line}\0`).join(''),
    });
    for (const { path, sha } of subtrees) {
      await runGit(directory, ['read-tree', `--prefix=${path}/`, sha ?? ''], { env });
    }
    return await runGit(directory, ['write-tree'], { env });
  } finally {
    await rm(index, { force: true });
  }
}

export async function writeBlob(directory: string, content: string | Uint8Array): Promise<string> {
  return runGit(directory, ['hash-object', '-w', '--stdin'], { input: content });
}

export async function readBlob(directory: string, sha: string): Promise<Buffer> {
  return runGitBytes(directory, ['cat-file', 'blob', sha]);
}

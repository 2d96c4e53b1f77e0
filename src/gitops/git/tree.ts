import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { endOfGit, GitError, runGit, spawnGit } from './run-git.ts';

/** One entry of a commit's tree. */
export interface RepositoryFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly blobId: string;
  /** `100644`, `100755`, `120000` (symbolic link) or `160000` (submodule). */
  readonly mode: string;
  /** Bytes; 0 for a submodule. */
  readonly size: number;
}

/** Every file below a commit (or below some paths of it), in git's order. The work tree is never looked at. */
export async function listTree(
  gitDirectory: string,
  commit: string,
  paths: readonly string[] = [],
): Promise<readonly RepositoryFile[]> {
  const output = await runGit({
    gitDirectory,
    verb: 'ls-tree',
    args: ['-r', '-z', '-l', '--full-tree', commit, ...(paths.length === 0 ? [] : ['--', ...paths])],
  });
  return output.split('\0').flatMap((record) => {
    const match = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-|BAD)\t(.+)$/s.exec(record);
    const [, mode, blobId, size, path] = match ?? [];
    if (mode === undefined || blobId === undefined || size === undefined || path === undefined) return [];
    return [{ path, blobId, mode, size: /^\d+$/.test(size) ? Number(size) : 0 }];
  });
}

/**
 * Streams the content of blobs through one `cat-file --batch` process, in the order asked. A blob that the repository
 * does not have (a partial clone) is left out. Memory: one blob at a time.
 */
export async function* readBlobs(
  gitDirectory: string,
  blobIds: readonly string[],
): AsyncGenerator<{ readonly blobId: string; readonly content: Buffer }> {
  if (blobIds.length === 0) return;
  const command = { gitDirectory, verb: 'cat-file', args: ['--batch'] } as const;
  const child = spawnGit(command);
  const ended = endOfGit(command, child);
  // A failure of git is reported by `ended`; the broken pipe that follows it says nothing more.
  const written = pipeline(Readable.from(blobIds.map((id) => `${id}\n`)), child.stdin).catch(() => undefined);
  ended.catch(() => undefined);
  try {
    yield* parseBatch(child.stdout);
    await written;
    await ended;
  } finally {
    child.kill();
  }
}

async function* parseBatch(
  stdout: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly blobId: string; readonly content: Buffer }> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of stdout) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const newline = pending.indexOf(0x0a);
      if (newline === -1) break;
      const header = pending.subarray(0, newline).toString('latin1');
      if (header.endsWith(' missing')) {
        pending = pending.subarray(newline + 1);
        continue;
      }
      const [blobId = '', , sizeText = ''] = header.split(' ');
      const size = Number(sizeText);
      if (!/^\d+$/.test(sizeText)) {
        throw new GitError({
          verb: 'cat-file',
          exitCode: undefined,
          stderr: `unexpected answer ${header.slice(0, 80)}`,
        });
      }
      const end = newline + 1 + size;
      // One more byte: each content is followed by a newline.
      if (pending.length < end + 1) break;
      yield { blobId, content: Buffer.from(pending.subarray(newline + 1, end)) };
      pending = pending.subarray(end + 1);
    }
  }
}

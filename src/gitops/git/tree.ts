import { endOfGit, GitError, runGit, spawnGit } from './run-git.ts';

const submodule = '160000';

/** One entry of a commit's tree. */
export interface TreeEntry {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly blobId: string;
  /** `100644`, `100755`, `120000` (symbolic link) or `160000` (submodule). */
  readonly mode: string;
}

export interface RepositoryFile extends TreeEntry {
  /** Bytes; 0 for a submodule; undefined when the repository does not hold the content (a partial clone). */
  readonly size: number | undefined;
}

/** Every file below a commit (or below some paths of it), in git's order. The work tree is never looked at. */
export async function listTree(
  gitDirectory: string,
  commit: string,
  paths: readonly string[] = [],
): Promise<readonly TreeEntry[]> {
  const output = await runGit({
    gitDirectory,
    verb: 'ls-tree',
    args: ['-r', '-z', '--full-tree', commit, ...(paths.length === 0 ? [] : ['--', ...paths])],
  });
  return output.split('\0').flatMap((record) => {
    const [, mode, blobId, path] = /^(\d{6}) \w+ ([0-9a-f]+)\t(.+)$/s.exec(record) ?? [];
    return mode === undefined || blobId === undefined || path === undefined ? [] : [{ path, blobId, mode }];
  });
}

/** The same files with their sizes; no content is read. */
export async function withSizes(
  gitDirectory: string,
  entries: readonly TreeEntry[],
): Promise<readonly RepositoryFile[]> {
  const blobIds = [...new Set(entries.filter(({ mode }) => mode !== submodule).map(({ blobId }) => blobId))];
  const output = await runGit({
    gitDirectory,
    verb: 'cat-file',
    args: ['--batch-check=%(objectname) %(objectsize)', '--buffer'],
    input: blobIds.map((id) => `${id}\n`).join(''),
  });
  const sizes = new Map(
    output.split('\n').flatMap((line) => {
      const [, blobId, size] = /^([0-9a-f]+) (\d+)$/.exec(line) ?? [];
      return blobId === undefined ? [] : [[blobId, Number(size)] as const];
    }),
  );
  return entries.map(({ path, blobId, mode }) => ({
    path,
    blobId,
    mode,
    size: mode === submodule ? 0 : sizes.get(blobId),
  }));
}

/**
 * Streams the content of blobs through one `cat-file --batch` process, in the order asked. A blob that the repository
 * does not have (a partial clone) is left out. Memory: the ids, and one blob or one chunk of the pipe at a time.
 */
export async function* readBlobs(
  gitDirectory: string,
  blobIds: readonly string[],
): AsyncGenerator<{ readonly blobId: string; readonly content: Buffer }> {
  if (blobIds.length === 0) return;
  const command = { gitDirectory, verb: 'cat-file', args: ['--batch', '--buffer'] } as const;
  const child = spawnGit(command);
  const ended = endOfGit(command, child);
  // A failure of git is reported by `ended`; the broken pipe that follows it says nothing more.
  child.stdin.on('error', () => undefined);
  child.stdin.end(blobIds.map((id) => `${id}\n`).join(''));
  ended.catch(() => undefined);
  try {
    for await (const blobs of parseBatch(child.stdout)) yield* blobs;
    await ended;
  } finally {
    child.kill();
  }
}

interface Blob {
  readonly blobId: string;
  readonly content: Buffer;
}

/** The blobs of each piece of output. A large blob comes in many chunks, which are joined once. */
async function* parseBatch(stdout: AsyncIterable<Buffer>): AsyncGenerator<readonly Blob[]> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let neededBytes = 0;
  for await (const chunk of stdout) {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < neededBytes) continue;
    const { blobs, rest, missingBytes } = takeBlobs(pending.length === 1 ? chunk : Buffer.concat(pending));
    yield blobs;
    pending = rest.length === 0 ? [] : [rest];
    pendingBytes = rest.length;
    neededBytes = pendingBytes + missingBytes;
  }
}

/** The whole blobs at the beginning of some output, what is left of it, and how many bytes of the next blob are missing. */
function takeBlobs(bytes: Buffer): {
  readonly blobs: readonly Blob[];
  readonly rest: Buffer;
  readonly missingBytes: number;
} {
  const blobs: Blob[] = [];
  let at = 0;
  for (;;) {
    const newline = bytes.indexOf(0x0a, at);
    if (newline === -1) return { blobs, rest: bytes.subarray(at), missingBytes: 1 };
    const header = bytes.toString('latin1', at, newline);
    if (header.endsWith(' missing')) {
      at = newline + 1;
      continue;
    }
    const [blobId = '', , sizeText = ''] = header.split(' ');
    if (!/^\d+$/.test(sizeText)) {
      throw new GitError({ verb: 'cat-file', exitCode: undefined, stderr: `unexpected answer ${header.slice(0, 80)}` });
    }
    const end = newline + 1 + Number(sizeText);
    // One more byte: each content is followed by a newline.
    if (bytes.length < end + 1) return { blobs, rest: bytes.subarray(at), missingBytes: end + 1 - bytes.length };
    blobs.push({ blobId, content: Buffer.from(bytes.subarray(newline + 1, end)) });
    at = end + 1;
  }
}

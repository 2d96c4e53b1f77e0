import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** What the first and last bytes say that a file is. */
type FileContent = 'parquet' | 'parquet-without-footer' | 'zstd' | 'text' | 'empty';

export type StagedFile =
  | {
      readonly kind: 'staged';
      /** A plain copy, unpacked, under a name of our own making. */
      readonly stagedPath: string;
      /** SHA-256 in hex of the original's bytes, taken while they were copied. */
      readonly digest: string;
      readonly content: FileContent;
      readonly wasGzip: boolean;
      discard(): Promise<void>;
    }
  /** The gzip stream ends before its trailer: the file was cut. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A decompressed file above this is refused: a small .gz can unpack to any size. */
const stagedBytesMax = 64 * 2 ** 30;

/** SHA-256 in hex of a file's bytes, streamed. */
export async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Copies a file into the staging folder, unpacking gzip on the way, so that DuckDB reads a whole, plain file with a
 * harmless name from the one folder it may touch, and so that a cut gzip stream is noticed: DuckDB would read the
 * half that is there without an error.
 */
export async function stageFile(file: string, stagingDirectory: string): Promise<StagedFile> {
  const stagedPath = path.join(stagingDirectory, 'staged');
  const discard = (): Promise<void> => rm(stagedPath, { force: true });
  try {
    const wasGzip = (await firstBytes(file, 2)).equals(Buffer.from([0x1f, 0x8b]));
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    const target = createWriteStream(stagedPath, { mode: 0o600 });
    const source = createReadStream(file, { highWaterMark: 2 ** 18 });
    if (wasGzip) await pipeline(source, hashing, createGunzip(), boundedSize(), target);
    else await pipeline(source, hashing, boundedSize(), target);
    const content = await contentOf(stagedPath);
    return { kind: 'staged', stagedPath, digest: hash.digest('hex'), content, wasGzip, discard };
  } catch (error) {
    await discard();
    const text = error instanceof Error ? error.message : String(error);
    return text === 'unexpected end of file' ? { kind: 'truncated' } : { kind: 'unreadable', reason: text };
  }
}

function boundedSize(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > stagedBytesMax) done(new Error(`it unpacks to more than ${stagedBytesMax / 2 ** 30} GiB`));
      else done(null, chunk);
    },
  });
}

async function contentOf(file: string): Promise<FileContent> {
  const head = await firstBytes(file, 4);
  if (head.length === 0) return 'empty';
  if (head.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return 'zstd';
  if (head.toString('latin1') !== 'PAR1') return 'text';
  const tail = await lastBytes(file, 4);
  return tail.toString('latin1') === 'PAR1' ? 'parquet' : 'parquet-without-footer';
}

export async function firstBytes(file: string, length: number): Promise<Buffer> {
  return bytesAt(file, () => 0, length);
}

export async function lastBytes(file: string, length: number): Promise<Buffer> {
  return bytesAt(file, (size) => Math.max(0, size - length), length);
}

async function bytesAt(file: string, position: (size: number) => number, length: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position(size));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

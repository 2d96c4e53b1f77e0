import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';

/** Larger caches would cost more to read than they save. */
const bytesMax = 256 * 1024 * 1024;
const digestLength = 32;

/**
 * What a file of the cache holds; undefined when it is absent, cut off, damaged or not of this program's making. Never
 * throws for what is in it: a cache only saves time.
 */
export async function readCacheFile(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined || bytes.length <= digestLength) return undefined;
  const payload = bytes.subarray(digestLength);
  if (!createHash('sha256').update(payload).digest().equals(bytes.subarray(0, digestLength))) return undefined;
  try {
    const value: unknown = deserialize(payload);
    return value;
  } catch {
    return undefined;
  }
}

/** Writes a file whole or not at all: readers see the old one or the new one, whoever is killed meanwhile. */
export async function writeCacheFile(file: string, value: unknown): Promise<void> {
  const payload = serialize(value);
  if (payload.length > bytesMax) return;
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.new`;
  try {
    await writeFile(temporary, Buffer.concat([createHash('sha256').update(payload).digest(), payload]), {
      mode: 0o600,
    });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BillingFormatName, Problem, Progress } from '../../domain/index.ts';
import { readRows } from '../../ledger/index.ts';
import { detectFormat } from '../billing/detect-format.ts';
import { FileRefused } from '../source-files/index.ts';
import { openStorage, type StorageConnection } from './connection.ts';
import { nothingFound, objectTooLarge, objectUnreadable, StorageUnreachable, unreachable } from './problems.ts';
import { literal } from './secret-sql.ts';
import type { ObjectStorageSettings } from './settings.ts';

export interface FetchObjectsOptions {
  readonly settings: ObjectStorageSettings;
  /** How the files behind the address are read; `auto` tells it by the columns. */
  readonly format: BillingFormatName | 'auto';
  /** Belongs to this address alone; its files lie in it as the objects do in their bucket. */
  readonly folder: string;
  readonly memoryLimitMib: number;
  readonly progress: Progress;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** An object as the storage lists it. */
interface ListedObject {
  readonly address: string;
  readonly bytes: number;
  readonly lastModified: string;
}

/** What was fetched of each object, by its address. */
type Fetched = Record<string, { readonly bytes: number; readonly lastModified: string }>;

const wanted = /\.(?:csv|gz|parquet|json|jsonl|ndjson)$/i;

/** What DuckDB reads as a pattern, wherever it stands in a name. */
const patternCharacters = /[*?[]/;

/** Objects that are not Parquet come in one piece, which is in memory twice: this share of DuckDB's memory at most. */
const pieceMemoryShare = 1 / 4;

/**
 * Brings a folder up to date with the objects behind an address: new and changed ones are fetched, those that are gone are
 * removed. Of Parquet only the columns that are read are asked for; everything else is copied byte by byte. What fails
 * is reported; what was fetched before stays.
 */
export async function fetchObjects(address: string, options: FetchObjectsOptions): Promise<readonly Problem[]> {
  options.progress.stage(`listing ${address}`);
  await mkdir(options.folder, { recursive: true });
  try {
    const storage = await openStorage(address, options.settings, {
      environment: options.environment ?? process.env,
      temporaryDirectory: options.folder,
      memoryLimitMib: options.memoryLimitMib,
    });
    try {
      return await bringUpToDate(address, storage, options);
    } finally {
      storage.close();
    }
  } catch (error) {
    if (error instanceof StorageUnreachable) return [error.problem];
    throw error;
  }
}

async function bringUpToDate(
  address: string,
  storage: StorageConnection,
  options: FetchObjectsOptions,
): Promise<readonly Problem[]> {
  const objects = (await listObjects(address, storage)).filter((object) => wanted.test(object.address));
  const known = await readIndex(options.folder);
  const problems: Problem[] = [];
  const kept: Fetched = {};
  for (const [index, object] of objects.entries()) {
    options.progress.step(index, objects.length, object.address);
    const before = known[object.address];
    const isSame = before?.bytes === object.bytes && before.lastModified === object.lastModified;
    const problem = isSame ? undefined : await fetchObject(object, storage, options);
    if (problem !== undefined) problems.push(problem);
    const now = problem === undefined ? { bytes: object.bytes, lastModified: object.lastModified } : before;
    if (now !== undefined) kept[object.address] = now;
    if (!isSame) await writeIndex(options.folder, { ...known, ...kept });
  }
  for (const gone of Object.keys(known)) {
    const file = kept[gone] === undefined ? localPath(options.folder, gone) : undefined;
    if (file !== undefined) await rm(file, { force: true });
  }
  await writeIndex(options.folder, kept);
  await removeParts(options.folder);
  return objects.length === 0 ? [nothingFound(address)] : problems;
}

/** Everything behind an address: the object itself, the matches of a pattern, or what lies below a prefix. */
async function listObjects(address: string, storage: StorageConnection): Promise<readonly ListedObject[]> {
  const isPattern = patternCharacters.test(address);
  const pattern = isPattern || wanted.test(address) ? address : `${address.replace(/\/+$/, '')}/**`;
  try {
    const rows = await readRows(
      storage.connection,
      `SELECT filename, CAST(size AS BIGINT) AS bytes, CAST(last_modified AS VARCHAR) AS last_modified
       FROM read_blob(${literal(pattern)}) ORDER BY filename`,
    );
    return rows.map((row) => ({
      address: row.text('filename'),
      bytes: row.number('bytes'),
      lastModified: row.optionalText('last_modified') ?? '',
    }));
  } catch (error) {
    const what = storage.describe(error);
    if (/No files found/i.test(what)) return [];
    throw unreachable(
      address,
      what,
      'Check the address, objectStorage in flyball.yml, and that the credentials may list and read.',
    );
  }
}

async function fetchObject(
  object: ListedObject,
  storage: StorageConnection,
  options: FetchObjectsOptions,
): Promise<Problem | undefined> {
  const file = localPath(options.folder, object.address);
  if (file === undefined) return objectUnreadable(object.address, 'its name is no path');
  // Read by such a name, DuckDB gives the rows of every object that matches it.
  if (patternCharacters.test(object.address)) {
    return objectUnreadable(object.address, 'its name has a character of patterns (*, ? or [)');
  }
  const part = `${file}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    if (/\.parquet$/i.test(object.address)) await copyParquet(object.address, part, storage, options.format);
    else {
      const mebibytes = Math.ceil(object.bytes / 2 ** 20);
      const pieceMibMax = Math.floor(options.memoryLimitMib * pieceMemoryShare);
      if (mebibytes > pieceMibMax) return objectTooLarge(object.address, mebibytes, pieceMibMax);
      await copyBytes(object.address, part, storage);
    }
    await rename(part, file);
    return undefined;
  } catch (error) {
    await rm(part, { force: true });
    if (error instanceof FileRefused) return error.problems[0];
    return objectUnreadable(object.address, storage.describe(error));
  }
}

/** Columns that no one reads become NULL under their name: their bytes stay where they are. */
async function copyParquet(
  address: string,
  part: string,
  { connection }: StorageConnection,
  stated: BillingFormatName | 'auto',
): Promise<void> {
  const described = await readRows(
    connection,
    `SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(${literal(address)}, hive_partitioning = false))`,
  );
  const header = described.map((row) => row.text('column_name'));
  const format = detectFormat(address, header, stated);
  const columns = header.map((name) => {
    const isRead = format.columnOf(name) !== undefined || format.tagKeyOf?.(name) !== undefined;
    return isRead ? quoted(name) : `NULL::VARCHAR AS ${quoted(name)}`;
  });
  await connection.run(
    `COPY (SELECT ${columns.join(', ')} FROM read_parquet(${literal(address)}, hive_partitioning = false))
     TO ${literal(part)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}

async function copyBytes(address: string, part: string, { connection }: StorageConnection): Promise<void> {
  const result = await connection.runAndReadAll(`SELECT content FROM read_blob(${literal(address)})`);
  const content = result.getRowsJS()[0]?.[0];
  if (!(content instanceof Uint8Array)) throw new Error('it has no content');
  await writeFile(part, content, { mode: 0o600 });
}

/** Bucket and key below the folder; undefined for names that are no path below it. */
function localPath(folder: string, address: string): string | undefined {
  const [, rest = ''] = address.split('://');
  const steps = rest.split('/');
  const isPath = steps.every(
    (step) => step !== '' && step !== '.' && step !== '..' && !/[\0\\]/.test(step) && step.length <= 240,
  );
  return isPath && steps.length > 1 ? path.join(folder, 'objects', ...steps) : undefined;
}

async function readIndex(folder: string): Promise<Fetched> {
  try {
    return JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as Fetched;
  } catch {
    // Absent or damaged: everything is fetched again.
    return {};
  }
}

async function writeIndex(folder: string, fetched: Fetched): Promise<void> {
  const file = path.join(folder, 'index.json');
  await writeFile(`${file}.new`, JSON.stringify(fetched));
  await rename(`${file}.new`, file);
}

/** Left by runs that were killed. */
async function removeParts(folder: string): Promise<void> {
  const names = await readdir(path.join(folder, 'objects'), { recursive: true }).catch(() => []);
  for (const name of names) if (name.endsWith('.part')) await rm(path.join(folder, 'objects', name), { force: true });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { migrate } from './migrations.ts';
import { lockedError, openError } from './open-error.ts';
import { readRows } from './rows.ts';

export interface LedgerOptions {
  /** A file, made when it is absent, or `:memory:`. */
  readonly path: string;
  /** Where DuckDB spills and source files are staged; a folder of the ledger's own is made in it. */
  readonly temporaryDirectory: string;
  /** DuckDB's buffer pool; the process takes up to some hundred MiB more. */
  readonly memoryLimitMib?: number;
  readonly threads?: number;
}

/** The facts read from billing exports and metrics, in one DuckDB database that this process alone holds. */
export interface Ledger {
  readonly connection: DuckDBConnection;
  /** The only folder that SQL can read or write besides the database itself; emptied when the ledger opens and closes. */
  readonly stagingDirectory: string;
  close(): Promise<void>;
  /** SHA-256 in hex over the sorted digests of all sources read: names the data that a result was made from. */
  dataDigest(): Promise<string>;
}

const defaultMemoryLimitMib = 1024;

/**
 * DuckDB's lock guards against other processes only: two instances on one file in one process lose data without an
 * error, so that each file is opened once.
 */
const openPaths = new Set<string>();

/** Opens or makes a ledger. @throws ProblemError LEDGER_LOCKED or LEDGER_UNREADABLE. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const isFile = options.path !== ':memory:';
  const file = isFile ? await absolutePath(options.path) : options.path;
  if (openPaths.has(file)) throw lockedError(file, 'this process itself', undefined);
  if (isFile) openPaths.add(file);
  let instance: DuckDBInstance | undefined;
  try {
    const stagingDirectory = await stagingFolder(file, options.temporaryDirectory);
    instance = await DuckDBInstance.create(file, {
      threads: String(options.threads ?? 2),
      memory_limit: `${options.memoryLimitMib ?? defaultMemoryLimitMib}MiB`,
      temp_directory: stagingDirectory,
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    await rm(stagingDirectory, { recursive: true, force: true });
    await mkdir(stagingDirectory, { recursive: true, mode: 0o700 });
    const connection = await instance.connect();
    await lockDown(connection);
    await migrate(connection);
    return makeLedger({ instance, connection, file, stagingDirectory });
  } catch (error) {
    instance?.closeSync();
    openPaths.delete(file);
    throw openError(file, error);
  }
}

/** The temporary directory stays readable to SQL by DuckDB's own rule; everything else is closed for good. */
async function lockDown(connection: DuckDBConnection): Promise<void> {
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

function makeLedger(parts: {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly file: string;
  readonly stagingDirectory: string;
}): Ledger {
  const { instance, connection, file, stagingDirectory } = parts;
  return {
    connection,
    stagingDirectory,
    async close() {
      connection.closeSync();
      instance.closeSync();
      openPaths.delete(file);
      await rm(stagingDirectory, { recursive: true, force: true });
    },
    async dataDigest() {
      const rows = await readRows(
        connection,
        `SELECT kind || ' ' || digest || ' ' || variant AS source FROM source_file ORDER BY source`,
      );
      const hash = createHash('sha256');
      for (const row of rows) hash.update(`${row.text('source')}\n`);
      return hash.digest('hex');
    },
  };
}

async function absolutePath(file: string): Promise<string> {
  const directory = path.dirname(path.resolve(file));
  try {
    await mkdir(directory, { recursive: true });
    return path.join(await realpath(directory), path.basename(file));
  } catch (error) {
    throw openError(file, error);
  }
}

/** Named after the ledger's file, so that what a killed process left is cleared by the next one. */
async function stagingFolder(file: string, temporaryDirectory: string): Promise<string> {
  await mkdir(temporaryDirectory, { recursive: true });
  const base = await realpath(temporaryDirectory);
  if (file === ':memory:') return mkdtemp(path.join(base, 'flyball-ledger-'));
  return path.join(base, `flyball-ledger-${createHash('sha256').update(file).digest('hex').slice(0, 16)}`);
}

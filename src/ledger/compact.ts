import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ProblemError, type EpochMs, type Progress } from '../domain/index.ts';
import { migrate } from './migrations.ts';
import { openError } from './open-error.ts';
import { countOldRows, deleteOldRows, retentionCuts, type RetentionDays } from './retention.ts';
import { readRow, readRows } from './rows.ts';
import { inTransaction } from './transaction.ts';

export interface Compaction {
  /** Rows past retention, by table; deleted unless it was a dry run. */
  readonly deletedRows: ReadonlyMap<string, number>;
  /** Rows that stay, by table. */
  readonly keptRows: ReadonlyMap<string, number>;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Deletes what is past retention, and writes the file anew, as DuckDB gives no space back. The new file is made beside the
 * old one, compared with it table by table, synced and renamed over it while the old one is still locked: killed at any
 * point, one whole ledger is there. @throws ProblemError LEDGER_LOCKED or LEDGER_UNREADABLE.
 */
export async function compactLedger(options: {
  readonly path: string;
  readonly retention: RetentionDays;
  readonly asOf: EpochMs;
  readonly dryRun: boolean;
  readonly memoryLimitMib: number;
  readonly progress: Progress;
}): Promise<Compaction> {
  const file = path.resolve(options.path);
  const bytesBefore = (await stat(file).catch((error: unknown) => Promise.reject(openError(file, error)))).size;
  const made = `${file}.compacting`;
  // Left by a run that was killed.
  for (const name of [made, `${made}.wal`]) await rm(name, { force: true });
  const cuts = retentionCuts(options.retention, options.asOf);
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(file, {
      threads: '2',
      memory_limit: `${options.memoryLimitMib}MiB`,
      temp_directory: `${made}.tmp`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    await migrate(connection);
    const deletedRows = await countOldRows(connection, cuts);
    if (options.dryRun) {
      const keptRows = new Map(
        [...(await countRows(connection))].map(([table, rows]) => [table, rows - (deletedRows.get(table) ?? 0)]),
      );
      return { deletedRows, keptRows, bytesBefore, bytesAfter: bytesBefore };
    }
    options.progress.stage('deleting what is past retention');
    await inTransaction(connection, () => deleteOldRows(connection, cuts));
    options.progress.stage('writing the ledger anew');
    await connection.run('CHECKPOINT');
    const keptRows = await copyInto(connection, made);
    await sync(made);
    await rename(made, file);
    await sync(path.dirname(file));
    return { deletedRows, keptRows, bytesBefore, bytesAfter: (await stat(file)).size };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw openError(file, error);
  } finally {
    instance?.closeSync();
    for (const name of [made, `${made}.wal`, `${made}.tmp`]) await rm(name, { force: true, recursive: true });
  }
}

/** @throws Error when the copy does not have the rows of the original. */
async function copyInto(connection: DuckDBConnection, made: string): Promise<ReadonlyMap<string, number>> {
  const name = (await readRow(connection, 'SELECT current_database() AS name')).text('name');
  await connection.run(`ATTACH '${made.replaceAll("'", "''")}' AS compacted`);
  await connection.run(`COPY FROM DATABASE "${name.replaceAll('"', '""')}" TO compacted`);
  const [kept, copied] = [await countRows(connection), await countRows(connection, 'compacted.')];
  for (const [table, rows] of kept) {
    if (copied.get(table) !== rows)
      throw new Error(`the copy has ${copied.get(table) ?? 'no'} rows in ${table} instead of ${rows}`);
  }
  await connection.run('CHECKPOINT compacted');
  await connection.run('DETACH compacted');
  return kept;
}

/** Rows of every table. */
async function countRows(connection: DuckDBConnection, database = ''): Promise<ReadonlyMap<string, number>> {
  const tables = await readRows(
    connection,
    `SELECT DISTINCT table_name AS name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY name`,
  );
  const counts = new Map<string, number>();
  for (const row of tables) {
    const table = row.text('name');
    const { number } = await readRow(connection, `SELECT count(*) AS n FROM ${database}main."${table}"`).then(
      (found) => ({
        number: found.number('n'),
      }),
    );
    counts.set(table, number);
  }
  return counts;
}

/** Of a file its content, of a folder its names. */
async function sync(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

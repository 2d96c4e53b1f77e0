import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openError } from './open-error.ts';
import { readRow, readRows } from './rows.ts';

export const exportFormats = ['parquet', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Tables of facts, as other programs may read them. */
const tables = [
  'billing_row',
  'gpu_hour',
  'serving_hour',
  'workload_hour',
  'workload_day',
  'source_file',
  'source_path',
] as const;

/**
 * Writes every table of a ledger to a file of its own in a folder, streaming. The ledger is opened for reading only.
 * @throws ProblemError LEDGER_LOCKED or LEDGER_UNREADABLE
 */
export async function exportTables(options: {
  readonly path: string;
  readonly folder: string;
  readonly format: ExportFormat;
}): Promise<readonly { readonly file: string; readonly rows: number; readonly bytes: number }[]> {
  const file = path.resolve(options.path);
  await mkdir(options.folder, { recursive: true });
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY', threads: '2', memory_limit: '1024MiB' });
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    const written = [];
    // A ledger that an older version made and no scan has opened since lacks the newer ones.
    const present = new Set(
      (await readRows(connection, 'SELECT table_name AS name FROM information_schema.tables')).map((row) =>
        row.text('name'),
      ),
    );
    for (const table of tables.filter((name) => present.has(name))) {
      const target = path.join(path.resolve(options.folder), `${table}.${options.format}`);
      const how = options.format === 'parquet' ? 'FORMAT parquet, COMPRESSION zstd' : 'FORMAT csv, HEADER true';
      // COPY takes no bound values; a quote in a path is doubled, as in any SQL text.
      await connection.run(`COPY (SELECT * FROM ${table}) TO '${target.replaceAll("'", "''")}' (${how})`);
      const rows = (await readRow(connection, `SELECT count(*) AS rows FROM ${table}`)).number('rows');
      written.push({ file: target, rows, bytes: (await stat(target)).size });
    }
    connection.closeSync();
    return written;
  } catch (error) {
    throw openError(file, error);
  } finally {
    instance?.closeSync();
  }
}

import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Folders of this beginning are left only by runs that were killed. */
export const scratchPrefix = 'answer-';

/** Rows of texts that become a file: its bytes depend on the rows alone, not on the order in which they came. */
export interface AnswerFile {
  append(rows: readonly (readonly unknown[])[]): void;
  /** Makes the file, or removes an older one when there are no rows; returns how many there are. */
  finish(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Collects the rows of an answer into a Parquet file of text columns. They wait in a DuckDB file of their own, so that
 * memory is bounded; the file appears whole or not at all.
 */
export async function openAnswerFile(options: {
  readonly file: string;
  readonly columns: readonly string[];
  /** On the same file system as the file; a folder of its own is made in it. */
  readonly temporaryDirectory: string;
  readonly memoryLimitMib: number;
}): Promise<AnswerFile> {
  const { file, columns } = options;
  await mkdir(options.temporaryDirectory, { recursive: true });
  const scratch = await mkdtemp(path.join(options.temporaryDirectory, scratchPrefix));
  const instance = await DuckDBInstance.create(path.join(scratch, 'rows.duckdb'), {
    // One thread, and rows in order: the same rows make the same bytes.
    threads: '1',
    memory_limit: `${options.memoryLimitMib}MiB`,
    temp_directory: scratch,
  });
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE answer (${columns.map((name) => `${quoted(name)} VARCHAR`).join(', ')})`);
  const appender = await connection.createAppender('answer');
  let count = 0;
  return {
    append(rows) {
      for (const row of rows) {
        for (const index of columns.keys()) {
          const value = row[index];
          if (typeof value === 'string') appender.appendVarchar(value);
          else appender.appendNull();
        }
        appender.endRow();
      }
      count += rows.length;
    },
    async finish() {
      appender.closeSync();
      await mkdir(path.dirname(file), { recursive: true });
      if (count === 0) {
        await rm(file, { force: true });
        return 0;
      }
      const part = path.join(scratch, 'answer.parquet');
      await connection.run(
        `COPY (SELECT * FROM answer ORDER BY ALL) TO ${text(part)} (FORMAT parquet, COMPRESSION zstd)`,
      );
      await rename(part, file);
      return count;
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

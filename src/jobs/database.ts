import { PGlite } from '@electric-sql/pglite';
import { lockFolder } from './folder-lock.ts';
import { Pool, type QueryResultRow } from 'pg';

/** What can be asked of PostgreSQL; values are always parameters. */
export interface Rows {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** PostgreSQL, as a server or embedded in this process: both take the same SQL. */
export interface Database extends Rows {
  transaction<Result>(work: (rows: Rows) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/**
 * PostgreSQL in this process, kept in a folder; in memory without one.
 * @throws ProblemError QUEUE_LOCKED when another process has it open.
 */
export async function openEmbeddedDatabase(folder: string | undefined): Promise<Database> {
  const unlock = folder === undefined ? undefined : await lockFolder(folder);
  const lite = await PGlite.create(folder === undefined ? {} : { dataDir: folder });
  return {
    query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
      (await lite.query<Row>(sql, [...values])).rows,
    transaction: (work) =>
      lite.transaction((transaction) =>
        work({
          query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
            (await transaction.query<Row>(sql, [...values])).rows,
        }),
      ),
    close: async () => {
      await lite.close();
      await unlock?.();
    },
  };
}

/** A PostgreSQL server that replicas share. `onError` hears of connections that break while nobody uses them. */
export function openPostgres(connectionString: string, onError: (error: Error) => void): Database {
  const pool = new Pool({ connectionString, max: 5, connectionTimeoutMillis: 10_000 });
  pool.on('error', onError);
  return {
    query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
      (await pool.query<Row & QueryResultRow>(sql, [...values])).rows,
    transaction: async (work) => {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work({
          query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
            (await client.query<Row & QueryResultRow>(sql, [...values])).rows,
        });
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch((failure: unknown) => {
          broken = failure instanceof Error ? failure : new Error(String(failure));
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

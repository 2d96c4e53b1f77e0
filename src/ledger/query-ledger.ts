import { ProblemError } from '../domain/index.ts';
import type { ReadOnlyLedger } from './read-ledger.ts';

export type QueryValue = string | number | boolean | null;

/** The rows of a question, as they come; one chunk of 2048 rows is in memory at a time. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: () => AsyncGenerator<readonly QueryValue[]>;
}

/** Asks a ledger one question in DuckDB's SQL. @throws ProblemError LEDGER_QUERY_FAILED */
export async function queryLedger({ connection, path }: ReadOnlyLedger, sql: string): Promise<QueryResult> {
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw new Error(`it has ${statements.count} statements, and one is asked at a time`);
    const result = await connection.stream(sql);
    return { columns: result.columnNames(), rows: () => plainRows(result.yieldRowsJson()) };
  } catch (error) {
    throw queryError(path, sql, error);
  }

  async function* plainRows(chunks: AsyncIterable<readonly (readonly unknown[])[]>): AsyncGenerator<QueryValue[]> {
    try {
      for await (const rows of chunks) for (const row of rows) yield row.map(plainValue);
    } catch (error) {
      throw queryError(path, sql, error);
    }
  }
}

/** Exact decimals and large integers come as text, so that no digit is lost. */
function plainValue(value: unknown): QueryValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return JSON.stringify(value);
}

function queryError(path: string, sql: string, error: unknown): ProblemError {
  const text = error instanceof Error ? error.message : String(error);
  return new ProblemError(
    {
      code: 'LEDGER_QUERY_FAILED',
      severity: 'error',
      place: { kind: 'query', url: path, query: sql.slice(0, 500) },
      message: `The ledger does not answer this: ${text.split('\n')[0] ?? ''}`,
      remedy: 'Correct the SQL; "flyball ledger status" names the tables, and a ledger can be read, not changed.',
    },
    { cause: error },
  );
}

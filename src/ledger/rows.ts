import { DuckDBTimestampValue, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import type { EpochMs } from '../domain/index.ts';

/** Bound values of a statement, by the name behind its `$`. */
export type Bindings = Readonly<Record<string, DuckDBValue>>;

/** One row of a result, with its columns read by name and checked for type. */
export class Row {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(columns: readonly string[], values: readonly unknown[]) {
    this.#values = new Map(columns.map((column, index) => [column, values[index]]));
  }

  text(column: string): string {
    const value = this.#values.get(column);
    if (typeof value !== 'string') throw new TypeError(`column ${column} holds ${typeof value}, expected text`);
    return value;
  }

  optionalText(column: string): string | undefined {
    return this.#values.get(column) === null ? undefined : this.text(column);
  }

  /** Also for BIGINT counts, which stay below 2⁵³. */
  number(column: string): number {
    const value = this.#values.get(column);
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      throw new TypeError(`column ${column} holds ${typeof value}, expected a number`);
    }
    return Number(value);
  }

  optionalNumber(column: string): number | undefined {
    return this.#values.get(column) === null ? undefined : this.number(column);
  }

  bigint(column: string): bigint {
    const value = this.#values.get(column);
    if (typeof value !== 'bigint') throw new TypeError(`column ${column} holds ${typeof value}, expected an integer`);
    return value;
  }

  texts(column: string): readonly string[] {
    const value = this.#values.get(column);
    if (!Array.isArray(value)) throw new TypeError(`column ${column} holds ${typeof value}, expected a list`);
    return value.filter((item): item is string => typeof item === 'string');
  }
}

/** Streams a result row by row; one chunk of 2048 rows is in memory at a time. */
export async function* streamRows(
  connection: DuckDBConnection,
  sql: string,
  bindings: Bindings = {},
): AsyncGenerator<Row> {
  const result = await connection.stream(sql, { ...bindings });
  const columns = result.columnNames();
  for await (const rows of result.yieldRowsJs()) {
    for (const values of rows) yield new Row(columns, values);
  }
}

export async function readRows(
  connection: DuckDBConnection,
  sql: string,
  bindings: Bindings = {},
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const row of streamRows(connection, sql, bindings)) rows.push(row);
  return rows;
}

/** The only row of an aggregate. */
export async function readRow(connection: DuckDBConnection, sql: string, bindings: Bindings = {}): Promise<Row> {
  const [row] = await readRows(connection, sql, bindings);
  if (row === undefined) throw new Error('the statement gave no row');
  return row;
}

/** A time as DuckDB's TIMESTAMP. */
export function utcTimestamp(time: EpochMs): DuckDBTimestampValue {
  return new DuckDBTimestampValue(BigInt(time) * 1000n);
}

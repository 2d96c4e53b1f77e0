import type { HttpServer } from '../http/index.ts';

/** A Trino coordinator, and the tables in which the bill lies with FOCUS columns. */
export interface TrinoSource extends HttpServer {
  readonly user: string;
  /** `catalog.schema.table`, of letters, digits, `_` and `-`. */
  readonly tables: readonly string[];
  /** `day` adds up the charges of a UTC day, where they are hourly: fewer rows, and a node's cost is shared by day. */
  readonly granularity: 'hour' | 'day';
  /** For one query, with all of its answer. */
  readonly queryTimeoutMinutes: number;
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Problem } from '../../domain/index.ts';
import { readRow, readRows } from '../../ledger/index.ts';
import { lastBytes, listedProblemsMax } from '../source-files/index.ts';
import { moreRowsInvalid, rowInvalid } from './problems.ts';

export interface RejectedRow {
  /** Physical line in the unpacked file, from 1. */
  readonly line: number;
  readonly column: string | undefined;
  readonly errorType: string;
}

export interface RejectedRows {
  readonly rowCount: number;
  /** The first ones, by line. */
  readonly listed: readonly RejectedRow[];
  /** The last row is a rejected one that runs into the end of the file: the file was cut. */
  readonly endsInMidRow: boolean;
}

/** Reads what DuckDB put aside while it scanned the file; never the rows themselves, which hold account ids and tags. */
export async function readRejects(connection: DuckDBConnection, file: string): Promise<RejectedRows> {
  const total = await readRow(
    connection,
    `SELECT count(DISTINCT line) AS n, coalesce(max(line_byte_position), 0)::BIGINT AS last FROM billing_reject`,
  );
  if (total.number('n') === 0) return { rowCount: 0, listed: [], endsInMidRow: false };
  const rows = await readRows(
    connection,
    `SELECT line, min(line_byte_position)::BIGINT AS position, arg_min(column_name, rank) AS column_name,
       arg_min(CAST(error_type AS VARCHAR), rank) AS error_type
     FROM (SELECT *, column_idx + CASE error_type WHEN 'CAST' THEN 1000000 ELSE 0 END AS rank FROM billing_reject)
     GROUP BY line ORDER BY line LIMIT ${listedProblemsMax}`,
  );
  const lines = await physicalLines(
    file,
    rows.map((row) => row.number('position') - 1),
  );
  return {
    rowCount: total.number('n'),
    listed: rows.map((row, index) => ({
      line: lines[index] ?? row.number('line'),
      column: row.optionalText('column_name'),
      errorType: row.optionalText('error_type') ?? 'LINE SIZE OVER MAXIMUM',
    })),
    endsInMidRow: await runsIntoEnd(file, total.number('last') - 1),
  };
}

export function rejectProblems(path: string, rejects: RejectedRows): readonly Problem[] {
  const listed = rejects.listed.map((row) => rowInvalid(path, row));
  const more = rejects.rowCount - listed.length;
  return more === 0 ? listed : [...listed, moreRowsInvalid(path, more)];
}

/**
 * The physical line of each byte offset, ascending. DuckDB counts records, which differ from lines as soon as a tag
 * holds a line break; in files with CRLF its offset can point at the line feed before the row.
 */
async function physicalLines(file: string, offsets: readonly number[]): Promise<readonly number[]> {
  const lines: number[] = [];
  let line = 1;
  let position = 0;
  for await (const chunk of createReadStream(file)) {
    for (const byte of chunk as Buffer) {
      while (lines.length < offsets.length && position === offsets[lines.length]) {
        lines.push(byte === lineFeed ? line + 1 : line);
      }
      if (byte === lineFeed) line += 1;
      position += 1;
    }
    if (lines.length === offsets.length) break;
  }
  return lines;
}

const lineFeed = 0x0a;

/** DuckDB's own limit for one line, and more than any billing row has. */
const rowBytesMax = 2_000_000;

async function runsIntoEnd(file: string, offset: number): Promise<boolean> {
  const tail = await lastBytes(file, rowBytesMax);
  if (tail.at(-1) === lineFeed) return false;
  const { size } = await stat(file);
  const start = offset - (size - tail.length);
  if (start < 0) return false;
  const rest = tail
    .subarray(start)
    .toString('latin1')
    .replace(/^[\r\n]+/, '');
  return !rest.replaceAll(/"[^"]*("|$)/g, '').includes('\n');
}

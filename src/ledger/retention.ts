import type { DuckDBConnection } from '@duckdb/node-api';
import { dayMs, epochMs, type EpochMs } from '../domain/index.ts';
import { readRow, readRows, utcTimestamp } from './rows.ts';

/** What is kept for how long: samples and use by the hour, shares by the day, rows of the bill. */
const retainedData = ['hourly', 'daily', 'billing'] as const;
export type RetainedData = (typeof retainedData)[number];

/** Days that each kind is kept; undefined keeps it for good. */
export type RetentionDays = Readonly<Record<RetainedData, number | undefined>>;

/** Which rows are older than a cut. Bills are sent again by the month, so that whole months of them go. */
const tables: readonly { readonly what: RetainedData; readonly table: string; readonly time: string }[] = [
  { what: 'hourly', table: 'gpu_hour', time: 'hour' },
  { what: 'hourly', table: 'serving_hour', time: 'hour' },
  { what: 'hourly', table: 'workload_hour', time: 'hour' },
  { what: 'daily', table: 'attributed_share', time: 'charge_day' },
  { what: 'daily', table: 'attributed_day', time: 'day' },
  {
    what: 'billing',
    table: 'billing_source_row',
    time: `date_trunc('month', coalesce("BillingPeriodStart", "ChargePeriodStart"))`,
  },
];

/** Tables that one source fills. */
const sourceTables: ReadonlySet<string> = new Set(['gpu_hour', 'serving_hour', 'billing_source_row']);

/** Of each kind the time before which it was deleted; 1970 where nothing was. */
export async function readRetentionCuts(
  connection: DuckDBConnection,
): Promise<Readonly<Record<RetainedData, EpochMs>>> {
  const rows = await readRows(
    connection,
    'SELECT what, epoch_ms(max(before)) AS before_ms FROM retention_cut GROUP BY what',
  );
  const cut = (what: RetainedData): EpochMs =>
    epochMs(rows.find((row) => row.text('what') === what)?.number('before_ms') ?? 0);
  return { hourly: cut('hourly'), daily: cut('daily'), billing: cut('billing') };
}

/** The first day that each kind keeps, and the first month of the bill. */
export function retentionCuts(days: RetentionDays, asOf: EpochMs): Partial<Record<RetainedData, EpochMs>> {
  const cuts: Partial<Record<RetainedData, EpochMs>> = {};
  for (const what of retainedData) {
    const kept = days[what];
    if (kept === undefined) continue;
    const day = new Date(Math.floor((asOf - kept * dayMs) / dayMs) * dayMs);
    cuts[what] = epochMs(what === 'billing' ? Date.UTC(day.getUTCFullYear(), day.getUTCMonth()) : day.getTime());
  }
  return cuts;
}

/** How many rows of each table are older than the cuts. */
export async function countOldRows(
  connection: DuckDBConnection,
  cuts: Partial<Record<RetainedData, EpochMs>>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { what, table, time } of tables) {
    const before = cuts[what];
    if (before === undefined) continue;
    const row = await readRow(connection, `SELECT count(*) AS n FROM ${table} WHERE ${time} < $before`, {
      before: utcTimestamp(before),
    });
    counts.set(table, row.number('n'));
  }
  return counts;
}

/** Deletes what is older than the cuts, and remembers them; call it in a transaction. */
export async function deleteOldRows(
  connection: DuckDBConnection,
  cuts: Partial<Record<RetainedData, EpochMs>>,
): Promise<void> {
  for (const { what, table, time } of tables) {
    const before = cuts[what];
    if (before === undefined) continue;
    await connection.run(`DELETE FROM ${table} WHERE ${time} < $before`, { before: utcTimestamp(before) });
  }
  for (const [what, before] of Object.entries(cuts))
    await connection.run('INSERT INTO retention_cut VALUES ($what, $before)', { what, before: utcTimestamp(before) });
}

/** What a source brings of times that were deleted before stays deleted; call it in the source's transaction. */
export async function dropPastRetention(connection: DuckDBConnection, sourceId: number): Promise<void> {
  const cuts = await readRetentionCuts(connection);
  for (const { what, table, time } of tables) {
    if (!sourceTables.has(table) || cuts[what] === 0) continue;
    await connection.run(`DELETE FROM ${table} WHERE source_id = $sourceId AND ${time} < $before`, {
      sourceId,
      before: utcTimestamp(cuts[what]),
    });
  }
}

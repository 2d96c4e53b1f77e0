import type { DuckDBConnection } from '@duckdb/node-api';
import { readRow, readRows } from './rows.ts';

/** What a ledger holds, counted. Times are UTC. */
export interface LedgerStatus {
  readonly schemaVersion: number;
  readonly sources: readonly LedgerSource[];
  readonly billing: {
    readonly rows: number;
    /** RFC 3339; undefined in an empty ledger. */
    readonly from: string | undefined;
    readonly to: string | undefined;
    readonly currencies: readonly { readonly currency: string; readonly effectiveCost: string }[];
  };
  readonly gpuHours: { readonly rows: number; readonly from: string | undefined; readonly to: string | undefined };
  /** What scans attributed; undefined in a ledger of an older program that no scan has opened since. */
  readonly workloadHours:
    | { readonly rows: number; readonly from: string | undefined; readonly to: string | undefined }
    | undefined;
}

/** One file or query that was read. */
export interface LedgerSource {
  readonly kind: string;
  readonly path: string;
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly rows: number;
  readonly rejectedRows: number;
}

export async function ledgerStatus(connection: DuckDBConnection): Promise<LedgerStatus> {
  const period = (column: string): string =>
    `strftime(min(${column}), '%Y-%m-%dT%H:%M:%SZ') AS "from", strftime(max(${column}), '%Y-%m-%dT%H:%M:%SZ') AS "to"`;
  const billing = await readRow(
    connection,
    `SELECT count(*) AS rows, ${period('"ChargePeriodStart"')} FROM billing_row`,
  );
  const gpu = await readRow(connection, `SELECT count(*) AS rows, ${period('hour')} FROM gpu_hour`);
  const sources = await readRows(
    connection,
    `SELECT kind, path, digest, row_count, rejected_row_count
     FROM source_path JOIN source_file USING (source_id, kind) ORDER BY kind, path`,
  );
  const currencies = await readRows(
    connection,
    `SELECT coalesce("BillingCurrency", '?') AS currency, sum("EffectiveCost")::DECIMAL(38,2)::VARCHAR AS cost
     FROM billing_row GROUP BY 1 ORDER BY 1`,
  );
  const tables = await readRows(connection, 'SELECT table_name AS name FROM information_schema.tables');
  const hours = tables.some((row) => row.text('name') === 'workload_hour')
    ? await readRow(connection, `SELECT count(*) AS rows, ${period('hour')} FROM workload_hour`)
    : undefined;
  const version = await readRow(connection, 'SELECT max(version) AS version FROM schema_version');
  return {
    schemaVersion: version.number('version'),
    sources: sources.map((row) => ({
      kind: row.text('kind'),
      path: row.text('path'),
      digest: row.text('digest'),
      rows: row.number('row_count'),
      rejectedRows: row.number('rejected_row_count'),
    })),
    billing: {
      rows: billing.number('rows'),
      from: billing.optionalText('from'),
      to: billing.optionalText('to'),
      currencies: currencies.map((row) => ({ currency: row.text('currency'), effectiveCost: row.text('cost') })),
    },
    gpuHours: { rows: gpu.number('rows'), from: gpu.optionalText('from'), to: gpu.optionalText('to') },
    workloadHours:
      hours === undefined
        ? undefined
        : { rows: hours.number('rows'), from: hours.optionalText('from'), to: hours.optionalText('to') },
  };
}

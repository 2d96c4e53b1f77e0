import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ingestBilling, type BillingSource, type IngestResult } from '../../../src/ingest/billing/index.ts';
import { readRows, type Ledger } from '../../../src/ledger/index.ts';

export type ExportRow = Readonly<Record<string, string>>;

/** CSV by RFC 4180 with the columns of all rows. */
export function csvOf(rows: readonly ExportRow[]): string {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = rows.map((row) => header.map((name) => field(row[name] ?? '')).join(','));
  return `${[header.map(field).join(','), ...lines].join('\n')}\n`;
}

/** Runs one statement outside the ledger: what the tests compare with, and how they write Parquet. */
export async function independently(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Writes a file with content into a folder and gives its path. */
export async function writeExport(folder: string, name: string, content: string | Buffer): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

export async function ingest(
  ledger: Ledger,
  paths: readonly string[],
  format: BillingSource['format'] = 'auto',
): Promise<IngestResult> {
  return ingestBilling(ledger, { sources: paths.map((source) => ({ path: source, format })) });
}

/** Rows of a statement over the ledger, every value as JSON has it, decimals and times as text. */
export async function ledgerRows(ledger: Ledger, sql: string): Promise<readonly (readonly unknown[])[]> {
  const reader = await ledger.connection.runAndReadAll(sql);
  return reader.getRowsJson();
}

/** The ledger's sums of billed, effective and list cost, as decimal text. */
export async function costSums(ledger: Ledger, where = 'true'): Promise<readonly string[]> {
  const rows = await readRows(
    ledger.connection,
    `SELECT CAST(coalesce(sum("BilledCost"), 0) AS VARCHAR) AS billed,
       CAST(coalesce(sum("EffectiveCost"), 0) AS VARCHAR) AS effective, CAST(coalesce(sum("ListCost"), 0) AS VARCHAR) AS list
     FROM billing_row WHERE ${where}`,
  );
  return rows.flatMap((row) => [row.text('billed'), row.text('effective'), row.text('list')]).map(trimmed);
}

/** Decimal text without trailing zeros. */
export function trimmed(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

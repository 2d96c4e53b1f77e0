import path from 'node:path';
import {
  compactLedger,
  exportTables,
  ledgerStatus,
  openLedgerForReading,
  queryLedger,
  type ExportFormat,
  type LedgerStatus,
  type QueryValue,
} from './ledger/index.ts';
import { visibleText } from './pullrequest/index.ts';
import { plainTable } from './report/index.ts';
import type { EpochMs } from './domain/index.ts';
import { readOperatorConfig } from './operator-config.ts';
import { exitCodes, scanTime, type ExitCode, type Terminal } from './terminal.ts';
import { terminalProgress } from './terminal-progress.ts';

interface LedgerOptions {
  readonly ledger: string;
}

/** `flyball ledger status`: what was read, over which period, in which currencies. */
export async function ledgerStatusCommand(
  options: LedgerOptions & { readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const ledger = await openLedgerForReading({ path: path.resolve(terminal.cwd, options.ledger) });
  try {
    const status = await ledgerStatus(ledger.connection);
    terminal.stdout.write(options.json ? `${JSON.stringify(status, null, 2)}\n` : statusText(ledger.path, status));
  } finally {
    ledger.close();
  }
  return exitCodes.done;
}

function statusText(file: string, { schemaVersion, sources, billing, gpuHours, workloadHours }: LedgerStatus): string {
  const period = ({ from, to }: { readonly from: string | undefined; readonly to: string | undefined }): string =>
    from === undefined || to === undefined ? 'empty' : `${from} to ${to}`;
  const costs = billing.currencies.map(({ currency, effectiveCost }) => `${effectiveCost} ${currency}`).join(', ');
  const rows = sources.map(({ kind, path: source, rows: count, rejectedRows, digest }) => [
    kind,
    visibleText(source),
    String(count),
    String(rejectedRows),
    digest.slice(0, 12),
  ]);
  return [
    `ledger        ${visibleText(file)}, schema version ${schemaVersion}`,
    `billing_row   ${billing.rows} rows, ${period(billing)}${costs === '' ? '' : `, effective cost ${visibleText(costs)}`}`,
    `gpu_hour      ${gpuHours.rows} rows, ${period(gpuHours)}`,
    ...(workloadHours === undefined ? [] : [`workload_hour ${workloadHours.rows} rows, ${period(workloadHours)}`]),
    '',
    plainTable(['Kind', 'Source', 'Rows', 'Left out', 'SHA-256'], rows),
    '',
  ].join('\n');
}

/** `flyball ledger query SQL`: one question, read-only, streamed. */
export async function ledgerQueryCommand(
  sql: string,
  options: LedgerOptions & { readonly format: 'csv' | 'json' },
  terminal: Terminal,
): Promise<ExitCode> {
  const ledger = await openLedgerForReading({ path: path.resolve(terminal.cwd, options.ledger) });
  try {
    const { columns, rows } = await queryLedger(ledger, sql);
    if (options.format === 'csv') terminal.stdout.write(`${columns.map(csvCell).join(',')}\n`);
    for await (const row of rows()) {
      const line =
        options.format === 'csv'
          ? row.map(csvCell).join(',')
          : JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
      terminal.stdout.write(`${line}\n`);
    }
  } finally {
    ledger.close();
  }
  return exitCodes.done;
}

/** RFC 4180. */
function csvCell(value: QueryValue): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `flyball ledger export`: every table as a file that other programs read. */
export async function ledgerExportCommand(
  options: LedgerOptions & { readonly out: string; readonly format: ExportFormat },
  terminal: Terminal,
): Promise<ExitCode> {
  const written = await exportTables({
    path: path.resolve(terminal.cwd, options.ledger),
    folder: path.resolve(terminal.cwd, options.out),
    format: options.format,
  });
  for (const { file, rows, bytes } of written) terminal.stdout.write(`${file}: ${rows} rows, ${bytes} bytes\n`);
  return exitCodes.done;
}

/** `flyball ledger compact`: deletes what is past retention, and gives the space back. */
export async function ledgerCompactCommand(
  options: {
    readonly ledger?: string;
    readonly config?: string;
    readonly asOf?: EpochMs;
    readonly dryRun: boolean;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config } = await readOperatorConfig(options.config, terminal.cwd);
  const { hourlyDays, dailyDays, billingDays } = config.ledger.retention;
  const progress = terminalProgress(terminal.stderr);
  const { deletedRows, keptRows, bytesBefore, bytesAfter } = await compactLedger({
    path: options.ledger === undefined ? config.ledger.path : path.resolve(terminal.cwd, options.ledger),
    retention: { hourly: hourlyDays, daily: dailyDays, billing: billingDays },
    asOf: scanTime(options.asOf, terminal),
    dryRun: options.dryRun,
    memoryLimitMib: config.ledger.memoryLimitMib,
    progress,
  }).finally(() => progress.finish());
  const rows = [...keptRows].map(([table, kept]) => [table, String(deletedRows.get(table) ?? 0), String(kept)]);
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const size = options.dryRun
    ? `${mebibytes(bytesBefore)}; nothing was changed (--dry-run)`
    : `${mebibytes(bytesBefore)} before, ${mebibytes(bytesAfter)} after`;
  terminal.stdout.write(`${plainTable(['Table', 'Deleted', 'Kept'], rows)}\n${size}\n`);
  return exitCodes.done;
}

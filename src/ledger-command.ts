import path from 'node:path';
import {
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
import { exitCodes, type ExitCode, type Terminal } from './terminal.ts';

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

function statusText(file: string, { schemaVersion, sources, billing, gpuHours }: LedgerStatus): string {
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

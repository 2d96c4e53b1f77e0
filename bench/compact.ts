/**
 * Seconds and peak memory of `flyball ledger compact` on a ledger of many charges, half of which are past retention. The floor is
 * DuckDB copying the same file into a new one, all rows kept. Each run is a process of its own. `npx tsx bench/compact.ts 1000000`
 */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { epochMs, silentProgress } from '../src/domain/index.ts';
import { ingestBilling } from '../src/ingest/billing/index.ts';
import { compactLedger, openLedger } from '../src/ledger/index.ts';

const [task = '1000000', ...rest] = process.argv.slice(2);
const asOf = epochMs(Date.UTC(2026, 10, 24));
const memoryLimitMib = 640;

async function run(sql: readonly string[], file = ':memory:'): Promise<void> {
  const instance = await DuckDBInstance.create(file, { threads: '2', memory_limit: `${memoryLimitMib}MiB` });
  const connection = await instance.connect();
  try {
    for (const statement of sql) await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Charges of FOCUS, half of January and half of October 2026. */
async function fill(folder: string, rows: number): Promise<string> {
  for (const [month, next] of [
    ['2026-01', '2026-02'],
    ['2026-10', '2026-11'],
  ]) {
    await run([
      `COPY (SELECT CAST(hash(i) % 99991 / 10000 AS DECIMAL(25,10)) AS BilledCost, '1' AS BillingAccountId, 'a' AS BillingAccountName, NULL AS ChargeClass, 1 AS ContractedCost, 'AWS' AS InvoiceIssuerName,
        1.5 AS PricingQuantity, 'Hours' AS PricingUnit, 'AWS' AS PublisherName, 'USD' AS BillingCurrency,
        '${next}-01T00:00:00Z' AS BillingPeriodEnd, '${month}-01T00:00:00Z' AS BillingPeriodStart, 'Usage' AS ChargeCategory,
        'use ' || (hash(i) % 50000) AS ChargeDescription,
        strftime(TIMESTAMP '${month}-01 01:00:00' + to_hours(CAST(hash(i + 1) % 743 AS INTEGER)), '%Y-%m-%dT%H:%M:%SZ') AS ChargePeriodEnd,
        strftime(TIMESTAMP '${month}-01' + to_hours(CAST(hash(i + 1) % 743 AS INTEGER)), '%Y-%m-%dT%H:%M:%SZ') AS ChargePeriodStart,
        CAST(hash(i) % 99991 / 12500 AS DECIMAL(25,10)) AS EffectiveCost, CAST(hash(i) % 99991 / 9000 AS DECIMAL(25,10)) AS ListCost,
        'AWS' AS ProviderName, 'Compute' AS ServiceCategory, 'Amazon Elastic Compute Cloud' AS ServiceName,
        'i-' || printf('%016x', hash(i) % 25000) AS ResourceId, 'us-west-2' AS RegionId,
        CASE WHEN i % 2 = 0 THEN '{"team":"t' || (hash(i) % 40) || '"}' END AS Tags
        FROM range(${Math.floor(rows / 2)}) AS r(i)) TO '${path.join(folder, `${month}.parquet`)}' (FORMAT parquet, COMPRESSION zstd)`,
    ]);
  }
  const file = path.join(folder, 'ledger.duckdb');
  const ledger = await openLedger({ path: file, temporaryDirectory: path.join(folder, 'tmp'), memoryLimitMib });
  const sources = ['2026-01', '2026-10'].map((month) => ({
    path: path.join(folder, `${month}.parquet`),
    format: 'auto' as const,
  }));
  const { problems } = await ingestBilling(ledger, { sources });
  await ledger.close();
  if (problems.length > 0) throw new Error(JSON.stringify(problems[0]));
  return file;
}

async function measure(kind: string, file: string): Promise<void> {
  const from = performance.now();
  const cpuFrom = process.cpuUsage();
  let rows = '';
  if (kind === 'floor') {
    await run([
      `ATTACH '${file}' AS ledger (READ_ONLY)`,
      `ATTACH '${file}.copy' AS made`,
      'COPY FROM DATABASE ledger TO made',
    ]);
  } else {
    const billing = kind === 'keep-all' ? undefined : 90;
    const { deletedRows, keptRows } = await compactLedger({
      path: file,
      retention: { hourly: undefined, daily: undefined, billing },
      asOf,
      dryRun: kind === 'dry-run',
      memoryLimitMib,
      progress: silentProgress,
    });
    rows = `${deletedRows.get('billing_source_row') ?? 0} / ${keptRows.get('billing_source_row') ?? 0}`;
  }
  const seconds = (performance.now() - from) / 1000;
  const cpu = process.cpuUsage(cpuFrom);
  const bytes = (await stat(kind === 'floor' ? `${file}.copy` : file)).size;
  const cells = [
    kind,
    seconds.toFixed(1),
    ((cpu.user + cpu.system) / 1e6).toFixed(1),
    Math.round(process.resourceUsage().maxRSS / 1024),
    Math.round(bytes / 2 ** 20),
    rows,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function compareAll(rows: number): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-bench-compact-'));
  try {
    const file = await fill(folder, rows);
    console.log(
      `load ${os.loadavg()[0]?.toFixed(1) ?? ''}; ${rows.toLocaleString('en')} rows, ${Math.round((await stat(file)).size / 2 ** 20)} MiB`,
    );
    console.log('| run | s | CPU s | peak MiB | MiB after | rows deleted / kept |\n|---|---|---|---|---|---|');
    for (const kind of ['floor', 'dry-run', 'keep-all', 'compact']) {
      const copy = path.join(folder, `${kind}.duckdb`);
      await copyFile(file, copy);
      const child = spawnSync(process.execPath, ['--import', 'tsx', process.argv[1] ?? '', 'measure', kind, copy], {
        encoding: 'utf8',
      });
      if (child.status !== 0) throw new Error(child.stderr);
      process.stdout.write(child.stdout);
      await rm(copy);
      await rm(`${copy}.copy`, { force: true });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (task === 'measure') await measure(rest[0] ?? '', rest[1] ?? '');
else await compareAll(Number(task));

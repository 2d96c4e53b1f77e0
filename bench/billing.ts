/**
 * Rows per second and peak memory of reading billing exports into the ledger. Compared with DuckDB reading every column of
 * the same file and summing one, and with DuckDB copying the file into a table. Each run is a process of its own, for its
 * peak memory. `npx tsx bench/billing.ts 1000000 aws-cur parquet`, or all formats at some sizes: `npx tsx bench/billing.ts all 1000000`
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { ingestBilling } from '../src/ingest/billing/index.ts';
import { openLedger, readRow } from '../src/ledger/index.ts';

const [task = 'all', ...rest] = process.argv.slice(2);

/** Rows of many columns and values, half of them tagged; made by DuckDB, the same on every run. */
const made: Readonly<Record<string, string>> = {
  focus: `SELECT CAST(hash(i) % 99991 / 10000 AS DECIMAL(25,10)) AS BilledCost, '1' AS BillingAccountId, 'a' AS BillingAccountName, 'USD' AS BillingCurrency,
    '2026-11-01T00:00:00Z' AS BillingPeriodEnd, '2026-10-01T00:00:00Z' AS BillingPeriodStart, 'Usage' AS ChargeCategory, NULL AS ChargeClass,
    'use ' || (hash(i) % 50000) AS ChargeDescription, strftime(TIMESTAMP '2026-10-01 01:00:00' + to_hours(CAST(hash(i + 1) % 744 AS INTEGER)), '%Y-%m-%dT%H:%M:%SZ') AS ChargePeriodEnd,
    strftime(TIMESTAMP '2026-10-01' + to_hours(CAST(hash(i + 1) % 744 AS INTEGER)), '%Y-%m-%dT%H:%M:%SZ') AS ChargePeriodStart, CAST(hash(i) % 99991 / 10000 AS DECIMAL(25,10)) AS ContractedCost,
    CAST(hash(i) % 99991 / 12500 AS DECIMAL(25,10)) AS EffectiveCost, 'AWS' AS InvoiceIssuerName, CAST(hash(i) % 99991 / 9000 AS DECIMAL(25,10)) AS ListCost,
    1.5 AS PricingQuantity, 'Hours' AS PricingUnit, 'AWS' AS ProviderName, 'AWS' AS PublisherName, 'Compute' AS ServiceCategory,
    'Amazon Elastic Compute Cloud' AS ServiceName, 'i-' || printf('%016x', hash(i) % 25000) AS ResourceId, 'us-west-2' AS RegionId,
    CASE WHEN i % 2 = 0 THEN '{"team":"t' || (hash(i) % 40) || '","k8s-namespace":"n' || (hash(i) % 200) || '"}' END AS Tags`,
  'aws-cur': `SELECT '1' AS bill_payer_account_id, '2026-10-01T00:00:00Z' AS bill_billing_period_start_date, '2' AS line_item_usage_account_id,
    CASE i % 10 WHEN 0 THEN 'SavingsPlanCoveredUsage' WHEN 1 THEN 'SavingsPlanNegation' WHEN 2 THEN 'DiscountedUsage' ELSE 'Usage' END AS line_item_line_item_type,
    strftime(TIMESTAMP '2026-10-01' + to_hours(CAST(hash(i + 1) % 744 AS INTEGER)), '%Y-%m-%dT%H:%M:%SZ') AS line_item_usage_start_date,
    strftime(TIMESTAMP '2026-10-01 01:00:00' + to_hours(CAST(hash(i + 1) % 744 AS INTEGER)), '%Y-%m-%dT%H:%M:%SZ') AS line_item_usage_end_date,
    'AmazonEC2' AS line_item_product_code, 'USW2-BoxUsage:g5.xlarge' AS line_item_usage_type, 'i-' || printf('%016x', hash(i) % 25000) AS line_item_resource_id,
    1.5 AS line_item_usage_amount, 'USD' AS line_item_currency_code,
    CASE WHEN i % 10 = 4 THEN 0 ELSE CAST(hash(i) % 99991 / 10000 AS DECIMAL(25,10)) END AS line_item_unblended_cost,
    CAST(hash(i) % 99991 / 9000 AS DECIMAL(25,10)) AS pricing_public_on_demand_cost, 'Hrs' AS pricing_unit, 'us-west-2' AS product_region_code,
    CAST(hash(i) % 99991 / 12500 AS DECIMAL(25,10)) AS reservation_effective_cost, CAST(hash(i) % 99991 / 12500 AS DECIMAL(25,10)) AS savings_plan_savings_plan_effective_cost,
    CASE WHEN i % 10 = 4 THEN 'i-' || printf('%016x', hash(i) % 25000) END AS split_line_item_parent_resource_id,
    CASE WHEN i % 10 = 4 THEN CAST(hash(i) % 9973 / 10000 AS DECIMAL(25,10)) END AS split_line_item_split_cost,
    CASE WHEN i % 10 = 4 THEN CAST(hash(i) % 997 / 10000 AS DECIMAL(25,10)) END AS split_line_item_unused_cost,
    '{"user_team":"t' || (hash(i) % 40) || '","aws_eks_namespace":"n' || (hash(i) % 200) || '"}' AS resource_tags`,
};

/** The cost column that the floor sums. */
const costColumn: Readonly<Record<string, string>> = { focus: 'BilledCost', 'aws-cur': 'line_item_unblended_cost' };

async function withDuckDb<Result>(work: (run: (sql: string) => Promise<string>) => Promise<Result>): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GiB' });
  const connection = await instance.connect();
  try {
    return await work(async (sql) => {
      const value = (await connection.runAndReadAll(sql)).getRowsJson()[0]?.[0];
      return typeof value === 'string' ? value : JSON.stringify(value ?? '');
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function make(folder: string, format: string, packing: string, rows: number): Promise<string> {
  const options = packing === 'parquet' ? 'FORMAT parquet, COMPRESSION zstd' : 'FORMAT csv, HEADER';
  const file = path.join(folder, packing === 'parquet' ? 'bill.parquet' : 'bill.csv');
  await withDuckDb((run) => run(`COPY (${made[format] ?? ''} FROM range(${rows}) AS r(i)) TO '${file}' (${options})`));
  if (packing === 'parquet') return file;
  await pipeline(createReadStream(file), createGzip({ level: 1 }), createWriteStream(`${file}.gz`));
  await rm(file);
  return `${file}.gz`;
}

/** Reads the file in this process and prints seconds, peak MiB and the sum that was found. */
async function measure(kind: string, format: string, file: string): Promise<void> {
  const from = performance.now();
  const cpuFrom = process.cpuUsage();
  let sum = '';
  if (kind === 'land') {
    const folder = await mkdtemp(path.join(path.dirname(file), 'land-'));
    const relation = file.endsWith('.parquet') ? `read_parquet('${file}')` : `read_csv('${file}', all_varchar = true)`;
    sum = await withDuckDb(async (run) => {
      await run(`ATTACH '${path.join(folder, 'land.duckdb')}' AS land`);
      await run(`CREATE TABLE land.bill AS SELECT * FROM ${relation}`);
      return run(`SELECT sum(CAST("${costColumn[format] ?? ''}" AS DECIMAL(25,10))) FROM land.bill`);
    });
    await rm(folder, { recursive: true });
  } else if (kind === 'floor') {
    const relation = file.endsWith('.parquet') ? `read_parquet('${file}')` : `read_csv('${file}', all_varchar = true)`;
    sum = await withDuckDb((run) =>
      run(
        `SELECT sum(CAST("${costColumn[format] ?? ''}" AS DECIMAL(25,10))), bit_xor(hash(*COLUMNS(*))) FROM ${relation}`,
      ),
    );
  } else {
    const folder = await mkdtemp(path.join(path.dirname(file), 'ledger-'));
    const ledger = await openLedger({
      path: path.join(folder, 'ledger.duckdb'),
      temporaryDirectory: folder,
      memoryLimitMib: 640,
    });
    const result = await ingestBilling(ledger, { sources: [{ path: file, format: 'auto' }] });
    if (result.problems.length > 0) throw new Error(JSON.stringify(result.problems[0]));
    const row = await readRow(ledger.connection, 'SELECT CAST(sum("BilledCost") AS VARCHAR) AS total FROM billing_row');
    sum = row.text('total');
    await ledger.close();
    await rm(folder, { recursive: true });
  }
  const seconds = (performance.now() - from) / 1000;
  const cpu = process.cpuUsage(cpuFrom);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  console.log(JSON.stringify({ seconds, cpuSeconds, peakMib: process.resourceUsage().maxRSS / 1024, sum }));
}

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
  readonly sum: string;
}

function inProcess(...args: readonly string[]): Measured {
  const script = process.argv[1] ?? '';
  const child = spawnSync(process.execPath, ['--import', 'tsx', script, 'measure', ...args], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as Measured;
}

async function compare(rows: number, format: string, packing: string): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-bench-'));
  try {
    const file = await make(folder, format, packing, rows);
    const sizeMib = Math.round((await stat(file)).size / 2 ** 20);
    const floor = inProcess('floor', format, file);
    const land = inProcess('land', format, file);
    const ours = inProcess('read', format, file);
    if (ours.sum !== floor.sum) throw new Error(`the sums differ: ${ours.sum} and ${floor.sum}`);
    const cells = [
      format,
      packing,
      rows.toLocaleString('en'),
      sizeMib,
      ours.seconds.toFixed(1),
      Math.round(rows / ours.seconds).toLocaleString('en'),
      ours.cpuSeconds.toFixed(1),
      floor.cpuSeconds.toFixed(1),
      (ours.cpuSeconds / floor.cpuSeconds).toFixed(1),
      land.cpuSeconds.toFixed(1),
      (ours.cpuSeconds / land.cpuSeconds).toFixed(1),
      Math.round(ours.peakMib),
      Math.round(floor.peakMib),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (task === 'measure') await measure(rest[0] ?? '', rest[1] ?? '', rest[2] ?? '');
else if (task === 'all') {
  console.log(`load ${os.loadavg()[0]?.toFixed(1) ?? ''}`);
  for (const rows of rest.map(Number)) {
    for (const format of ['focus', 'aws-cur']) {
      for (const packing of ['parquet', 'csv.gz']) await compare(rows, format, packing);
    }
  }
} else {
  const [format = 'focus', packing = 'parquet'] = rest;
  await compare(Number(task), format, packing);
}

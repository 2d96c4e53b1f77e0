import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aFleet, asOf, examples, flyball, scratchFolder } from '../scan/fleet.ts';
import { findTrino, startTrino, type TrinoServer } from './trino-server/start-trino.ts';

interface Scan {
  readonly proposals: readonly {
    readonly workload: unknown;
    readonly changes: unknown;
    readonly saving: unknown;
    readonly diff: string;
  }[];
  readonly coverage: { readonly cost: { readonly total: unknown } };
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

async function scanOf(folder: string, fleet: string, bill: string): Promise<{ exitCode: number; scan: Scan }> {
  const config = path.join(folder, 'flyball.yml');
  writeFileSync(config, `${bill}\nmetrics: [{ path: ${path.join(examples, 'metrics')} }]\n`);
  const out = path.join(folder, 'out');
  const options = ['--repo', fleet, '--config', config, '--out', out, '--as-of', asOf, '--json', '--dry-run'];
  const { exitCode, stdout, stderr } = await flyball(folder, 'scan', ...options);
  if (stdout === '') throw new Error(stderr);
  return { exitCode, scan: JSON.parse(stdout) as Scan };
}

function decided({ proposals }: Scan): unknown {
  return proposals.map(({ workload, changes, saving, diff }) => ({ workload, changes, saving, diff }));
}

/** How Trino's Hive tables type what DuckDB reads from the files. */
const types: Readonly<Record<string, string>> = {
  'TIMESTAMP WITH TIME ZONE': 'timestamp(3)',
  'MAP(VARCHAR, VARCHAR)': 'map(varchar, varchar)',
};

/** The example's bills as Parquet files in the lake: AWS as it is, Google Cloud's with floating-point costs and tags as a map. */
async function fillLake(lake: string, trino: TrinoServer): Promise<readonly string[]> {
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET TimeZone = 'UTC'");
  await trino.query("CREATE SCHEMA lake.bill WITH (location = 'local:///bill')");
  const folders: string[] = [];
  for (const name of ['aws', 'gcp']) {
    const [given, made] = [path.join(examples, 'billing', name), path.join(lake, 'bill', name)];
    mkdirSync(made, { recursive: true });
    for (const file of readdirSync(given)) {
      const from = `'${path.join(given, file)}'`;
      const to = path.join(made, file.replace(/\.csv\.gz$/, '.parquet'));
      const asMap = 'CAST(CAST(Tags AS JSON) AS MAP(VARCHAR, VARCHAR)) AS Tags';
      if (name === 'aws') copyFileSync(path.join(given, file), to);
      else await duckdb.run(`COPY (SELECT * REPLACE (${asMap}) FROM read_csv(${from})) TO '${to}' (FORMAT parquet)`);
    }
    const described = await duckdb.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${made}/*.parquet')`);
    const columns = described.getRowObjects().map((row) => {
      const type = String(row['column_type']);
      return `"${String(row['column_name'])}" ${types[type] ?? type.toLowerCase()}`;
    });
    await trino.query(
      `CREATE TABLE lake.bill.${name} (${columns.join(', ')})
       WITH (format = 'PARQUET', external_location = 'local:///bill/${name}')`,
    );
    folders.push(made);
  }
  duckdb.closeSync();
  return folders;
}

const installation = findTrino();
if (installation === undefined)
  console.warn('SKIPPED: Trino, or a Java that runs it, is not installed; scans that ask it are not checked');

describe.skipIf(installation === undefined)('a scan that asks Trino', () => {
  let trino: TrinoServer;
  let lake: string;
  let folders: readonly string[];

  beforeAll(async () => {
    if (installation === undefined) return;
    lake = mkdtempSync(path.join(tmpdir(), 'flyball-trino-'));
    trino = await startTrino(installation, lake);
    folders = await fillLake(path.join(lake, 'lake'), trino);
  }, 180_000);

  afterAll(async () => {
    await trino?.stop();
    rmSync(lake, { recursive: true, force: true });
  });

  const asked = (more = ''): string => `trino: { url: "${trino.url}", tables: [lake.bill.aws, lake.bill.gcp]${more} }`;

  test('says what a scan of the same Parquet files says, to the cent', async () => {
    const [files, server] = [scratchFolder(), scratchFolder()];
    const fleet = aFleet(files);
    const paths = folders.map((folder) => `{ path: ${folder} }`);

    const fromFiles = await scanOf(files, fleet, `billing: [${paths.join(', ')}]`);
    const fromTrino = await scanOf(server, fleet, asked());
    const byDay = await scanOf(scratchFolder(), fleet, asked(', granularity: day'));

    expect(fromFiles.scan.proposals.length).toBeGreaterThan(1);
    expect(decided(fromTrino.scan)).toEqual(decided(fromFiles.scan));
    expect(fromTrino.scan.coverage).toEqual(fromFiles.scan.coverage);
    expect(fromTrino.exitCode).toBe(fromFiles.exitCode);
    expect(byDay.scan.coverage.cost.total).toEqual(fromFiles.scan.coverage.cost.total);
  }, 240_000);

  test('reads a month again only when its charges changed, and keeps what it has when Trino is gone', async () => {
    const folder = scratchFolder();
    const fleet = aFleet(folder);
    const first = await scanOf(folder, fleet, asked());
    const digest = async (): Promise<string> => (await flyball(folder, 'ledger', 'status', '--json')).stdout;
    const before = await digest();
    const again = await scanOf(folder, fleet, asked());

    expect(decided(again.scan)).toEqual(decided(first.scan));
    expect(await digest()).toBe(before);

    const gone = await scanOf(
      folder,
      fleet,
      'trino: { url: "http://127.0.0.1:1", tables: [lake.bill.aws, lake.bill.gcp] }',
    );
    expect(gone.exitCode).toBe(3);
    expect(gone.scan.problems.map(({ code }) => code)).toContain('SOURCE_UNREACHABLE');
    expect(decided(gone.scan)).toEqual(decided(first.scan));
  }, 240_000);

  test('tells of a table that is not there and of one that is no bill, and reads the others', async () => {
    mkdirSync(path.join(lake, 'lake/bill/pets'));
    await trino.query("CREATE TABLE lake.bill.pets (name varchar) WITH (external_location = 'local:///bill/pets')");
    const folder = scratchFolder();
    const tables = '[lake.bill.missing, lake.bill.pets, lake.bill.gcp]';
    const { exitCode, scan } = await scanOf(
      folder,
      aFleet(folder),
      `trino: { url: "${trino.url}", tables: ${tables} }`,
    );

    const told = scan.problems.filter(({ code }) => code === 'BILLING_QUERY_FAILED').map(({ message }) => message);
    expect(exitCode).toBe(1);
    expect(told).toEqual([
      expect.stringContaining('TABLE_NOT_FOUND'),
      expect.stringContaining('lake.bill.pets is not a FOCUS table: it lacks BilledCost'),
    ]);
  }, 240_000);

  test('doctor says which tables it sees', async () => {
    const folder = scratchFolder();
    writeFileSync(path.join(folder, 'flyball.yml'), asked());
    const { stdout } = await flyball(folder, 'doctor');

    expect(stdout).toMatch(/trino\s+http\S+ answers: lake\.bill\.aws with \d+ FOCUS columns, lake\.bill\.gcp with/);
  }, 60_000);
});

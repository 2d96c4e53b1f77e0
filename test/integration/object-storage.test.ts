import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { silentProgress, type Problem } from '../../src/domain/index.ts';
import { fetchObjects, type ObjectStorageSettings } from '../../src/ingest/object-storage/index.ts';
import { ingestBilling } from '../../src/ingest/billing/index.ts';
import { openLedger, readRows, type Ledger } from '../../src/ledger/index.ts';
import { aFleet, asOf, examples, flyball } from '../scan/fleet.ts';
import { findObjectStorage, startMoto, type S3Server } from './s3-server/start-moto.ts';

const billing = path.join(examples, 'billing');
const exported = ['aws', 'gcp'].flatMap((folder) =>
  readdirSync(path.join(billing, folder)).map((name) => `${folder}/${name}`),
);
const keys = { AWS_ACCESS_KEY_ID: 'AKIAFLYBALL', AWS_SECRET_ACCESS_KEY: 'hush' };

const installed = findObjectStorage();
if (installed === undefined)
  console.warn(
    'SKIPPED: moto or DuckDB’s httpfs extension is not installed; exports in object storage are not checked',
  );

describe.skipIf(installed === undefined)('exports in S3', () => {
  let s3: S3Server;
  let folder: string;
  let settings: ObjectStorageSettings;

  beforeAll(async () => {
    s3 = await startMoto(installed?.moto ?? '', 'exports');
    for (const key of exported) await s3.put(key, readFileSync(path.join(billing, key)));
    settings = {
      extensionDirectory: installed?.extensionDirectory,
      installExtensions: false,
      s3: {
        region: 'us-east-1',
        endpoint: s3.endpoint,
        urlStyle: 'path',
        useSsl: false,
        credentials: 'environment',
      },
      gcs: { endpoint: undefined, credentials: 'none' },
      azure: { accountName: undefined, credentials: 'none' },
    };
  }, 60_000);

  afterAll(() => s3.stop());

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'flyball-objects-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  });

  const fetchFrom = (
    address: string,
    more: Partial<Parameters<typeof fetchObjects>[1]> = {},
  ): Promise<readonly Problem[]> =>
    fetchObjects(address, {
      settings,
      format: 'auto',
      folder: path.join(folder, 'fetched'),
      memoryLimitMib: 512,
      progress: silentProgress,
      environment: keys,
      ...more,
    });

  const withLedger = async <Result>(work: (ledger: Ledger) => Promise<Result>): Promise<Result> => {
    const ledger = await openLedger({ path: ':memory:', temporaryDirectory: path.join(folder, 'tmp') });
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  };

  const rowsOf = (...paths: readonly string[]): Promise<readonly string[]> =>
    withLedger(async (ledger) => {
      const { problems } = await ingestBilling(ledger, {
        sources: paths.map((source) => ({ path: source, format: 'auto' })),
      });
      expect(problems).toEqual([]);
      const rows = await readRows(
        ledger.connection,
        'SELECT CAST(COLUMNS(* EXCLUDE (source_id)) AS VARCHAR) FROM billing_source_row ORDER BY ALL',
      );
      return rows.map((row) => JSON.stringify(row));
    });

  const fetchedFiles = (): readonly string[] =>
    readdirSync(path.join(folder, 'fetched/objects'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.\w+$/.test(name),
    );

  test('become the rows that the same files on this machine become', async () => {
    expect(await fetchFrom('s3://exports')).toEqual([]);

    const fromStorage = await rowsOf(path.join(folder, 'fetched/objects'));
    expect(fromStorage.length).toBeGreaterThan(10_000);
    expect(fromStorage).toEqual(await rowsOf(path.join(billing, 'aws'), path.join(billing, 'gcp')));
  }, 120_000);

  test('are fetched again only where they changed, and forgotten where they went', async () => {
    await s3.put('changing/a.csv', 'a,b\n1,2\n');
    await s3.put('changing/b.csv', 'a,b\n1,2\n');
    await fetchFrom('s3://exports/changing/*.csv');
    const times = (): Readonly<Record<string, number>> =>
      Object.fromEntries(
        fetchedFiles().map((name) => [name, statSync(path.join(folder, 'fetched/objects', name)).mtimeMs]),
      );
    const before = times();
    await s3.put('changing/b.csv', 'a,b\n1,2\n3,4\n');
    await fetchFrom('s3://exports/changing/*.csv');
    const after = times();

    expect(Object.keys(after)).toEqual(['exports/changing/a.csv', 'exports/changing/b.csv']);
    expect(after['exports/changing/a.csv']).toBe(before['exports/changing/a.csv']);
    expect(after['exports/changing/b.csv']).not.toBe(before['exports/changing/b.csv']);

    await s3.remove('changing/a.csv');
    await fetchFrom('s3://exports/changing/*.csv');
    expect(fetchedFiles()).toEqual(['exports/changing/b.csv']);
  });

  test('come byte by byte where they are text, cut ends included', async () => {
    const packed = gzipSync('a,b\r\n1,"x\n\ny"\r\n');
    await s3.put('text/cut.csv.gz', packed.subarray(0, -6));
    await s3.put('text/whole.csv.gz', packed);
    expect(await fetchFrom('s3://exports/text/')).toEqual([]);

    const fetched = (name: string): Buffer => readFileSync(path.join(folder, 'fetched/objects/exports/text', name));
    expect(gunzipSync(fetched('whole.csv.gz')).toString()).toBe('a,b\r\n1,"x\n\ny"\r\n');
    expect(fetched('cut.csv.gz')).toEqual(packed.subarray(0, -6));
  });

  test('that are no exports, or have names that are no paths, are told and the others are fetched', async () => {
    await s3.put('mixed/pets.parquet', 'PAR1 not really');
    await s3.put('mixed/..%2F..%2Fescape.csv', 'a,b\n');
    await s3.put('mixed/good.csv', 'a,b\n');
    const problems = await fetchFrom('s3://exports/mixed/');

    expect(fetchedFiles()).toEqual(['exports/mixed/good.csv']);
    expect(problems.map(({ code, place }) => [code, place])).toEqual([
      ['BILLING_FILE_UNREADABLE', expect.objectContaining({ path: expect.stringContaining('escape.csv') })],
      ['BILLING_FILE_UNREADABLE', { kind: 'file', path: 's3://exports/mixed/pets.parquet' }],
    ]);
  });

  test('whose own names are patterns never stand for others', async () => {
    await s3.put('stars/a.csv', 'a,b\n1,2\n');
    await s3.put('stars/[ab].csv', 'a,b\n9,9\n');
    await s3.put('stars/*.csv', 'a,b\n8,8\n');
    const problems = await fetchFrom('s3://exports/stars/');

    expect(fetchedFiles()).toEqual(['exports/stars/a.csv']);
    expect(problems.map(({ code, place }) => [code, place])).toEqual([
      ['BILLING_FILE_UNREADABLE', { kind: 'file', path: 's3://exports/stars/*.csv' }],
      ['BILLING_FILE_UNREADABLE', { kind: 'file', path: 's3://exports/stars/[ab].csv' }],
    ]);
  });

  test('that are too large to come in one piece are told', async () => {
    await s3.put('large/a.csv', `a,b\n${'1,2\n'.repeat(600_000)}`);

    expect((await fetchFrom('s3://exports/large/', { memoryLimitMib: 8 })).map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The object has 3 MiB; of objects that are not Parquet at most 2 MiB/),
    ]);
  });

  const failures: readonly (readonly [string, string, Partial<Parameters<typeof fetchObjects>[1]>, RegExp])[] = [
    ['an empty prefix', 's3://exports/none/', {}, /^No object lies under this address/],
    ['a bucket that is not there', 's3://nobody/', {}, /^The object storage gives nothing: .*404/],
    ['credentials that are not set', 's3://exports', { environment: {} }, /variable AWS_ACCESS_KEY_ID/],
  ];

  test.each(failures)('%s is told, and what was fetched stays', async (_, address, more, message) => {
    mkdirSync(path.join(folder, 'fetched/objects/exports'), { recursive: true });
    writeFileSync(path.join(folder, 'fetched/objects/exports/kept.csv'), 'a,b\n');

    expect((await fetchFrom(address, more)).map((problem) => problem.message)).toEqual([
      expect.stringMatching(message),
    ]);
    expect(fetchedFiles()).toEqual(['exports/kept.csv']);
  });

  test('a storage that does not answer and an extension that is not there are told without the secret', async () => {
    const gone = { ...settings, s3: { ...settings.s3, endpoint: '127.0.0.1:1' } };
    const bare = { ...settings, extensionDirectory: path.join(folder, 'nothing') };
    const told = [
      ...(await fetchFrom('s3://exports', { settings: gone })),
      ...(await fetchFrom('s3://exports', { settings: bare })),
    ].map(({ code, message }) => `${code} ${message}`);

    expect(told).toEqual([
      expect.stringMatching(/^SOURCE_UNREACHABLE .*Could not connect/),
      expect.stringMatching(/^SOURCE_UNREACHABLE .*DuckDB's extension httpfs cannot be loaded/),
    ]);
    expect(told.join(' ')).not.toContain('hush');
  });

  test('are scanned like files, and the ledger still has no way to the network', async () => {
    const fleet = aFleet(folder);
    const scan = async (name: string, bill: string): Promise<unknown> => {
      const config = path.join(folder, `${name}.yml`);
      writeFileSync(config, `${bill}\nmetrics: [{ path: ${path.join(examples, 'metrics')} }]\n`);
      const out = path.join(folder, name);
      const options = ['--repo', fleet, '--config', config, '--out', out, '--as-of', asOf, '--json', '--dry-run'];
      const { stdout, stderr } = await flyball(folder, 'scan', ...options);
      if (stdout === '') throw new Error(stderr);
      const { proposals, coverage } = JSON.parse(stdout) as {
        readonly proposals: readonly { readonly diff: string; readonly saving: unknown }[];
        readonly coverage: unknown;
      };
      return { proposals: proposals.map(({ diff, saving }) => ({ diff, saving })), coverage };
    };
    const s3Settings = `{ region: us-east-1, endpoint: '${s3.endpoint}', urlStyle: path, useSsl: false }`;
    const storage = `objectStorage: { allow: true, extensionDirectory: ${installed?.extensionDirectory}, s3: ${s3Settings} }`;
    for (const [name, value] of Object.entries(keys)) process.env[name] = value;
    onTestFinished(() => {
      for (const name of Object.keys(keys)) Reflect.deleteProperty(process.env, name);
    });

    const fromStorage = await scan(
      'storage',
      `billing: [{ path: s3://exports/aws/ }, { path: 's3://exports/gcp/*.csv.gz' }]\n${storage}`,
    );
    const fromFiles = await scan('files', `billing: [{ path: ${billing}/aws }, { path: ${billing}/gcp }]`);
    expect(fromStorage).toEqual(fromFiles);

    const ledger = path.join(folder, 'storage/ledger.duckdb');
    const question = "FROM read_parquet('s3://exports/aws/focus-2026-10.parquet')";
    const { stderr } = await flyball(folder, 'ledger', 'query', '--ledger', ledger, question);
    expect(stderr).not.toContain('hush');
    expect(stderr).toContain('LEDGER_QUERY_FAILED');
  }, 120_000);
});

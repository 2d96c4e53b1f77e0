import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/domain/index.ts';
import { ingestBilling, type IngestResult } from '../../src/ingest/billing/index.ts';
import { readRow, readRows, type Ledger } from '../../src/ledger/index.ts';
import { aCharge, focusCsv, withLedger, type FocusRow } from '../ledger/worlds.ts';

const sample = new URL('../fixtures/ingest/focus-1.0-sample.csv', import.meta.url);

function ingest(ledger: Ledger, ...paths: readonly string[]): Promise<IngestResult> {
  return ingestBilling(ledger, { sources: paths.map((path) => ({ path, format: 'auto' as const })) });
}

async function total(ledger: Ledger): Promise<string> {
  const row = await readRow(
    ledger.connection,
    `SELECT concat(count(*), ' rows, ', coalesce(sum("EffectiveCost"), 0)) AS total FROM billing_row`,
  );
  return row.text('total');
}

function statuses(result: IngestResult): readonly string[] {
  return result.files.map((file) => `${path.basename(file.path)} ${file.status}`);
}

function codes(problems: readonly Problem[]): readonly string[] {
  return problems.map((problem) => problem.code);
}

const tagTypes: Readonly<Record<string, string>> = {
  JSON: `Tags`,
  MAP: `CASE WHEN Tags = '' THEN NULL ELSE CAST(from_json(Tags, '"MAP(VARCHAR,VARCHAR)"') AS MAP(VARCHAR, VARCHAR)) END`,
  STRUCT: `CASE WHEN Tags = '' THEN NULL ELSE from_json(Tags, '{"k8s-namespace":"VARCHAR"}') END`,
  'list of entries': `CASE WHEN Tags = '' THEN NULL ELSE map_entries(CAST(from_json(Tags, '"MAP(VARCHAR,VARCHAR)"') AS MAP(VARCHAR, VARCHAR))) END`,
};

/** Writes rows as Parquet with typed costs and times, outside the ledger. */
async function writeParquet(folder: string, rows: readonly FocusRow[], tags = 'Tags'): Promise<string> {
  const csv = path.join(folder, 'source.csv');
  const file = path.join(folder, 'bill.parquet');
  await writeFile(csv, focusCsv(rows));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run(
    `COPY (SELECT * REPLACE (CAST(BilledCost AS DECIMAL(20,8)) AS BilledCost, CAST(EffectiveCost AS DOUBLE) AS EffectiveCost,
       CAST(ChargePeriodStart AS TIMESTAMPTZ) AS ChargePeriodStart, CAST(ChargePeriodEnd AS TIMESTAMP) AS ChargePeriodEnd,
       ${tags} AS Tags)
     FROM read_csv('${csv}', all_varchar = true, nullstr = '\\N')) TO '${file}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  return file;
}

describe('the official FOCUS 1.0 sample', () => {
  test('is read whole: every row, every digit, literal NULLs, tags with doubled quotes', async () => {
    await withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'focus.csv');
      await copyFile(sample, file);

      const result = await ingest(ledger, file);

      expect(result.problems).toEqual([]);
      expect(result.files).toMatchObject([{ rows: 40, rejectedRows: 0, status: 'ingested' }]);
      const row = await readRow(
        ledger.connection,
        `SELECT CAST(sum("BilledCost") AS VARCHAR) AS billed, count("Tags") AS tagged,
           count(DISTINCT "Tags"->>'environment') AS environments, CAST(min("ChargePeriodStart") AS VARCHAR) AS first
         FROM billing_row`,
      );
      const text = await readFile(sample, 'utf8');
      const costs = [...text.matchAll(/^(?:NULL|"[^"]*"),(-?[\d.]+),/gm)].map((match) => match[1] ?? '');
      const exact = costs.reduce((sum, cost) => sum + Math.round(Number(cost) * 1e10), 0);
      expect(costs).toHaveLength(40);
      expect(Number(row.text('billed')) * 1e10).toBeCloseTo(exact, 0);
      expect(row.number('tagged')).toBeGreaterThan(0);
      expect(row.number('environments')).toBeGreaterThan(0);
      expect(row.text('first')).toMatch(/^2024-09-\d\d \d\d:00:00$/);
    });
  });
});

describe('forms of a FOCUS file', () => {
  const rows = [
    aCharge({ EffectiveCost: '1.25', Tags: '{"k8s-namespace":"a"}' }),
    aCharge({ EffectiveCost: '2.2e-5', ChargePeriodStart: '2026-10-01T02:00:00+02:00' }),
  ];

  const csv = focusCsv(rows);
  const forms: Readonly<Record<string, string | Buffer>> = {
    'plain.csv': csv,
    'packed.csv.gz': gzipSync(csv),
    'misnamed.csv': gzipSync(csv),
    'members.csv.gz': Buffer.concat([gzipSync(csv.slice(0, 700)), gzipSync(csv.slice(700))]),
    'byte-order-mark.csv': `\uFEFF${csv}`,
    'crlf.csv': csv.replaceAll('\n', '\r\n'),
    'semicolon.csv': focusCsv(rows.map((row) => Object.assign({}, row, { Tags: '' }))).replaceAll(',', ';'),
    'quoted-header.csv': csv.replace(/^.*$/m, (header) => header.replaceAll(/[^,]+/g, '"$&"')),
    'other-case.csv': csv.replace(/^.*$/m, (header) => header.toLowerCase()),
  };

  test.each(Object.entries(forms))('%s reads like the plain file', async (name, content) => {
    await withLedger(async (ledger, folder) => {
      await writeFile(path.join(folder, name), content);

      const result = await ingest(ledger, path.join(folder, name));

      expect(result.problems).toEqual([]);
      expect(await total(ledger)).toBe('2 rows, 1.2500220000');
    });
  });

  test.each(Object.entries(tagTypes))('Parquet with Tags as %s keeps the tags', async (_, tags) => {
    await withLedger(async (ledger, folder) => {
      const result = await ingest(ledger, await writeParquet(folder, rows, tags));

      expect(result.problems).toEqual([]);
      expect(await total(ledger)).toBe('2 rows, 1.2500220000');
      const found = await readRows(
        ledger.connection,
        `SELECT "Tags"->>'k8s-namespace' AS namespace, CAST("ChargePeriodStart" AS VARCHAR) AS start
         FROM billing_row ORDER BY namespace`,
      );
      expect(found.map((row) => [row.optionalText('namespace'), row.text('start')])).toEqual([
        ['a', '2026-10-01 00:00:00'],
        [undefined, '2026-10-01 00:00:00'],
      ]);
    });
  });

  test('a folder, a glob and a file named twice give each file once; hidden and other files are left', async () => {
    await withLedger(async (ledger, folder) => {
      await mkdir(path.join(folder, 'in', 'a[1]'), { recursive: true });
      await writeFile(path.join(folder, 'in', 'a[1]', 'one.csv'), focusCsv(rows.slice(0, 1)));
      await writeFile(path.join(folder, 'in', 'two.csv'), focusCsv(rows.slice(1)));
      await writeFile(path.join(folder, 'in', '.hidden.csv'), 'x');
      await writeFile(path.join(folder, 'in', 'manifest.json'), '{}');
      await symlink('/etc/hostname', path.join(folder, 'in', 'out.csv'));

      const result = await ingest(
        ledger,
        path.join(folder, 'in'),
        path.join(folder, 'in', '**', 'o?e.csv'),
        path.join(folder, 'in', 'two.csv'),
        path.join(folder, 'in', 'none-*.csv'),
      );

      expect(statuses(result)).toEqual(['one.csv ingested', 'two.csv ingested']);
      expect(result.problems.map((problem) => [problem.code, problem.severity])).toEqual([
        ['BILLING_FILE_UNREADABLE', 'error'],
        ['BILLING_FILE_UNREADABLE', 'warning'],
      ]);
    });
  });
});

describe('reading again', () => {
  test('the same file is unchanged, new content replaces the old, a copy adds nothing', async () => {
    await withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'bill.csv');
      await writeFile(file, focusCsv([aCharge({ EffectiveCost: '1' }), aCharge({ EffectiveCost: '2' })]));
      await ingest(ledger, file);
      const digest = await ledger.dataDigest();

      await copyFile(file, path.join(folder, 'copy.csv'));
      const again = await ingest(ledger, file, path.join(folder, 'copy.csv'));

      expect(statuses(again)).toEqual(['bill.csv unchanged', 'copy.csv unchanged']);
      expect(await total(ledger)).toBe('2 rows, 3.0000000000');
      expect(await ledger.dataDigest()).toBe(digest);

      await writeFile(file, focusCsv([aCharge({ EffectiveCost: '8' })]));
      await ingest(ledger, file, path.join(folder, 'copy.csv'));
      expect(await total(ledger)).toBe('3 rows, 11.0000000000');

      await writeFile(path.join(folder, 'copy.csv'), focusCsv([aCharge({ EffectiveCost: '16' })]));
      await ingest(ledger, file, path.join(folder, 'copy.csv'));
      expect(await total(ledger)).toBe('2 rows, 24.0000000000');
      expect(await ledger.dataDigest()).not.toBe(digest);
    });
  });

  test('an export written again under other names is not counted twice', async () => {
    await withLedger(async (ledger, folder) => {
      await writeFile(
        path.join(folder, 'all.csv'),
        focusCsv([aCharge({ EffectiveCost: '1' }), aCharge({ EffectiveCost: '2' })]),
      );
      await ingest(ledger, folder);

      await rm(path.join(folder, 'all.csv'));
      await writeFile(path.join(folder, 'first.csv'), focusCsv([aCharge({ EffectiveCost: '1' })]));
      await writeFile(path.join(folder, 'second.csv'), focusCsv([aCharge({ EffectiveCost: '2' })]));
      await ingest(ledger, folder);

      expect(await total(ledger)).toBe('2 rows, 3.0000000000');
    });
  });

  test('what was read of a source that is away for now stays', async () => {
    await withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'bill.csv');
      await writeFile(file, focusCsv([aCharge({ EffectiveCost: '1' })]));
      await ingest(ledger, file);
      await rm(file);

      const { problems } = await ingest(ledger, file);

      expect(codes(problems)).toEqual(['BILLING_FILE_UNREADABLE']);
      expect(await total(ledger)).toBe('1 rows, 1.0000000000');
    });
  });

  test('the order of the files does not matter', async () => {
    const seen: string[] = [];
    for (const order of [
      ['a.csv', 'b.csv'],
      ['b.csv', 'a.csv'],
    ]) {
      await withLedger(async (ledger, folder) => {
        await writeFile(path.join(folder, 'a.csv'), focusCsv([aCharge({ EffectiveCost: '0.1' })]));
        await writeFile(path.join(folder, 'b.csv'), focusCsv([aCharge({ EffectiveCost: '0.2' })]));
        await ingest(ledger, ...order.map((name) => path.join(folder, name)));
        seen.push(`${await total(ledger)} ${await ledger.dataDigest()}`);
      });
    }

    expect(seen[0]).toBe(seen[1]);
  });
});

describe('bad rows', () => {
  test('each is named by physical line, column and kind, never by content, and the rest is read', async () => {
    await withLedger(async (ledger, folder) => {
      const good = aCharge({ EffectiveCost: '1', Tags: '{"note":"two\\nlines"}', ChargeDescription: 'two\nlines' });
      const rows = [good, aCharge({ EffectiveCost: 'N/A' }), good, aCharge({ EffectiveCost: '' }), good];
      const file = path.join(folder, 'bill.csv');
      await writeFile(file, `${focusCsv(rows)}only,three,columns\n${focusCsv([good]).split('\n').slice(1).join('\n')}`);

      const result = await ingest(ledger, file);

      expect(result.files).toMatchObject([{ rows: 4, rejectedRows: 3, status: 'ingested' }]);
      expect(result.problems.map((problem) => [problem.code, problem.place])).toEqual(
        [4, 7, 10].map((line) => ['BILLING_ROW_INVALID', { kind: 'file', path: file, line }]),
      );
      expect(result.problems.map((problem) => problem.message.split(':')[0])).toEqual([
        'CAST in BilledCost',
        'CAST in BilledCost',
        'MISSING COLUMNS in BillingCurrency',
      ]);
      const text = JSON.stringify(result.problems);
      for (const secret of ['123456789012', 'secret-account', 'N/A', 'three']) expect(text).not.toContain(secret);
      const again = await ingest(ledger, file);
      expect(again.problems).toMatchObject([{ code: 'BILLING_ROW_INVALID', place: { kind: 'file', path: file } }]);
    });
  });

  test('a thousand of them become twenty problems and a count', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = Array.from({ length: 1001 }, (_, index) => aCharge(index === 0 ? {} : { ListCost: '1,000.00' }));
      await writeFile(path.join(folder, 'bill.csv'), focusCsv(rows));

      const result = await ingest(ledger, path.join(folder, 'bill.csv'));

      expect(result.files).toMatchObject([{ rows: 1, rejectedRows: 1000 }]);
      expect(result.problems).toHaveLength(21);
      expect(result.problems[0]?.message).toContain('980 more rows');
    });
  });

  test('rows without a currency, a plausible period or finite costs are left out and counted, in Parquet too', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = [
        aCharge(),
        aCharge({ BillingCurrency: 'dollars' }),
        aCharge({ ChargePeriodStart: '1970-01-01T00:00:00Z' }),
        aCharge({ ChargePeriodStart: '2026-10-01T02:00:00Z' }),
        aCharge({ EffectiveCost: 'NaN', BilledCost: '1' }),
        aCharge({ ListCost: 'much' }),
      ];

      const result = await ingest(ledger, await writeParquet(folder, rows));

      expect(result.files).toMatchObject([{ rows: 1, rejectedRows: 5 }]);
      expect(result.problems.map((problem) => problem.message.split(' ')[0])).toEqual([
        'BillingCurrency',
        'ChargePeriodEnd',
        'ChargePeriodStart',
        'EffectiveCost',
        'ListCost',
      ]);
    });
  });

  test('tags that are no JSON object are dropped with a warning and their cost stays', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = ['{"a":', '[1]', 'null', '{"k":"v"}'].map((Tags) => aCharge({ Tags, EffectiveCost: '1' }));
      await writeFile(path.join(folder, 'bill.csv'), focusCsv(rows));

      const result = await ingest(ledger, path.join(folder, 'bill.csv'));

      expect(result.problems).toMatchObject([{ code: 'BILLING_ROW_INVALID', severity: 'warning' }]);
      expect(result.problems[0]?.message).toContain('in 2 rows');
      expect(await total(ledger)).toBe('4 rows, 4.0000000000');
    });
  });
});

describe('files that cannot be used', () => {
  const csv = focusCsv(Array.from({ length: 2000 }, (_, index) => aCharge({ EffectiveCost: String(index) })));

  test('a file cut in half is refused whole, and what was read from its path before stays', async () => {
    await withLedger(async (ledger, folder) => {
      const gzip = path.join(folder, 'bill.csv.gz');
      await writeFile(gzip, gzipSync(focusCsv([aCharge({ EffectiveCost: '7' })])));
      await ingest(ledger, gzip);
      const packed = gzipSync(csv);
      await writeFile(gzip, packed.subarray(0, packed.length / 2));
      const parquet = await writeParquet(folder, [aCharge()]);
      const whole = await readFile(parquet);
      await writeFile(parquet, whole.subarray(0, whole.length / 2));
      await writeFile(path.join(folder, 'cut-row.csv'), csv.slice(0, csv.length - 30));
      await writeFile(path.join(folder, 'cut-quote.csv'), focusCsv([aCharge({ Tags: '{"a":"b"}' })]).slice(0, -8));

      const result = await ingest(
        ledger,
        gzip,
        parquet,
        path.join(folder, 'cut-row.csv'),
        path.join(folder, 'cut-quote.csv'),
      );

      expect(result.files.map((file) => file.status)).toEqual(['failed', 'failed', 'failed', 'failed']);
      expect(codes(result.problems)).toEqual(Array.from({ length: 4 }, () => 'BILLING_FILE_TRUNCATED'));
      expect(await total(ledger)).toBe('1 rows, 7.0000000000');
    });
  });

  test('other formats are named, missing columns are listed, and garbage does not stop the rest', async () => {
    await withLedger(async (ledger, folder) => {
      const files: Readonly<Record<string, string | Buffer>> = {
        'a-cur.csv': 'identity_line_item_id,line_item_usage_start_date,line_item_unblended_cost\nx,2026-10-01,1\n',
        'b-binary.csv': Buffer.from([0, 1, 2, 3, 255, 254, 10, 0, 7]),
        'c-corrupt.csv.gz': Buffer.concat([gzipSync(csv).subarray(0, 100), Buffer.alloc(500, 7)]),
        'd-empty.csv': '',
        'e-flipped.parquet': Buffer.from(`PAR1${'x'.repeat(500)}PAR1`),
        'f-good.csv': focusCsv([aCharge({ EffectiveCost: '3' })]),
        'g-partial.csv': focusCsv([aCharge({ EffectiveCost: '4' })]).replaceAll('PublisherName', 'x_Other'),
        'h-zstd.csv.zst': Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]),
      };
      for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);

      const result = await ingest(ledger, folder);

      expect(
        result.problems.map(
          (problem) => `${path.basename(problem.place.kind === 'file' ? problem.place.path : '')} ${problem.code}`,
        ),
      ).toEqual([
        'a-cur.csv BILLING_FORMAT_UNKNOWN',
        'b-binary.csv BILLING_FORMAT_UNKNOWN',
        'c-corrupt.csv.gz BILLING_FILE_UNREADABLE',
        'd-empty.csv BILLING_FORMAT_UNKNOWN',
        'e-flipped.parquet BILLING_FILE_UNREADABLE',
        'g-partial.csv BILLING_FORMAT_UNKNOWN',
        'h-zstd.csv.zst BILLING_FORMAT_UNKNOWN',
      ]);
      expect(result.problems[0]?.message).toContain('AWS Cost and Usage Report 2.0');
      expect(result.problems[5]).toMatchObject({ severity: 'warning' });
      expect(result.problems[5]?.message).toContain('PublisherName');
      expect(await total(ledger)).toBe('2 rows, 7.0000000000');
    });
  });

  test('column names of the file never get into SQL', async () => {
    await withLedger(async (ledger, folder) => {
      const hostile = `x'); DROP TABLE billing_row; --`;
      const rows = [
        { ...aCharge({ EffectiveCost: '5' }), [hostile]: 'v', "'": 'w', '"': 'z', BilledCost2: '', constructor: '' },
      ];
      const header = Object.keys(rows[0] ?? {})
        .map((name) => `"${name.replaceAll('"', '""')}"`)
        .join(',');
      await writeFile(path.join(folder, `it's [1]*.csv`), focusCsv(rows).replace(/^.*$/m, header));

      const result = await ingest(ledger, path.join(folder, `it's [1]*.csv`));

      expect(result.problems).toEqual([]);
      expect(await total(ledger)).toBe('1 rows, 5.0000000000');
    });
  });
});

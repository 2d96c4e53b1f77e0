import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { aFleet, flyball, scratchFolder } from './fleet.ts';

const ledger = '.flyball/ledger.duckdb';

/** A folder in which a scan has read one small bill. */
async function aScannedFolder(): Promise<string> {
  const folder = scratchFolder();
  writeFileSync(
    path.join(folder, 'bill.csv'),
    [
      'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodEnd,ChargePeriodStart,EffectiveCost,ListCost,ProviderName,ResourceId,Tags',
      '10.25,USD,Usage,2026-10-02T00:00:00Z,2026-10-01T00:00:00Z,10.25,12,"Cloud, ""Inc""",i-1,{}',
      '4.75,EUR,Usage,2026-10-03T00:00:00Z,2026-10-02T00:00:00Z,4.75,5,Cloud,i-2,{}',
      '',
    ].join('\n'),
  );
  writeFileSync(path.join(folder, 'flyball.yml'), 'billing:\n  - path: bill.csv\n');
  await flyball(folder, 'scan', '--repo', aFleet(folder), '--as-of', '2026-11-01', '--dry-run', '--backend', 'cpu');
  return folder;
}

test('status tells the sources, the period, and every currency by itself', async () => {
  const folder = await aScannedFolder();

  const { stdout, exitCode } = await flyball(folder, 'ledger', 'status', '--ledger', ledger, '--json');

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    sources: [{ kind: 'billing', path: expect.stringContaining('bill.csv'), rows: 2, rejectedRows: 0 }],
    billing: {
      rows: 2,
      from: '2026-10-01T00:00:00Z',
      to: '2026-10-02T00:00:00Z',
      currencies: [
        { currency: 'EUR', effectiveCost: '4.75' },
        { currency: 'USD', effectiveCost: '10.25' },
      ],
    },
    gpuHours: { rows: 0 },
  });
});

test('query answers in CSV with exact decimals, or as JSON lines', async () => {
  const folder = await aScannedFolder();
  const sql = 'SELECT "ProviderName", "EffectiveCost" FROM billing_row ORDER BY "ResourceId"';

  const csv = await flyball(folder, 'ledger', 'query', sql, '--ledger', ledger);
  const json = await flyball(folder, 'ledger', 'query', sql, '--ledger', ledger, '--format', 'json');

  expect(csv.stdout).toBe('ProviderName,EffectiveCost\n"Cloud, ""Inc""",10.2500000000\nCloud,4.7500000000\n');
  expect(json.stdout.split('\n')[1]).toBe('{"ProviderName":"Cloud","EffectiveCost":"4.7500000000"}');
});

test('export writes files that hold the same rows', async () => {
  const folder = await aScannedFolder();

  const { stdout } = await flyball(
    folder,
    'ledger',
    'export',
    '--ledger',
    ledger,
    '--out',
    "ex'port",
    '--format',
    'csv',
  );

  expect(stdout).toMatch(/billing_row\.csv: 2 rows, \d+ bytes/);
  expect(existsSync(path.join(folder, "ex'port", 'source_file.csv'))).toBe(true);
});

describe('a question is refused, with its SQL and what DuckDB says,', () => {
  test.each([
    ['that changes the ledger', 'DELETE FROM gpu_hour', 'read-only'],
    ['that writes a file', "COPY billing_row TO 'x.csv'", 'Permission Error'],
    ['that reads a file', "SELECT * FROM read_csv('/etc/hostname')", 'Permission Error'],
    ['that loads an extension', 'INSTALL httpfs', 'Permission Error'],
    ['of two statements', 'SELECT 1; SELECT 2', 'it has 2 statements'],
    ['with a mistake', 'SELECT nothing', 'Binder Error'],
  ])('%s', async (_, sql, said) => {
    const folder = await aScannedFolder();

    const { stderr, exitCode } = await flyball(folder, 'ledger', 'query', sql, '--ledger', ledger);

    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[LEDGER_QUERY_FAILED]');
    expect(stderr).toContain(said);
    expect(existsSync(path.join(folder, 'x.csv'))).toBe(false);
  });
});

test('without a ledger it says what to do', async () => {
  const { stderr, exitCode } = await flyball(scratchFolder(), 'ledger', 'status', '--ledger', 'none.duckdb');

  expect(exitCode).toBe(1);
  expect(stderr).toContain('There is no ledger of this name.');
});

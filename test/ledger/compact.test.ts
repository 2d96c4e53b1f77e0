import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { epochMs, silentProgress } from '../../src/domain/index.ts';
import { ingestBilling } from '../../src/ingest/billing/index.ts';
import { compactLedger, openLedger, readRow, type Ledger } from '../../src/ledger/index.ts';
import { flyball } from '../scan/fleet.ts';
import {
  aCharge,
  attributeMonth,
  aWorkload,
  day,
  focusCsv,
  gpuLabels,
  hourly,
  ingestWorld,
  start,
  temporaryFolder,
} from './worlds.ts';

let folder = '';
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => path.join(folder, 'ledger.duckdb');

function open(): Promise<Ledger> {
  return openLedger({ path: file(), temporaryDirectory: path.join(folder, 'tmp'), memoryLimitMib: 256 });
}

/** Charges of August to October, GPUs in October, and what was made of them. */
async function fill(chargesAMonth = 40): Promise<void> {
  const charges = ['2026-08', '2026-09', '2026-10'].flatMap((month) =>
    Array.from({ length: chargesAMonth }, (_, index) =>
      aCharge({
        BillingPeriodStart: `${month}-01T00:00:00Z`,
        ChargePeriodStart: `${month}-${String((index % 20) + 1).padStart(2, '0')}T00:00:00Z`,
        ChargePeriodEnd: `${month}-${String((index % 20) + 1).padStart(2, '0')}T01:00:00Z`,
        ResourceId: `i-${index}`,
      }),
    ),
  );
  const samples = hourly([0, 24, 240, 480, 700], gpuLabels());
  const ledger = await open();
  await ingestWorld(ledger, folder, { charges, samples });
  await attributeMonth(ledger, [aWorkload()], { repository: 'fleet' });
  await ledger.close();
}

const asOf = epochMs(start + 31 * day);
const keepAll = { hourly: undefined, daily: undefined, billing: undefined };

function compact(more: Partial<Parameters<typeof compactLedger>[0]> = {}): ReturnType<typeof compactLedger> {
  return compactLedger({
    path: file(),
    retention: keepAll,
    asOf,
    dryRun: false,
    memoryLimitMib: 256,
    progress: silentProgress,
    ...more,
  });
}

async function count(table: string): Promise<number> {
  const ledger = await open();
  try {
    return (await readRow(ledger.connection, `SELECT count(*) AS n FROM ${table}`)).number('n');
  } finally {
    await ledger.close();
  }
}

describe('compacting a ledger', () => {
  test('deletes what is past retention: hours and days by the day, bills by whole months', async () => {
    await fill();
    const { deletedRows, keptRows } = await compact({ retention: { hourly: 15, daily: 20, billing: 40 } });

    expect(deletedRows.get('gpu_hour')).toBe(3);
    expect(deletedRows.get('workload_hour')).toBe(3);
    // Forty days before November lie in September: its month stays whole, August goes.
    expect(deletedRows.get('billing_source_row')).toBe(40);
    expect([keptRows.get('gpu_hour'), keptRows.get('billing_source_row')]).toEqual([2, 80]);
    expect([await count('gpu_hour'), await count('billing_row'), await count('workload_hour')]).toEqual([2, 80, 2]);
    expect(await count("workload_day WHERE day < DATE '2026-10-12'")).toBe(0);
    expect(await count('workload_day')).toBeGreaterThan(0);
  });

  test('a dry run only counts', async () => {
    await fill();
    const before = (await stat(file())).mtimeMs;
    const { deletedRows, keptRows, bytesAfter, bytesBefore } = await compact({
      retention: { ...keepAll, hourly: 15 },
      dryRun: true,
    });

    expect([deletedRows.get('gpu_hour'), keptRows.get('gpu_hour'), bytesAfter]).toEqual([3, 2, bytesBefore]);
    expect((await stat(file())).mtimeMs).toBe(before);
    expect(await count('gpu_hour')).toBe(5);
  });

  test('gives the space back, and the ledger goes on as it was', async () => {
    await fill(20_000);
    const { bytesBefore, bytesAfter } = await compact({ retention: { ...keepAll, billing: 20 } });

    expect(bytesAfter).toBeLessThan(bytesBefore);
    expect(await readdir(folder)).not.toContain('ledger.duckdb.compacting');
    const ledger = await open();
    const again = await ingestBilling(ledger, { sources: [{ path: path.join(folder, 'bill.csv'), format: 'auto' }] });
    await writeFile(path.join(folder, 'more.csv'), focusCsv([aCharge({ ResourceId: 'new' })]));
    const more = await ingestBilling(ledger, {
      sources: ['bill.csv', 'more.csv'].map((name) => ({ path: path.join(folder, name), format: 'auto' })),
    });
    await ledger.close();

    expect(again.files.map(({ status }) => status)).toEqual(['unchanged']);
    expect(more.files.map(({ status }) => status)).toEqual(['unchanged', 'ingested']);
    expect(await count('billing_row')).toBe(20_001);
  }, 60_000);

  test('what was deleted does not come back with a corrected file, nor is it made less by the next scan', async () => {
    await fill();
    await compact({ retention: { hourly: undefined, daily: undefined, billing: 40 } });
    const ledger = await open();
    const august = aCharge({
      BillingPeriodStart: '2026-08-01T00:00:00Z',
      ChargePeriodStart: '2026-08-05T00:00:00Z',
      ChargePeriodEnd: '2026-08-05T01:00:00Z',
    });
    await writeFile(path.join(folder, 'bill.csv'), focusCsv([august, aCharge({ ResourceId: 'corrected' })]));
    await ingestBilling(ledger, { sources: [{ path: path.join(folder, 'bill.csv'), format: 'auto' }] });
    await attributeMonth(ledger, [aWorkload()], { repository: 'fleet' });
    await ledger.close();

    expect(await count('billing_row')).toBe(1);
    expect(await count('workload_day')).toBeGreaterThan(0);
  });

  test('a ledger that another holds is left alone', async () => {
    await fill();
    const script = `
      import { openLedger } from ${JSON.stringify(path.resolve('src/ledger/index.ts'))};
      await openLedger({ path: ${JSON.stringify(file())}, temporaryDirectory: ${JSON.stringify(path.join(folder, 'tmp'))} });
      console.log('open');
      setInterval(() => undefined, 1000);
    `;
    const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
    await once(holder.stdout, 'data');
    const problem = await compact().then(
      () => undefined,
      (error: { readonly problem: { readonly code: string } }) => error.problem.code,
    );
    holder.kill('SIGKILL');
    await once(holder, 'exit');

    expect(problem).toBe('LEDGER_LOCKED');
  });

  test('killed at any moment it leaves a whole ledger', async () => {
    await fill(20_000);
    const filled = path.join(folder, 'filled');
    await copyFile(file(), filled);
    const script = `
      import { compactLedger } from ${JSON.stringify(path.resolve('src/ledger/index.ts'))};
      console.log('ready');
      await compactLedger({ path: ${JSON.stringify(file())}, retention: { hourly: 15, daily: 20, billing: 40 }, asOf: ${asOf},
        dryRun: false, memoryLimitMib: 256, progress: { stage: () => undefined, step: () => undefined } });
      console.log('done');
    `;
    const seen = new Set<number>();
    for (let delay = 0; delay < 400; delay += 40) {
      await copyFile(filled, file());
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      await wait(delay);
      child.kill('SIGKILL');
      await ended;
      seen.add(await count('billing_row'));
    }

    expect([...seen].every((rows) => rows === 60_000 || rows === 40_000)).toBe(true);
    await compact({ retention: { hourly: 15, daily: 20, billing: 40 } });
    expect(await count('billing_row')).toBe(40_000);
    expect(await readdir(folder)).not.toContain('ledger.duckdb.compacting');
  }, 120_000);

  test('as a command it says what it deleted and how much smaller the file is', async () => {
    await fill();
    await writeFile(
      path.join(folder, 'flyball.yml'),
      'ledger: { path: ledger.duckdb, retention: { hourlyDays: 31, billingDays: 40 } }\n',
    );
    const { exitCode, stdout } = await flyball(folder, 'ledger', 'compact', '--as-of', '2026-11-15');

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/gpu_hour +3 +2\n/);
    expect(stdout).toMatch(/billing_source_row +80 +40\n/);
    expect(stdout).toMatch(/\d\.\d MiB before, \d\.\d MiB after/);
  });

  test('a retention shorter than the look-back is refused', async () => {
    await writeFile(path.join(folder, 'flyball.yml'), 'ledger: { retention: { hourlyDays: 30 } }\n');
    const { exitCode, stderr } = await flyball(folder, 'ledger', 'compact');

    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('ledger.retention.hourlyDays is 30, less than the 31 days that a scan looks back');
  });
});

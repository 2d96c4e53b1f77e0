import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { aCharge, focusCsv, withLedger } from '../../ledger/worlds.ts';
import { costSums, ingest, ledgerRows } from './exports.ts';

/** Writes files of one charge each; the number is its cost. */
async function writeRuns(root: string, files: Readonly<Record<string, number | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(
      file,
      typeof content === 'number' ? focusCsv([aCharge({ EffectiveCost: String(content) })]) : content,
    );
  }
}

const guid = (digit: number): string => `0000000${digit}-0000-4000-8000-000000000000`;
const october = '20261001-20261031';

/** Two runs of October by layout; the newer one cost 2. November has one run that cost 10. */
const layouts: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  'AWS Data Exports, a folder for each run': {
    'cur/data/BILLING_PERIOD=2026-10/2026-10-09T01:00:00.000Z-a/cur-00001.csv': 1,
    'cur/data/BILLING_PERIOD=2026-10/2026-10-10T01:00:00.000Z-b/cur-00001.csv': 2,
    'cur/data/BILLING_PERIOD=2026-11/2026-11-02T01:00:00.000Z-c/cur-00001.csv': 10,
  },
  'AWS Data Exports, overwritten': {
    'cur/data/BILLING_PERIOD=2026-10/cur-00001.csv': 1.5,
    'cur/data/BILLING_PERIOD=2026-10/cur-00002.csv': 0.5,
    'cur/data/BILLING_PERIOD=2026-11/cur-00001.csv': 10,
  },
  'legacy CUR with its manifest': {
    [`cur/20261001-20261101/${guid(2)}/cur-1.csv`]: 1,
    [`cur/20261001-20261101/${guid(2)}/cur-Manifest.json`]: JSON.stringify({
      assemblyId: guid(2),
      reportKeys: [`p/${guid(2)}/cur-1.csv`],
    }),
    [`cur/20261001-20261101/${guid(1)}/cur-1.csv`]: 2,
    'cur/20261001-20261101/cur-Manifest.json': JSON.stringify({
      assemblyId: guid(1),
      reportKeys: [`p/${guid(1)}/cur-1.csv`],
    }),
    [`cur/20261101-20261201/${guid(3)}/cur-1.csv`]: 10,
  },
  'Azure with a manifest in each run': {
    [`az/daily/${october}/${guid(1)}/part_0_0001.csv`]: 2,
    [`az/daily/${october}/${guid(1)}/manifest.json`]: manifest('2026-10-20T00:00:00Z', 'part_0_0001.csv'),
    [`az/daily/${october}/${guid(2)}/part_0_0001.csv`]: 1,
    [`az/daily/${october}/${guid(2)}/manifest.json`]: manifest('2026-10-19T00:00:00Z', 'part_0_0001.csv'),
    [`az/daily/20261101-20261130/${guid(3)}/part_0_0001.csv`]: 10,
  },
  'Azure with the time as a folder': {
    [`az/daily/${october}/202610190000/${guid(1)}/part_0_0001.csv`]: 1,
    [`az/daily/${october}/202610200000/${guid(2)}/part_0_0001.csv`]: 1.5,
    [`az/daily/${october}/202610200000/${guid(2)}/part_1_0001.csv`]: 0.5,
    [`az/daily/20261101-20261130/202611020000/${guid(3)}/part_0_0001.csv`]: 10,
  },
};

function manifest(submittedTime: string, ...names: readonly string[]): string {
  return JSON.stringify({ runInfo: { submittedTime }, blobs: names.map((name) => ({ blobName: `root/${name}` })) });
}

describe('only the newest run of a period counts', () => {
  test.each(Object.entries(layouts))('%s', async (_, files) => {
    await withLedger(async (ledger, folder) => {
      await writeRuns(folder, files);

      const result = await ingest(ledger, [folder]);

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger))[1]).toBe('12');
    });
  });

  test('Azure’s files beside each other are told by their time of change', async () => {
    await withLedger(async (ledger, folder) => {
      await writeRuns(folder, {
        [`az/${october}/daily_${guid(1)}.csv`]: 2,
        [`az/${october}/daily_${guid(2)}.csv`]: 1,
      });
      const old = new Date(Date.UTC(2020, 1, 1));
      await utimes(path.join(folder, 'az', october, `daily_${guid(2)}.csv`), old, old);

      await ingest(ledger, [folder]);

      expect((await costSums(ledger))[1]).toBe('2');
    });
  });

  test('partitions below a period are parts of one run', async () => {
    await withLedger(async (ledger, folder) => {
      await writeRuns(folder, {
        'cur/BILLING_PERIOD=2026-10/account=1/a.csv': 1,
        'cur/BILLING_PERIOD=2026-10/account=2/a.csv': 2,
        'cur/BILLING_PERIOD=2026-10/05/a.csv': 4,
      });

      await ingest(ledger, [folder]);

      expect((await costSums(ledger))[1]).toBe('7');
    });
  });
});

describe('a period that is sent again', () => {
  const first = { 'cur/data/BILLING_PERIOD=2026-10/2026-10-09T01:00:00.000Z-a/cur-1.csv': 1 };
  const second = {
    'cur/data/BILLING_PERIOD=2026-10/2026-10-10T01:00:00.000Z-b/cur-1.csv': 5,
    'cur/data/BILLING_PERIOD=2026-10/2026-10-10T01:00:00.000Z-b/cur-2.csv': 6,
  };

  test('replaces what was read before, also where another source is away for now', async () => {
    await withLedger(async (ledger, folder) => {
      await writeRuns(folder, first);
      await ingest(ledger, [folder]);
      await writeRuns(folder, second);

      const result = await ingest(ledger, [folder, path.join(folder, 'absent')]);

      expect(result.problems).toMatchObject([{ code: 'BILLING_FILE_UNREADABLE' }]);
      expect((await costSums(ledger))[1]).toBe('11');
      expect(await ledgerRows(ledger, 'SELECT count(*)::INTEGER FROM source_file')).toEqual([[2]]);
    });
  });

  test('waits for its last whole file: a cut run is told, and the run before counts', async () => {
    await withLedger(async (ledger, folder) => {
      const cut = focusCsv([aCharge({ EffectiveCost: '6' })]).slice(0, -30);
      await writeRuns(folder, first);
      await writeRuns(folder, { ...second, [Object.keys(second)[1] ?? '']: cut });

      const result = await ingest(ledger, [folder]);

      expect(result.problems).toMatchObject([{ code: 'BILLING_FILE_TRUNCATED' }]);
      expect((await costSums(ledger))[1]).toBe('1');

      await writeRuns(folder, second);
      await ingest(ledger, [folder]);
      expect((await costSums(ledger))[1]).toBe('11');
    });
  });

  test('a run that lacks files of its manifest is told, and the run before counts', async () => {
    await withLedger(async (ledger, folder) => {
      const metadata = 'cur/metadata/BILLING_PERIOD=2026-10/2026-10-10T01:00:00.000Z-b/cur-Manifest.json';
      const dataFiles = ['s3://bucket/cur-1.csv', 's3://bucket/cur-2.csv'];
      await writeRuns(folder, { ...first, ...second, [metadata]: JSON.stringify({ dataFiles }) });
      await rm(path.join(folder, Object.keys(second)[1] ?? ''));

      const result = await ingest(ledger, [folder]);

      expect(result.problems).toMatchObject([{ code: 'BILLING_FILE_TRUNCATED', severity: 'error' }]);
      expect(result.problems[0]?.message).toContain('cur-2.csv');
      expect((await costSums(ledger))[1]).toBe('1');
    });
  });
});

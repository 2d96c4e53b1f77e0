import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLedger, type Ledger } from '../../src/ledger/index.ts';
import {
  allRowsOf,
  differences,
  fleetHours,
  ingest,
  rowsOf,
  server,
  withoutSeriesDigest,
} from './metrics-servers/fleet-hours.ts';
import { writeFleet } from './metrics-servers/fleet-samples.ts';
import { isInstalled } from './metrics-servers/start-server.ts';
import { startThanos, thanosTenant, type ThanosServer } from './metrics-servers/start-thanos.ts';

let folder = '';
let openMetricsFile = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-thanos-'));
  openMetricsFile = path.join(folder, 'fleet.om');
  await writeFleet(openMetricsFile, { hours: fleetHours, stepSeconds: 60 });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function withLedger<Result>(work: (ledger: Ledger) => Promise<Result>): Promise<Result> {
  const ledger = await openLedger({ path: ':memory:', temporaryDirectory: path.join(folder, 'tmp') });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

async function rowsOfFiles(): Promise<readonly (readonly string[])[]> {
  return withLedger(async (ledger) => {
    await ingest(ledger, { kind: 'files', path: openMetricsFile, format: 'auto', cluster: 'prod' });
    return allRowsOf(ledger);
  });
}

describe.runIf(isInstalled('thanos'))('a Thanos that enforces tenants', () => {
  let running: ThanosServer;

  beforeAll(async () => {
    running = await startThanos(folder, openMetricsFile, {
      query: ['--query.enforce-tenancy', '--query.tenant-header=THANOS-TENANT', '--query.tenant-label-name=tenant_id'],
    });
  }, 120_000);

  afterAll(async () => {
    await running.stop();
  });

  test('gives the tenant of the header all its hours', async () => {
    const files = await rowsOfFiles();
    const tenant = await withLedger(async (ledger) => {
      const result = await ingest(ledger, server(running.url, { headers: { 'THANOS-TENANT': thanosTenant } }));
      expect(result.problems).toEqual([]);
      return allRowsOf(ledger);
    });

    expect(
      files.map((rows, index) => differences(withoutSeriesDigest(rows), withoutSeriesDigest(tenant[index] ?? []))),
    ).toEqual([[], [], []]);
  });

  test('gives another tenant, and none, nothing', async () => {
    for (const headers of [{ 'THANOS-TENANT': 'web-team' }, {}]) {
      await withLedger(async (ledger) => {
        await ingest(ledger, server(running.url, { headers }));
        expect(await rowsOf(ledger, 'gpu_hour')).toEqual([]);
      });
    }
  });
});

describe.runIf(isInstalled('thanos'))('a Thanos whose store', () => {
  test('is away has no GPUs to tell of; days that were read whole stay', async () => {
    const running = await startThanos(folder, openMetricsFile);
    try {
      await withLedger(async (ledger) => {
        await ingest(ledger, server(running.url));
        const before = await rowsOf(ledger, 'gpu_hour');
        await running.stopStore();
        const away = await ingest(ledger, server(running.url));
        expect(before.length).toBeGreaterThan(300);
        expect(away.files.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
        expect(await rowsOf(ledger, 'gpu_hour')).toEqual(before);
      });
      const fresh = await withLedger((ledger) => ingest(ledger, server(running.url)));
      expect(fresh.problems.map(({ code }) => code)).toEqual(['METRICS_FORMAT_UNKNOWN']);
      expect(fresh.files.every(({ path: day }) => day.endsWith('in part'))).toBe(true);
    } finally {
      await running.stop();
    }
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { epochMs, silentProgress, type EpochMs } from '../../src/domain/index.ts';
import {
  checkPrometheus,
  ingestMetrics,
  type MetricsSource,
  type PrometheusSource,
} from '../../src/ingest/metrics/index.ts';
import { openLedger, readRows, type Ledger } from '../../src/ledger/index.ts';
import { fleetStart, writeFleet } from './metrics-servers/fleet-samples.ts';
import {
  isInstalled,
  startPrometheus,
  startVictoriaMetrics,
  type MetricsServer,
} from './metrics-servers/start-server.ts';

const hour = 3_600_000;
const fleetHours = 48;

let folder = '';
let openMetricsFile = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-prometheus-'));
  openMetricsFile = path.join(folder, 'fleet.om');
  await writeFleet(openMetricsFile, { hours: fleetHours, stepSeconds: 60 });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function server(url: string, changes: Partial<PrometheusSource> = {}): PrometheusSource {
  return {
    kind: 'prometheus',
    url,
    cluster: 'prod',
    matchLabels: {},
    authorization: { kind: 'none' },
    headers: {},
    secretHeaders: {},
    tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
    timeoutSeconds: 60,
    concurrency: 2,
    ...changes,
  };
}

async function withLedger<Result>(work: (ledger: Ledger) => Promise<Result>): Promise<Result> {
  const ledger = await openLedger({ path: ':memory:', temporaryDirectory: path.join(folder, 'tmp') });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

function ingest(ledger: Ledger, source: MetricsSource, endHours = fleetHours + 1): ReturnType<typeof ingestMetrics> {
  const window = { start: epochMs(fleetStart), end: epochMs(fleetStart + endHours * hour) as EpochMs };
  return ingestMetrics(ledger, { sources: [source], window, progress: silentProgress });
}

const tables = ['gpu_hour', 'serving_hour', 'pod_owner'];

/** Every row of a table as text, without where it was read from. */
async function rowsOf(ledger: Ledger, table: string, beforeHour?: number): Promise<readonly string[]> {
  const where =
    beforeHour === undefined || table === 'pod_owner' ? '' : `WHERE hour < make_timestamp(${beforeHour * 3600000000})`;
  const rows = await readRows(
    ledger.connection,
    `SELECT CAST(to_json(t) AS VARCHAR) AS line FROM (SELECT * EXCLUDE (source_id) FROM ${table} ${where}) AS t ORDER BY line`,
  );
  return [...new Set(rows.map((row) => row.text('line')))];
}

async function allRowsOf(ledger: Ledger): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for (const table of tables) rows.push(await rowsOf(ledger, table));
  return rows;
}

/** The first rows that only one of two lists has: a readable part of what may be hundreds. */
function differences(left: readonly string[], right: readonly string[]): readonly string[] {
  const onlyIn = (rows: readonly string[], others: readonly string[], mark: string): readonly string[] => {
    const known = new Set(others);
    return rows
      .filter((row) => !known.has(row))
      .slice(0, 3)
      .map((row) => `${mark} ${row}`);
  };
  return [...onlyIn(left, right, '-'), ...onlyIn(right, left, '+')];
}

const servers = [
  { name: 'Prometheus', command: 'prometheus', start: startPrometheus },
  { name: 'VictoriaMetrics', command: 'victoria-metrics', start: startVictoriaMetrics },
];

for (const { name, command, start } of servers) {
  describe.runIf(isInstalled(command))(name, () => {
    let running: MetricsServer;

    beforeAll(async () => {
      running = await start(folder, openMetricsFile);
    }, 120_000);

    afterAll(async () => {
      await running.stop();
    });

    test('gives the same hours as the file reader makes of the same samples', async () => {
      const files = await withLedger(async (ledger) => {
        const result = await ingest(ledger, { kind: 'files', path: openMetricsFile, format: 'auto', cluster: 'prod' });
        expect(result.problems).toEqual([]);
        return allRowsOf(ledger);
      });
      const answers = await withLedger(async (ledger) => {
        const result = await ingest(ledger, server(running.url));
        expect(result.problems).toEqual([]);
        return allRowsOf(ledger);
      });

      expect(files.map((rows) => rows.length)).toEqual([expect.any(Number), expect.any(Number), 1]);
      expect(files[0]?.length).toBeGreaterThan(300);
      expect(files[1]?.length).toBeGreaterThan(300);
      for (const [index, rows] of files.entries()) expect(differences(rows, answers[index] ?? [])).toEqual([]);
    });
  });

  test.runIf(!isInstalled(command))(
    `SKIPPED: ${command} is not installed, nothing was checked against ${name}`,
    (context) => {
      console.error(`SKIPPED: ${command} is not installed; apt-get install ${command}`);
      context.skip();
    },
  );
}
void checkPrometheus;

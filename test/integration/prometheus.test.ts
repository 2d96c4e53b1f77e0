import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { epochMs } from '../../src/domain/index.ts';
import { checkPrometheus, ingestMetrics } from '../../src/ingest/metrics/index.ts';
import { openLedger, readRows, type Ledger } from '../../src/ledger/index.ts';
import {
  allRowsOf,
  differences,
  fleetHours,
  ingest,
  rowsOf,
  server,
  withoutSeriesDigest,
} from './metrics-servers/fleet-hours.ts';
import { fleetStart, writeFleet } from './metrics-servers/fleet-samples.ts';
import { startThanos } from './metrics-servers/start-thanos.ts';
import {
  isInstalled,
  startPrometheus,
  startVictoriaMetrics,
  type MetricsServer,
} from './metrics-servers/start-server.ts';

const hour = 3_600_000;

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

async function withLedger<Result>(work: (ledger: Ledger) => Promise<Result>): Promise<Result> {
  const ledger = await openLedger({ path: ':memory:', temporaryDirectory: path.join(folder, 'tmp') });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

function pacingAt(sinceStartMs: number): Parameters<typeof checkPrometheus>[1]['pacing'] {
  return { now: () => fleetStart + sinceStartMs, wait: () => Promise.resolve(), random: () => 0 };
}

const servers = [
  { name: 'Prometheus', command: 'prometheus', from: 'apt-get install prometheus', start: startPrometheus },
  {
    name: 'VictoriaMetrics',
    command: 'victoria-metrics',
    from: 'apt-get install victoria-metrics',
    start: startVictoriaMetrics,
  },
  { name: 'Thanos', command: 'thanos', from: '.ci/install-thanos', start: startThanos },
];

for (const { name, command, from, start } of servers) {
  describe.runIf(isInstalled(command))(`hours of ${name}`, () => {
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
      const comparable = name === 'Thanos' ? withoutSeriesDigest : (rows: readonly string[]) => rows;
      for (const [index, rows] of files.entries()) {
        expect(differences(comparable(rows), comparable(answers[index] ?? []))).toEqual([]);
      }
    });

    test('a day that is over is read once; one that is not is replaced, without its unfinished hour', async () => {
      await withLedger(async (ledger) => {
        const source = server(running.url);
        const first = await ingest(ledger, source, 30.5);
        const hoursThen = await rowsOf(ledger, 'gpu_hour');
        const again = await ingest(ledger, source, 30.5);

        expect(first.files.map(({ status }) => status)).toEqual(['ingested', 'ingested']);
        expect(again.files.map(({ status }) => status)).toEqual(['unchanged', 'ingested']);
        expect(again.files.map(({ digest }) => digest)).toEqual(first.files.map(({ digest }) => digest));
        expect(await rowsOf(ledger, 'gpu_hour')).toEqual(hoursThen);
        expect(hoursThen.filter((row) => row.includes('2024-10-02 05:00:00')).length).toBeGreaterThan(0);
        expect(hoursThen.filter((row) => row.includes('2024-10-02 06:00:00'))).toEqual([]);

        await ingest(ledger, source);
        const whole = await allRowsOf(ledger);
        const fresh = await withLedger(async (other) => {
          await ingest(other, source);
          return allRowsOf(other);
        });
        expect(whole).toEqual(fresh);
      });
    });

    test('a server that is no longer configured is forgotten; one that is away keeps what was read', async () => {
      await withLedger(async (ledger) => {
        await ingest(ledger, server(running.url));
        const before = await rowsOf(ledger, 'gpu_hour');
        const away = await ingest(ledger, server(running.url, { matchLabels: { namespace: 'inference' } }));
        expect(away.problems).toEqual([]);
        const elsewhere = server('http://127.0.0.1:1');
        const window = { start: epochMs(fleetStart), end: epochMs(fleetStart + (fleetHours + 1) * hour) };
        const both = await ingestMetrics(ledger, {
          sources: [server(running.url), elsewhere],
          window,
          now: () => window.end,
        });

        expect(both.problems.map(({ code }) => code)).toEqual(['SOURCE_UNREACHABLE']);
        expect(await rowsOf(ledger, 'gpu_hour')).toEqual(before);
        await ingestMetrics(ledger, { sources: [], window, now: () => window.end });
        expect(await rowsOf(ledger, 'gpu_hour')).toEqual([]);
      });
    }, 60_000);

    test('series that matchLabels leaves out are not read', async () => {
      await withLedger(async (ledger) => {
        await ingest(ledger, server(running.url, { matchLabels: { Hostname: 'node-1' } }));
        const rows = await readRows(ledger.connection, 'SELECT DISTINCT hostname FROM gpu_hour');

        expect(rows.map((row) => row.text('hostname'))).toEqual(['node-1']);
      });
    });
  });

  test.runIf(!isInstalled(command))(
    `SKIPPED: ${command} is not installed, nothing was checked against ${name}`,
    (context) => {
      expect(isInstalled(command)).toBe(false);
      console.error(`SKIPPED: ${command} is not installed; ${from}`);
      context.skip();
    },
  );
}

describe.runIf(isInstalled('prometheus'))('a Prometheus with tight limits', () => {
  let running: MetricsServer;

  beforeAll(async () => {
    running = await startPrometheus(await mkdtemp(path.join(folder, 'tight-')), openMetricsFile, [
      '--query.max-samples=200',
    ]);
  }, 120_000);

  afterAll(async () => {
    await running.stop();
  });

  test('is asked for shorter ranges, and gives the same hours', async () => {
    const whole = await withLedger(async (ledger) => {
      await ingest(ledger, { kind: 'files', path: openMetricsFile, format: 'auto', cluster: 'prod' });
      return allRowsOf(ledger);
    });
    const tight = await withLedger(async (ledger) => {
      const result = await ingest(ledger, server(running.url));
      expect(result.problems).toEqual([]);
      return allRowsOf(ledger);
    });

    expect(whole.map((rows, index) => differences(rows, tight[index] ?? []))).toEqual([[], [], []]);
  });

  test('the doctor’s question counts the GPU series of the present, and none where there are none', async () => {
    expect((await checkPrometheus(server(running.url), { pacing: pacingAt(100 * hour) })).gpuSeries.size).toBe(0);
    const { gpuSeries } = await checkPrometheus(server(running.url), { pacing: pacingAt(24 * hour) });

    expect(gpuSeries.get('DCGM_FI_PROF_SM_ACTIVE')).toBeGreaterThan(5);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { dayMs, epochMs, hourMs } from '../src/domain/index.ts';
import { ingestMetrics, type PrometheusSource } from '../src/ingest/metrics/index.ts';
import { gpuHourMetrics, statisticQuery } from '../src/ingest/metrics/prometheus/hour-queries.ts';
import { limitConcurrency } from '../src/ingest/http/index.ts';
import { openLedger, readRow } from '../src/ledger/index.ts';
import { servePrometheus } from '../test/integration/metrics-servers/start-server.ts';
import { remoteWrite } from './prometheus/remote-write.ts';

/**
 * npx tsx bench/prometheus.ts [GPUS] [DAYS] [SECONDS BETWEEN SAMPLES]
 *
 * Fills a real Prometheus with 8 DCGM metrics of a fleet, and reads 1/3, 2/3 and all of its days into a ledger. The
 * floor is the same query_range answers fetched and thrown away.
 */
const [gpuCount = 500, days = 30, stepSeconds = 60] = process.argv.slice(2).map(Number);
const start = Date.UTC(2026, 9, 1);

const metrics: readonly (readonly [name: string, scale: number])[] = [
  ['DCGM_FI_DEV_GPU_UTIL', 100],
  ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', 1],
  ['DCGM_FI_PROF_SM_ACTIVE', 1],
  ['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 1],
  ['DCGM_FI_PROF_DRAM_ACTIVE', 1],
  ['DCGM_FI_DEV_FB_USED', 80_000],
  ['DCGM_FI_DEV_FB_FREE', 80_000],
  ['DCGM_FI_DEV_POWER_USAGE', 700],
];

const concurrency = 2;

function sourceOf(url: string): PrometheusSource {
  return {
    kind: 'prometheus',
    url,
    cluster: 'bench',
    matchLabels: {},
    authorization: { kind: 'none' },
    headers: {},
    secretHeaders: {},
    tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
    timeoutSeconds: 300,
    concurrency,
  };
}

/** One hour of the fleet: pods live a week, so that series come and go. */
async function fill(url: string): Promise<void> {
  const gpus = Array.from({ length: gpuCount }, (_, index) => index);
  for (let hourStart = start; hourStart < start + days * dayMs; hourStart += hourMs) {
    const week = Math.floor((hourStart - start) / (7 * dayMs));
    const series = metrics.flatMap(([name, scale], metric) =>
      gpus.map((gpu) => ({
        labels: {
          __name__: name,
          DCGM_FI_DRIVER_VERSION: '550.54.15',
          Hostname: `node-${Math.floor(gpu / 8)}`,
          UUID: `GPU-${gpu}`,
          container: 'server',
          device: `nvidia${gpu % 8}`,
          gpu: String(gpu % 8),
          job: 'dcgm-exporter',
          modelName: 'NVIDIA H100 80GB HBM3',
          namespace: `team-${gpu % 10}`,
          pod: `model-${Math.floor(gpu / 4)}-6d4f9c7b8-w${week}k2p`,
        },
        samples: Array.from({ length: 3600 / stepSeconds }, (_, index) => {
          const atMs = hourStart + index * stepSeconds * 1000 + (gpu % 50) * 100;
          const value = (Math.abs(Math.sin(atMs / 4e6 + gpu + metric)) * scale).toFixed(6);
          return [atMs, Number(value)] as const;
        }),
      })),
    );
    await remoteWrite(url, series);
  }
}

interface Measured {
  readonly seconds: number;
  readonly peakRssMib: number;
}

async function measure(work: () => Promise<void>): Promise<Measured> {
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const before = performance.now();
  await work();
  clearInterval(watch);
  return { seconds: (performance.now() - before) / 1000, peakRssMib: peak / 2 ** 20 };
}

async function fetchAndDiscard(url: string, readDays: number): Promise<void> {
  const inTurn = limitConcurrency(concurrency);
  const asked = gpuHourMetrics.filter(({ name }) => metrics.some(([known]) => known === name));
  for (let day = 0; day < readDays; day += 1) {
    const dayStart = start + day * dayMs;
    await Promise.all(
      asked.flatMap((metric) =>
        metric.statistics.map(async (statistic) => {
          const query = statisticQuery(metric, statistic, [], 'closed');
          const form = {
            query,
            start: String((dayStart + hourMs) / 1000),
            end: String((dayStart + dayMs) / 1000),
            step: '3600',
          };
          await inTurn(async () => {
            const answer = await fetch(`${url}/api/v1/query_range`, {
              method: 'POST',
              body: new URLSearchParams(form),
              headers: { 'accept-encoding': 'identity' },
            });
            for await (const chunk of answer.body ?? []) void chunk;
          });
        }),
      ),
    );
  }
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-bench-'));
const server = await servePrometheus(folder, ['--web.enable-remote-write-receiver']);
const source = sourceOf(server.url);
try {
  const filled = await measure(() => fill(server.url));
  console.log(
    `filled ${gpuCount} GPUs × ${metrics.length} metrics × ${days} days, every ${stepSeconds} s: ${filled.seconds.toFixed(0)} s`,
  );
  console.log('| days | hours in the ledger | Flyball, s | floor, s | ratio | peak RSS, MiB |');
  console.log('|---|---|---|---|---|---|');
  for (const readDays of [days / 3, (2 * days) / 3, days]) {
    const floor = await measure(() => fetchAndDiscard(server.url, readDays));
    const ledger = await openLedger({ path: path.join(folder, `${readDays}.duckdb`), temporaryDirectory: folder });
    const read = await measure(async () => {
      const window = { start: epochMs(start), end: epochMs(start + readDays * dayMs + 10 * 60_000) };
      const { problems } = await ingestMetrics(ledger, { sources: [source], window, now: () => window.end });
      if (problems.length > 0) throw new Error(problems[0]?.message);
    });
    const rows = (await readRow(ledger.connection, 'SELECT count(*) AS n FROM gpu_hour')).number('n');
    await ledger.close();
    const cells = [
      readDays,
      rows,
      read.seconds.toFixed(1),
      floor.seconds.toFixed(1),
      (read.seconds / floor.seconds).toFixed(2),
      read.peakRssMib.toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

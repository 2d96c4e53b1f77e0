import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface MetricsServer {
  readonly url: string;
  /** Of the server's process. */
  readonly pid: number;
  stop(): Promise<void>;
}

export function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0;
}

/** Loads OpenMetrics text into blocks with promtool, and starts Prometheus on them. */
export async function startPrometheus(
  folder: string,
  openMetricsFile: string,
  flags: readonly string[] = [],
  globals = '{}',
): Promise<MetricsServer> {
  const data = path.join(folder, 'prometheus-data');
  await promisify(execFile)(
    'promtool',
    ['tsdb', 'create-blocks-from', 'openmetrics', '--max-block-duration=48h', openMetricsFile, data],
    { maxBuffer: 2 ** 26 },
  );
  return servePrometheus(folder, flags, globals);
}

/** Starts Prometheus on the folder's `prometheus-data`, empty or not; `globals` is the `global` part of its configuration. */
export async function servePrometheus(
  folder: string,
  flags: readonly string[],
  globals = '{}',
): Promise<MetricsServer> {
  const config = path.join(folder, 'prometheus.yml');
  await writeFile(config, `global: ${globals}\n`);
  const port = await freePort();
  return startServer(port, 'prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(folder, 'prometheus-data')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
    ...flags,
  ]);
}

/** Starts VictoriaMetrics and imports the samples of OpenMetrics text, whose timestamps are in seconds. */
export async function startVictoriaMetrics(folder: string, openMetricsFile: string): Promise<MetricsServer> {
  const data = path.join(folder, 'victoria-metrics-data');
  await mkdir(data, { recursive: true });
  const port = await freePort();
  const server = await startServer(port, 'victoria-metrics', [
    `-storageDataPath=${data}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-retentionPeriod=100y',
    '-search.latencyOffset=0s',
    '-loggerLevel=ERROR',
  ]);
  let batch: string[] = [];
  const send = async (): Promise<void> => {
    const body = batch.join('');
    batch = [];
    const answer = await fetch(`${server.url}/api/v1/import/prometheus`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`VictoriaMetrics refused the import: HTTP ${answer.status}`);
  };
  for await (const line of createInterface({ input: createReadStream(openMetricsFile) })) {
    if (line === '' || line.startsWith('#')) continue;
    const blank = line.lastIndexOf(' ');
    batch.push(`${line.slice(0, blank)} ${Math.round(Number(line.slice(blank + 1)) * 1000)}\n`);
    if (batch.length >= 50_000) await send();
  }
  await send();
  await fetch(`${server.url}/internal/force_flush`);
  await fetch(`${server.url}/internal/resetRollupResultCache`);
  return server;
}

/** Starts a program that listens on a port of this machine, and waits until it answers `readyPath`. */
export async function startServer(
  port: number,
  command: string,
  args: readonly string[],
  readyPath = '/api/v1/query?query=1',
): Promise<MetricsServer> {
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4000);
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${words}`);
    const answer = await fetch(`${url}${readyPath}`).catch(() => undefined);
    if (answer?.ok === true) return { url, pid: child.pid ?? 0, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`${command} did not answer within 30 s: ${words}`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

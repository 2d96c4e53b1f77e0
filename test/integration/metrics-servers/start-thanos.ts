import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startPrometheus, startServer, type MetricsServer } from './start-server.ts';

export interface ThanosServer extends MetricsServer {
  /** Ends the one store that the querier asks; the querier goes on. */
  stopStore(): Promise<void>;
}

/** The value of `tenant_id` that the Prometheus of {@link startThanos} puts on all its series. */
export const thanosTenant = 'gpu-team';

/** Starts Prometheus with the samples, a Thanos sidecar beside it, and a Thanos querier that asks the sidecar. */
export async function startThanos(
  folder: string,
  openMetricsFile: string,
  flags: { readonly query?: readonly string[]; readonly sidecar?: readonly string[] } = {},
): Promise<ThanosServer> {
  const own = await mkdtemp(path.join(folder, 'thanos-'));
  const running: MetricsServer[] = [];
  const stop = async (): Promise<void> => {
    for (const server of running.toReversed()) await server.stop();
  };
  try {
    const labels = `{external_labels: {replica: a, tenant_id: ${thanosTenant}}}`;
    const prometheus = await startPrometheus(own, openMetricsFile, [], labels);
    running.push(prometheus);
    const [storePort, sidecarPort, queryPort, queryGrpcPort] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const sidecar = await startServer(
      sidecarPort,
      'thanos',
      [
        'sidecar',
        `--prometheus.url=${prometheus.url}`,
        `--tsdb.path=${path.join(own, 'prometheus-data')}`,
        `--grpc-address=127.0.0.1:${storePort}`,
        `--http-address=127.0.0.1:${sidecarPort}`,
        '--log.level=error',
        ...(flags.sidecar ?? []),
      ],
      '/-/ready',
    );
    running.push(sidecar);
    const query = await startServer(queryPort, 'thanos', [
      'query',
      `--endpoint=127.0.0.1:${storePort}`,
      `--grpc-address=127.0.0.1:${queryGrpcPort}`,
      `--http-address=127.0.0.1:${queryPort}`,
      '--query.replica-label=replica',
      '--log.level=error',
      ...(flags.query ?? []),
    ]);
    running.push(query);
    await untilStoreIsKnown(query.url);
    return { url: query.url, pid: query.pid, stop, stopStore: () => sidecar.stop() };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The querier answers before it knows its stores, with nothing. */
async function untilStoreIsKnown(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const stores: unknown = await (await fetch(`${url}/api/v1/stores`)).json();
    if (JSON.stringify(stores).includes('"sidecar"')) return;
    await sleep(100);
  }
  throw new Error('Thanos did not find its store within 30 s');
}

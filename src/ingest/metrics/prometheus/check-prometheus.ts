import { hourMs } from '../../../domain/index.ts';
import { createPrometheusClient } from './client.ts';
import { openEndpoint } from '../../http/index.ts';
import { boundaryQuery, equalTo } from './hour-queries.ts';
import type { Pacing } from '../../http/index.ts';
import type { PrometheusSource } from './source.ts';

export interface PrometheusCheck {
  /** Series of `DCGM_FI_*` metrics by metric, as they are now; empty: the server says nothing of GPUs. */
  readonly gpuSeries: ReadonlyMap<string, number>;
}

/**
 * Asks a metrics server whether it answers, accepts the credentials, and holds GPU series.
 * @throws ProblemError SOURCE_UNREACHABLE or CONFIG_INVALID with what is wrong.
 */
export async function checkPrometheus(
  source: PrometheusSource,
  options: {
    readonly environment?: Readonly<Record<string, string | undefined>>;
    readonly pacing: Pacing;
  },
): Promise<PrometheusCheck> {
  const { pacing } = options;
  const endpoint = await openEndpoint(source, options.environment ?? process.env);
  try {
    const client = createPrometheusClient(endpoint, { concurrency: source.concurrency, pacing });
    const atMs = Math.floor(pacing.now() / 60_000) * 60_000;
    const range = { startMs: atMs, endMs: atMs, stepMs: hourMs };
    for await (const answer of client.queryRange(boundaryQuery, range)) void answer;
    const matchers = ['__name__=~"DCGM_FI_.+"', ...equalTo(source.matchLabels)];
    const query = `count by (__name__) ({${matchers.join(',')}})`;
    const gpuSeries = new Map<string, number>();
    for await (const { series } of client.queryRange(query, range)) {
      for (const { labels, points } of series) gpuSeries.set(labels.get('__name__') ?? '', points[0]?.[1] ?? 0);
    }
    return { gpuSeries };
  } finally {
    endpoint.close();
  }
}

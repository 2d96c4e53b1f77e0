import type { HttpServer } from '../../http/index.ts';

/**
 * A server with the Prometheus HTTP API: Prometheus, VictoriaMetrics, Thanos, Mimir, Cortex. `/api/v1/query_range` is
 * appended to its URL; `headers` name tenants, such as `X-Scope-OrgID`.
 */
export interface PrometheusSource extends HttpServer {
  readonly kind: 'prometheus';
  /** Used for series without a cluster label. */
  readonly cluster: string | undefined;
  /** Only series with all of these labels are read. */
  readonly matchLabels: Readonly<Record<string, string>>;
}

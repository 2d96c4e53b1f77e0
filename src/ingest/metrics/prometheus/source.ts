/** Where a secret lies; the secret itself is never part of a configuration. */
export type SecretPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly name: string };

export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: SecretPlace }
  | { readonly kind: 'basic'; readonly username: string; readonly password: SecretPlace };

/** PEM files; `certFile` and `keyFile` are the client's own, for mTLS. */
export interface TlsFiles {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Name to expect in the server's certificate, where it is not the URL's host. */
  readonly serverName: string | undefined;
}

/** A server with the Prometheus HTTP API: Prometheus, VictoriaMetrics, Thanos, Mimir, Cortex. */
export interface PrometheusSource {
  readonly kind: 'prometheus';
  /** What `/api/v1/query_range` is appended to; without user, query and fragment. */
  readonly url: string;
  /** Used for series without a cluster label. */
  readonly cluster: string | undefined;
  /** Only series with all of these labels are read. */
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly authorization: Authorization;
  /** Such as `X-Scope-OrgID`, the tenant of Mimir, Cortex and Thanos. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers whose values are secrets. */
  readonly secretHeaders: Readonly<Record<string, SecretPlace>>;
  readonly tls: TlsFiles;
  /** For one request, answer included. */
  readonly timeoutSeconds: number;
  /** Requests at a time. */
  readonly concurrency: number;
}

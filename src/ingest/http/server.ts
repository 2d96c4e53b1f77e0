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

/** An HTTP server of the operator's configuration, and how it lets Flyball in. */
export interface HttpServer {
  /** What paths are appended to; without user, query and fragment. */
  readonly url: string;
  readonly authorization: Authorization;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers whose values are secrets. */
  readonly secretHeaders: Readonly<Record<string, SecretPlace>>;
  readonly tls: TlsFiles;
  /** For one request, answer included. */
  readonly timeoutSeconds: number;
  /** Requests at a time. */
  readonly concurrency: number;
}

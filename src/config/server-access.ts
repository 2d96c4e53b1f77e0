/** Where a secret lies; the secret itself is never part of the configuration. */
export type SecretPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly name: string };

export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: SecretPlace }
  | { readonly kind: 'basic'; readonly username: string; readonly password: SecretPlace };

/** How a server of the configuration is reached; every path is absolute. */
export interface ServerAccess {
  readonly url: string;
  readonly authorization: Authorization;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, SecretPlace>>;
  readonly tls: {
    readonly caFile: string | undefined;
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
    readonly serverName: string | undefined;
  };
  /** For one request, answer included. */
  readonly timeoutSeconds: number;
  /** Requests at a time. */
  readonly concurrency: number;
}

export interface ValidTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly serverName?: string;
}

type Absolute = (written: string) => string;

export function toTls(tls: ValidTls | undefined, absolute: Absolute): ServerAccess['tls'] {
  const file = (path: string | undefined): string | undefined => (path === undefined ? undefined : absolute(path));
  return {
    caFile: file(tls?.caFile),
    certFile: file(tls?.certFile),
    keyFile: file(tls?.keyFile),
    serverName: tls?.serverName,
  };
}

/** A token before a password; a checked source has at most one of them. */
export function authorizationOf(
  source: {
    readonly bearerTokenFile?: string;
    readonly bearerTokenEnvironment?: string;
    readonly username?: string;
    readonly passwordFile?: string;
    readonly passwordEnvironment?: string;
  },
  absolute: Absolute,
): Authorization {
  const token = secretPlace(source.bearerTokenFile, source.bearerTokenEnvironment, absolute);
  if (token !== undefined) return { kind: 'bearer', token };
  const password = secretPlace(source.passwordFile, source.passwordEnvironment, absolute);
  if (source.username === undefined || password === undefined) return { kind: 'none' };
  return { kind: 'basic', username: source.username, password };
}

export function secretPlace(
  file: string | undefined,
  variable: string | undefined,
  absolute: Absolute,
): SecretPlace | undefined {
  if (file !== undefined) return { kind: 'file', path: absolute(file) };
  return variable === undefined ? undefined : { kind: 'environment', name: variable };
}

import type { Problem } from '../domain/index.ts';
import { locate, toProblem, type YamlDocument } from '../schema/index.ts';
import { authorizationOf, toTls, type ServerAccess, type ValidTls } from './server-access.ts';

/** `trino` as the schema lets it through. */
export interface ValidTrino {
  readonly url?: string;
  readonly user: string;
  readonly tables: readonly string[];
  readonly granularity: 'hour' | 'day';
  readonly passwordFile?: string;
  readonly passwordEnvironment?: string;
  readonly bearerTokenFile?: string;
  readonly bearerTokenEnvironment?: string;
  readonly tls?: ValidTls;
  readonly timeoutSeconds: number;
  readonly queryTimeoutMinutes: number;
}

/** A coordinator that is asked for bills. */
export interface TrinoConfig extends ServerAccess {
  readonly user: string;
  readonly tables: readonly string[];
  readonly granularity: 'hour' | 'day';
  readonly queryTimeoutMinutes: number;
}

const secretFields = ['passwordFile', 'passwordEnvironment', 'bearerTokenFile', 'bearerTokenEnvironment'] as const;

/** What contradicts itself. */
export function checkTrinoSource(trino: ValidTrino, yaml: YamlDocument): readonly Problem[] {
  const secrets = secretFields.filter((field) => trino[field] !== undefined);
  const [, second] = secrets;
  const isPlain = trino.url?.startsWith('http:') === true;
  const [secret] = secrets;
  const faults: readonly (readonly [field: string, message: string, remedy: string])[] = [
    ...(trino.url !== undefined && trino.tables.length === 0
      ? [['url', 'trino.url is set, and trino.tables names no table', 'Name the tables that hold the bill.'] as const]
      : []),
    ...(trino.url === undefined && trino.tables.length > 0
      ? [['tables', 'trino.tables is set, and trino.url is not', 'Name the coordinator.'] as const]
      : []),
    ...(second === undefined
      ? []
      : [
          [
            second,
            `trino has both ${secrets.join(' and ')}`,
            'Keep one: a request has one Authorization header.',
          ] as const,
        ]),
    ...(isPlain && secret !== undefined
      ? [[secret, `trino.${secret} would be sent without encryption`, 'Write https:// in trino.url.'] as const]
      : []),
    ...(isPlain && trino.tls !== undefined
      ? [['tls', 'trino.tls is set, and the URL is not https', 'Write https:// in trino.url, or remove tls.'] as const]
      : []),
    ...((trino.tls?.certFile === undefined) === (trino.tls?.keyFile === undefined)
      ? []
      : [
          [
            'tls',
            'trino.tls has only one of certFile and keyFile',
            'A certificate is used with its key: name both.',
          ] as const,
        ]),
  ];
  return faults.map(([field, message, remedy]) =>
    toProblem(yaml.source, {
      offset: locate(yaml.document, ['trino', field]).valueOffset,
      code: 'CONFIG_INVALID',
      message,
      remedy: `${remedy} See docs/configuration.md, "trino".`,
    }),
  );
}

/** Undefined where no coordinator is named. */
export function toTrinoConfig(trino: ValidTrino, absolute: (written: string) => string): TrinoConfig | undefined {
  const { url, user, tables, granularity, timeoutSeconds, queryTimeoutMinutes } = trino;
  if (url === undefined) return undefined;
  return {
    url,
    user,
    tables,
    granularity,
    authorization: authorizationOf({ ...trino, username: user }, absolute),
    headers: {},
    secretHeaders: {},
    tls: toTls(trino.tls, absolute),
    timeoutSeconds,
    concurrency: 1,
    queryTimeoutMinutes,
  };
}

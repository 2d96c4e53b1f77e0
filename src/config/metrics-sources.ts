import type { Problem } from '../domain/index.ts';
import { locate, toProblem, type YamlDocument } from '../schema/index.ts';
import { filesOnlyFields, serverOnlyFields } from './metrics-source-schema.ts';
import type { MetricsSourceConfig } from './operator-config.ts';
import { authorizationOf, toTls, type SecretPlace, type ValidTls } from './server-access.ts';

/** One entry of `metrics` as the schema lets it through. */
export interface ValidMetricsSource {
  readonly kind: 'files' | 'prometheus';
  readonly cluster?: string;
  readonly path?: string;
  readonly format: 'auto' | 'openmetrics' | 'parquet';
  readonly url?: string;
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly bearerTokenFile?: string;
  readonly bearerTokenEnvironment?: string;
  readonly basicAuth?: {
    readonly username: string;
    readonly passwordFile?: string;
    readonly passwordEnvironment?: string;
  };
  readonly headers?: Readonly<Record<string, string>>;
  readonly headerFiles?: Readonly<Record<string, string>>;
  readonly headerEnvironment?: Readonly<Record<string, string>>;
  readonly tls?: ValidTls;
  readonly timeoutSeconds?: number;
  readonly concurrency?: number;
}

const timeoutSecondsDefault = 60;
const concurrencyDefault = 2;

/** What the fields of each entry contradict each other in, or lack. */
export function checkMetricsSources(sources: readonly ValidMetricsSource[], yaml: YamlDocument): readonly Problem[] {
  return sources.flatMap((source, index) =>
    faultsOf(source).map(({ field, message, remedy }) => {
      const at = field === undefined ? ['metrics', index] : ['metrics', index, field];
      return toProblem(yaml.source, {
        offset: locate(yaml.document, at).valueOffset,
        code: 'CONFIG_INVALID',
        message,
        remedy: `${remedy} See docs/configuration.md, "metrics".`,
      });
    }),
  );
}

interface Fault {
  /** Undefined: the entry itself. */
  readonly field?: string;
  readonly message: string;
  readonly remedy: string;
}

function faultsOf(source: ValidMetricsSource): readonly Fault[] {
  const foreign = (source.kind === 'files' ? serverOnlyFields : filesOnlyFields).filter(
    (field) => Object.hasOwn(source, field) && !(field === 'format' && source.format === 'auto'),
  );
  const surplus = foreign.map((field) => ({
    field,
    message: `metrics.${field} does not belong to kind: ${source.kind}`,
    remedy: source.kind === 'files' ? 'Remove it, or write kind: prometheus.' : 'Remove it, or write kind: files.',
  }));
  return source.kind === 'files' ? [...surplus, ...missing(source, 'path')] : [...surplus, ...serverFaults(source)];
}

function missing(source: ValidMetricsSource, field: 'path' | 'url'): readonly Fault[] {
  if (source[field] !== undefined) return [];
  return [{ message: `metrics.${field} is missing`, remedy: `Add it: kind: ${source.kind} needs it.` }];
}

function serverFaults(source: ValidMetricsSource): readonly Fault[] {
  const { basicAuth, tls } = source;
  const authorizations = [source.bearerTokenFile, source.bearerTokenEnvironment, basicAuth].filter(
    (way) => way !== undefined,
  );
  const passwords = [basicAuth?.passwordFile, basicAuth?.passwordEnvironment].filter((way) => way !== undefined);
  const headerNames = [source.headers, source.headerFiles, source.headerEnvironment]
    .flatMap((headers) => Object.keys(headers ?? {}))
    .map((name) => name.toLowerCase());
  return [
    ...missing(source, 'url'),
    ...faultIf(authorizations.length > 1, {
      message: 'metrics has more than one of bearerTokenFile, bearerTokenEnvironment and basicAuth',
      remedy: 'Keep one: a request has one Authorization header.',
    }),
    ...faultIf(basicAuth !== undefined && passwords.length !== 1, {
      field: 'basicAuth',
      message: 'metrics.basicAuth needs exactly one of passwordFile and passwordEnvironment',
      remedy: 'Name where the password lies.',
    }),
    ...faultIf((tls?.certFile === undefined) !== (tls?.keyFile === undefined), {
      field: 'tls',
      message: 'metrics.tls has only one of certFile and keyFile',
      remedy: 'A certificate is used with its key: name both.',
    }),
    ...faultIf(tls !== undefined && source.url?.startsWith('http:') === true, {
      field: 'tls',
      message: 'metrics.tls is set, and the URL is not https',
      remedy: 'Write https:// in url, or remove tls.',
    }),
    ...faultIf(new Set(headerNames).size < headerNames.length, {
      message: 'metrics names a header twice in headers, headerFiles and headerEnvironment',
      remedy: 'Keep one of them.',
    }),
  ];
}

function faultIf(isFault: boolean, fault: Fault): readonly Fault[] {
  return isFault ? [fault] : [];
}

/** A checked entry with every path absolute and every default filled in. */
export function toMetricsSource(
  source: ValidMetricsSource,
  absolute: (written: string) => string,
): MetricsSourceConfig {
  const { cluster } = source;
  if (source.kind === 'files') {
    return { kind: 'files', path: absolute(source.path ?? ''), format: source.format, cluster };
  }
  return {
    kind: 'prometheus',
    url: source.url ?? '',
    cluster,
    matchLabels: source.matchLabels ?? {},
    authorization: authorizationOf({ ...source, ...source.basicAuth }, absolute),
    headers: source.headers ?? {},
    secretHeaders: secretHeadersOf(source, absolute),
    tls: toTls(source.tls, absolute),
    timeoutSeconds: source.timeoutSeconds ?? timeoutSecondsDefault,
    concurrency: source.concurrency ?? concurrencyDefault,
  };
}

function secretHeadersOf(
  { headerFiles, headerEnvironment }: ValidMetricsSource,
  absolute: (written: string) => string,
): Readonly<Record<string, SecretPlace>> {
  const places: [string, SecretPlace][] = [];
  for (const [name, path] of Object.entries(headerFiles ?? {}))
    places.push([name, { kind: 'file', path: absolute(path) }]);
  for (const [name, variable] of Object.entries(headerEnvironment ?? {})) {
    places.push([name, { kind: 'environment', name: variable }]);
  }
  return Object.fromEntries(places);
}

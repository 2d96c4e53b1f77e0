import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { ProblemError } from '../../domain/index.ts';
import type { HttpServer, SecretPlace } from './server.ts';

/** A source with its secrets read: holds them for the time of one run, and must never be printed. */
export interface Endpoint {
  /** Ends without a slash. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: HttpAgent | HttpsAgent;
  readonly timeoutMs: number;
  /** A server's text without the secrets that it may have echoed. */
  redact(text: string): string;
  close(): void;
}

/** Reads the credentials and makes the connection pool. @throws ProblemError CONFIG_INVALID when a secret is not there. */
export async function openEndpoint(
  source: HttpServer,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Endpoint> {
  const secrets: string[] = [];
  const secret = async (place: SecretPlace): Promise<string> => {
    const value = await readSecret(source.url, place, environment);
    secrets.push(value);
    return value;
  };
  const headers: Record<string, string> = { ...source.headers };
  for (const [name, place] of Object.entries(source.secretHeaders)) headers[name] = await secret(place);
  const { authorization } = source;
  if (authorization.kind === 'bearer') headers['Authorization'] = `Bearer ${await secret(authorization.token)}`;
  if (authorization.kind === 'basic') {
    const pair = `${authorization.username}:${await secret(authorization.password)}`;
    const encoded = Buffer.from(pair).toString('base64');
    secrets.push(encoded);
    headers['Authorization'] = `Basic ${encoded}`;
  }
  const pool = { keepAlive: true, maxSockets: source.concurrency };
  const agent = source.url.startsWith('https:')
    ? new HttpsAgent({ ...pool, ...(await readTls(source)) })
    : new HttpAgent(pool);
  return {
    url: source.url.replace(/\/+$/, ''),
    headers,
    agent,
    timeoutMs: source.timeoutSeconds * 1000,
    redact: (text) => secrets.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text),
    close: () => agent.destroy(),
  };
}

async function readSecret(
  url: string,
  place: SecretPlace,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const text = place.kind === 'file' ? await readText(url, place.path) : (environment[place.name] ?? '');
  const value = text.trim();
  if (value === '') {
    const what = place.kind === 'file' ? `The file ${place.path}` : `The environment variable ${place.name}`;
    throw credentialMissing(url, `${what}, which should hold a secret of this source, is empty or not set.`);
  }
  // A line break would end the header and begin another one.
  if (/[^\u0020-\u007e\u0080-\u00ff\t]/.test(value)) {
    const where = place.kind === 'file' ? place.path : place.name;
    throw credentialMissing(url, `The secret in ${where} holds a character that no HTTP header may have.`);
  }
  return value;
}

async function readTls(source: HttpServer): Promise<{
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}> {
  const { caFile, certFile, keyFile, serverName } = source.tls;
  return {
    ...(caFile === undefined ? {} : { ca: await readText(source.url, caFile) }),
    ...(certFile === undefined ? {} : { cert: await readText(source.url, certFile) }),
    ...(keyFile === undefined ? {} : { key: await readText(source.url, keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

async function readText(url: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw credentialMissing(url, `The file ${file}, which this source needs, cannot be read (${code}).`);
  }
}

function credentialMissing(url: string, message: string): ProblemError {
  return new ProblemError({
    code: 'CONFIG_INVALID',
    severity: 'error',
    place: { kind: 'query', url, query: 'credentials' },
    message,
    remedy:
      'Correct the path or the variable in flyball.yml, at the entry with this URL; docs/configuration.md lists the fields.',
  });
}

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatProblem, ProblemError } from '../../../src/domain/index.ts';
import { checkPrometheus } from '../../../src/ingest/metrics/index.ts';
import type { PrometheusSource } from '../../../src/ingest/metrics/prometheus/source.ts';
import { aSource, instantPacing, matrix, sendJson, withServer, type Asked } from './answering-server.ts';

const secret = 'v3ry-s3cret-t0ken';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-credentials-'));
  await writeFile(file('token'), `${secret}\n`);
  await writeFile(file('empty'), '\n');
  await writeFile(file('broken'), 'a\r\nHost: elsewhere');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function file(name: string): string {
  return path.join(folder, name);
}

function check(
  source: PrometheusSource,
  environment: Readonly<Record<string, string>> = {},
): ReturnType<typeof checkPrometheus> {
  return checkPrometheus(source, { environment, pacing: instantPacing() });
}

async function headersSent(changes: Partial<PrometheusSource>, environment = {}): Promise<Asked['headers']> {
  return withServer(
    (_, response) => sendJson(response, 200, matrix([])),
    async (server) => {
      await check(aSource({ url: server.url, ...changes }), environment);
      return server.asked[0]?.headers ?? {};
    },
  );
}

async function problemText(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError)
      return `${formatProblem(error.problem)}\n${error.stack}\n${JSON.stringify(error)}`;
    throw error;
  }
  throw new Error('no problem was thrown');
}

describe('credentials', () => {
  test('a bearer token comes from a file or an environment variable', async () => {
    const place = { kind: 'file', path: file('token') } as const;

    expect(await headersSent({ authorization: { kind: 'bearer', token: place } })).toMatchObject({
      authorization: `Bearer ${secret}`,
    });
    expect(
      await headersSent(
        { authorization: { kind: 'bearer', token: { kind: 'environment', name: 'TOKEN' } } },
        { TOKEN: secret },
      ),
    ).toMatchObject({ authorization: `Bearer ${secret}` });
  });

  test('basic authentication, tenants and secret headers are sent', async () => {
    const headers = await headersSent({
      authorization: { kind: 'basic', username: 'me', password: { kind: 'file', path: file('token') } },
      headers: { 'X-Scope-OrgID': 'gpu-team' },
      secretHeaders: { 'X-Api-Key': { kind: 'file', path: file('token') } },
    });

    expect(headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`me:${secret}`).toString('base64')}`,
      'x-scope-orgid': 'gpu-team',
      'x-api-key': secret,
    });
  });

  test.each(['empty', 'broken', 'absent'])(
    'a secret that is %s is told by its place, without its content',
    async (name) => {
      const token = { kind: 'file', path: file(name) } as const;

      const text = await problemText(check(aSource({ authorization: { kind: 'bearer', token } })));

      expect(text).toContain('CONFIG_INVALID');
      expect(text).toContain(file(name));
      expect(text).not.toContain('elsewhere');
    },
  );

  test('a server that echoes the secret does not get it into an error', async () => {
    for (const status of [401, 400, 500]) {
      const text = await withServer(
        ({ headers }, response) =>
          sendJson(response, status, {
            status: 'error',
            errorType: 'auth',
            error: `bad ${headers.authorization} here`,
          }),
        (server) =>
          problemText(
            check(
              aSource({
                url: server.url,
                authorization: { kind: 'bearer', token: { kind: 'file', path: file('token') } },
              }),
            ),
          ),
      );

      expect(text).toContain('[redacted] here');
      expect(text).not.toContain(secret);
    }
  });
});

describe('mTLS', () => {
  const openssl = (...args: readonly string[]): Promise<unknown> =>
    promisify(execFile)('openssl', args, { cwd: folder });

  beforeAll(async () => {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'] as const;
    await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test authority');
    for (const [name, subject] of [
      ['server', '/CN=metrics.internal'],
      ['client', '/CN=flyball'],
    ] as const) {
      await writeFile(file(`${name}.ext`), 'subjectAltName=DNS:metrics.internal\n');
      await openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        subject,
      );
      await openssl(
        'x509',
        '-req',
        '-days',
        '2',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.crt`,
        '-extfile',
        `${name}.ext`,
      );
    }
  });

  test('the client shows its certificate and checks the server’s', async () => {
    const seen: string[] = [];
    const server = {
      key: await readFile(file('server.key')),
      cert: await readFile(file('server.crt')),
      ca: await readFile(file('ca.crt')),
      requestCert: true,
      rejectUnauthorized: true,
    };
    const whole = {
      caFile: file('ca.crt'),
      certFile: file('client.crt'),
      keyFile: file('client.key'),
      serverName: 'metrics.internal',
    };

    await withServer(
      (_, response) => {
        const { subject } = (response.socket as TLSSocket).getPeerCertificate();
        seen.push(String(subject.CN));
        sendJson(response, 200, matrix([]));
      },
      async ({ url }) => {
        expect((await check(aSource({ url, tls: whole }))).gpuSeries.size).toBe(0);
        const withoutOwn = { ...whole, certFile: undefined, keyFile: undefined };
        expect(await problemText(check(aSource({ url, tls: withoutOwn })))).toContain('SOURCE_UNREACHABLE');
        expect(await problemText(check(aSource({ url, tls: { ...whole, caFile: undefined } })))).toContain(
          'certificate',
        );
        expect(await problemText(check(aSource({ url, tls: { ...whole, serverName: undefined } })))).toContain(
          'localhost',
        );
      },
      server,
    );

    expect(new Set(seen)).toEqual(new Set(['flyball']));
  });
});

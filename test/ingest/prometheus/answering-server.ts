import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { Pacing } from '../../../src/ingest/http/index.ts';
import type { PrometheusSource } from '../../../src/ingest/metrics/prometheus/source.ts';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

export interface AnsweringServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

/** A real HTTP server on a free port that answers as a test says, and remembers what it was asked. */
export async function startAnswering(
  answer: (asked: Asked, response: ServerResponse, nth: number) => void,
  tls?: ServerOptions,
): Promise<AnsweringServer> {
  const asked: Asked[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const body = Buffer.concat(chunks).toString();
      const one = {
        path: pathname,
        headers: request.headers,
        form: body === '' ? searchParams : new URLSearchParams(body),
      };
      asked.push(one);
      answer(one, response, asked.length);
    });
  };
  const server = tls === undefined ? createHttpServer(handle) : createHttpsServer(tls, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    asked,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Runs with a server that is gone afterwards. */
export async function withServer<Result>(
  answer: Parameters<typeof startAnswering>[0],
  work: (server: AnsweringServer) => Promise<Result>,
  tls?: ServerOptions,
): Promise<Result> {
  const server = await startAnswering(answer, tls);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function matrix(series: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): unknown {
  return { status: 'success', data: { resultType: 'matrix', result: series }, ...more };
}

export function prometheusError(errorType: string, error: string): unknown {
  return { status: 'error', errorType, error };
}

/** One series with the value 1 at every time that was asked for. */
export function everyPoint(form: URLSearchParams): unknown {
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name))) as [number, number, number];
  const count = Math.floor((end - start) / step) + 1;
  return { metric: { pod: 'a' }, values: Array.from({ length: count }, (_, index) => [start + index * step, '1']) };
}

export function aSource(changes: Partial<PrometheusSource> = {}): PrometheusSource {
  return {
    kind: 'prometheus',
    url: 'http://localhost:1',
    cluster: 'prod',
    matchLabels: {},
    authorization: { kind: 'none' },
    headers: {},
    secretHeaders: {},
    tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
    timeoutSeconds: 10,
    concurrency: 2,
    ...changes,
  };
}

/** Waits no time, remembers how long it should have, and throws the highest dice. */
export function instantPacing(nowMs = Date.UTC(2026, 9, 3)): Pacing & { readonly waitedMs: readonly number[] } {
  const waitedMs: number[] = [];
  return {
    waitedMs,
    now: () => nowMs,
    wait: (ms, signal) => {
      signal?.throwIfAborted();
      waitedMs.push(ms);
      return Promise.resolve();
    },
    random: () => 1,
  };
}

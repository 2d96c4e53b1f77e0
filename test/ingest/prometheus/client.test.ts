import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../src/domain/index.ts';
import {
  createPrometheusClient,
  type PrometheusClient,
  type QueryAnswer,
} from '../../../src/ingest/metrics/prometheus/client.ts';
import { openEndpoint } from '../../../src/ingest/http/index.ts';
import type { Pacing } from '../../../src/ingest/http/index.ts';
import type { PrometheusSource } from '../../../src/ingest/metrics/prometheus/source.ts';
import {
  aSource,
  everyPoint,
  instantPacing,
  matrix,
  prometheusError,
  sendJson,
  withServer,
} from './answering-server.ts';

const hour = 3_600_000;
const startMs = Date.UTC(2026, 9, 1);
const day = { startMs, endMs: startMs + 23 * hour, stepMs: hour };

async function withClient<Result>(
  source: PrometheusSource,
  work: (client: PrometheusClient) => Promise<Result>,
  options: { readonly pacing?: Pacing; readonly signal?: AbortSignal } = {},
): Promise<Result> {
  const endpoint = await openEndpoint(source, {});
  try {
    return await work(
      createPrometheusClient(endpoint, { concurrency: source.concurrency, pacing: instantPacing(), ...options }),
    );
  } finally {
    endpoint.close();
  }
}

async function ask(client: PrometheusClient, range = day, query = 'up'): Promise<readonly QueryAnswer[]> {
  const answers: QueryAnswer[] = [];
  for await (const answer of client.queryRange(query, range)) answers.push(answer);
  return answers;
}

async function problemOf(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError)
      return { code: error.problem.code, text: `${error.message} ${error.problem.remedy}` };
    throw error;
  }
  throw new Error('no problem was thrown');
}

const times = (answers: readonly QueryAnswer[]): readonly number[] =>
  answers.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([atMs]) => atMs)));

describe('the limits of servers', () => {
  test('more than 11,000 points a series are asked for in parts that leave out none and repeat none', async () => {
    const range = { startMs, endMs: startMs + 25_000 * 60_000, stepMs: 60_000 };

    const { answered, asked } = await withServer(
      ({ form }, response) => sendJson(response, 200, matrix([everyPoint(form)])),
      async (server) => ({
        answered: times(await withClient(aSource({ url: server.url }), (client) => ask(client, range))),
        asked: server.asked.length,
      }),
    );

    expect(asked).toBe(3);
    expect(answered).toEqual(Array.from({ length: 25_001 }, (_, index) => startMs + index * 60_000));
  });

  test.each([
    [422, 'execution', 'query processing would load too many samples into memory in query execution'],
    [
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution',
    ],
    [503, 'timeout', 'query timed out in expression evaluation'],
    [422, '422', 'cannot select more than -search.maxSamplesPerQuery=1000000000 samples; the limit is reached'],
    [413, 'too_large', 'request entity too large'],
  ])('HTTP %i with "%s" halves the range until it is answered', async (status, errorType, error) => {
    const { answers, asked } = await withServer(
      ({ form }, response) => {
        const points = (Number(form.get('end')) - Number(form.get('start'))) / 3600 + 1;
        if (points > 6) sendJson(response, status, prometheusError(errorType, error));
        else sendJson(response, 200, matrix([everyPoint(form)]));
      },
      async (server) => ({
        answers: await withClient(aSource({ url: server.url }), (client) => ask(client)),
        asked: server.asked.length,
      }),
    );

    expect(times(answers)).toEqual(Array.from({ length: 24 }, (_, index) => startMs + index * hour));
    expect(asked).toBe(7);
  });

  test('an hour that cannot be answered is told with URL and query, and the others are used', async () => {
    const badSeconds = (startMs + 5 * hour) / 1000;
    const answers = await withServer(
      ({ form }, response) => {
        const holdsBad = Number(form.get('start')) <= badSeconds && Number(form.get('end')) >= badSeconds;
        if (holdsBad) sendJson(response, 422, prometheusError('execution', 'too many samples'));
        else sendJson(response, 200, matrix([everyPoint(form)]));
      },
      (server) => withClient(aSource({ url: server.url }), (client) => ask(client, day, 'sum(up)')),
    );

    expect(times(answers)).toHaveLength(23);
    expect(answers.flatMap(({ failed }) => failed)).toMatchObject([
      { code: 'METRICS_QUERY_FAILED', place: { kind: 'query', query: 'sum(up)' } },
    ]);
  });

  test('a slow answer is given up after the timeout, and a shorter range is asked for', async () => {
    const answers = await withServer(
      ({ form }, response) => {
        if (Number(form.get('end')) - Number(form.get('start')) < 12 * 3600)
          sendJson(response, 200, matrix([everyPoint(form)]));
        else response.write('{');
      },
      (server) => withClient(aSource({ url: server.url, timeoutSeconds: 0.2 }), (client) => ask(client)),
    );

    expect(times(answers)).toHaveLength(24);
  });
});

describe('what may pass', () => {
  test.each([429, 500, 502, 503])('HTTP %i is tried again, later each time', async (status) => {
    const pacing = instantPacing();
    const answers = await withServer(
      ({ form }, response, nth) => {
        if (nth < 4) sendJson(response, status, {});
        else sendJson(response, 200, matrix([everyPoint(form)]));
      },
      (server) => withClient(aSource({ url: server.url }), (client) => ask(client), { pacing }),
    );

    expect(times(answers)).toHaveLength(24);
    expect(pacing.waitedMs).toEqual([500, 1000, 2000]);
  });

  test('Retry-After is honoured as seconds and as a date, and given up when it asks for too much', async () => {
    const waits = async (retryAfter: string): Promise<{ waitedMs: readonly number[]; asked: number }> => {
      const pacing = instantPacing(Date.UTC(2026, 9, 3));
      return withServer(
        ({ form }, response, nth) => {
          if (nth === 1) sendJson(response, 503, {}, { 'Retry-After': retryAfter });
          else sendJson(response, 200, matrix([everyPoint(form)]));
        },
        async (server) => {
          await withClient(aSource({ url: server.url }), (client) => ask(client), { pacing }).catch(() => undefined);
          return { waitedMs: pacing.waitedMs, asked: server.asked.length };
        },
      );
    };

    expect(await waits('7')).toEqual({ waitedMs: [7500], asked: 2 });
    expect(await waits('Sat, 03 Oct 2026 00:00:20 GMT')).toEqual({ waitedMs: [20_500], asked: 2 });
    expect(await waits('86400')).toEqual({ waitedMs: [], asked: 1 });
  });

  test('a connection that breaks off is tried again, and given up after five times with a reason', async () => {
    const { asked, problem } = await withServer(
      (_, response) => {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('{"status"');
        setTimeout(() => response.destroy(), 5);
      },
      async (server) => ({
        problem: await problemOf(withClient(aSource({ url: server.url }), (client) => ask(client))),
        asked: server.asked.length,
      }),
    );

    expect(asked).toBe(5);
    expect(problem.code).toBe('SOURCE_UNREACHABLE');
    expect(problem.text).toContain('(5 attempts)');
  });

  test('a server that was given up is not asked again by the queries in wait', async () => {
    const asked = await withServer(
      (_, response) => sendJson(response, 500, {}),
      (server) =>
        withClient(aSource({ url: server.url, concurrency: 1 }), async (client) => {
          await Promise.allSettled(Array.from({ length: 10 }, () => ask(client)));
          return server.asked.length;
        }),
    );

    expect(asked).toBe(5);
  });

  test('cancelling ends a request in flight and a wait, and nothing more is asked', async () => {
    const control = new AbortController();
    const asked = await withServer(
      () => undefined,
      async (server) => {
        const asking = withClient(aSource({ url: server.url }), (client) => ask(client), { signal: control.signal });
        await sleep(50);
        control.abort(new Error('stopped by the user'));
        await expect(asking).rejects.toThrow('stopped by the user');
        await sleep(50);
        return server.asked.length;
      },
    );

    expect(asked).toBe(1);
  });

  test('no more requests run at a time than configured', async () => {
    let running = 0;
    let most = 0;
    await withServer(
      ({ form }, response) => {
        running += 1;
        most = Math.max(most, running);
        setTimeout(() => {
          running -= 1;
          sendJson(response, 200, matrix([everyPoint(form)]));
        }, 10);
      },
      (server) =>
        withClient(aSource({ url: server.url, concurrency: 3 }), (client) =>
          Promise.all(Array.from({ length: 12 }, () => ask(client))),
        ),
    );

    expect(most).toBe(3);
  });
});

describe('what a server refuses or gets wrong', () => {
  test.each([
    [401, 'bearerTokenFile'],
    [403, 'credentials'],
    [404, '/select/0/prometheus'],
    [302, 'redirects'],
  ])('HTTP %i is not tried again, and says what to do: %s', async (status, remedy) => {
    const { problem, asked } = await withServer(
      (_, response) => {
        response.writeHead(status, { Location: 'http://localhost:1/elsewhere' });
        response.end('no');
      },
      async (server) => ({
        problem: await problemOf(withClient(aSource({ url: server.url }), (client) => ask(client))),
        asked: server.asked.length,
      }),
    );

    expect(asked).toBe(1);
    expect(problem.code).toBe('SOURCE_UNREACHABLE');
    expect(problem.text).toContain(remedy);
  });

  test.each([
    ['<html>Sign in</html>', 'not a JSON object'],
    ['['.repeat(200_000), 'not a JSON object'],
    [`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'no status and data'],
    ['{"status":"success","data":{"resultType":"vector","result":[]}}', 'no matrix but vector'],
  ])('an answer that is not one of the API is refused', async (body, reason) => {
    const problem = await withServer(
      (_, response) => response.end(body),
      (server) => problemOf(withClient(aSource({ url: server.url }), (client) => ask(client))),
    );

    expect(problem.code).toBe('METRICS_QUERY_FAILED');
    expect(problem.text).toContain(reason);
  });

  test('points off the grid, out of the range, repeated or misshapen are left out and counted; NaN and Inf are read', async () => {
    const at = (hours: number): number => startMs / 1000 + hours * 3600;
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`label_${index}`, '']));
    const series = [
      {
        metric: { pod: 'a' },
        values: [
          [at(2), '3'],
          [at(1), '2'],
          [at(1), '9'],
          [at(1) + 7, '1'],
          [at(99), '1'],
          [at(3), 'NaN'],
          [at(4), '-Inf'],
          [at(5), 'many'],
          [at(6)],
          'x',
        ],
      },
      { metric: { pod: 5 }, values: [] },
      { metric: many, values: [] },
      { values: [] },
    ];
    const [answer] = await withServer(
      (_, response) => sendJson(response, 200, matrix(series)),
      (server) => withClient(aSource({ url: server.url }), (client) => ask(client)),
    );

    expect(answer?.series.map(({ points }) => points.map(([, value]) => value))).toEqual([
      [3, 2, Number.NaN, Number.NEGATIVE_INFINITY],
    ]);
    expect(answer?.malformed).toBe(9);
  });

  test('warnings of Thanos and the partial mark of VictoriaMetrics are passed on', async () => {
    const answers = await withServer(
      (_, response) =>
        sendJson(
          response,
          200,
          matrix([], {
            warnings: ['store away\nline 2', 'PromQL info: metric might not be a counter'],
            isPartial: true,
          }),
        ),
      (server) => withClient(aSource({ url: server.url }), (client) => ask(client)),
    );

    expect(answers[0]?.warnings).toEqual(['store away line 2', 'isPartial: some storage nodes did not answer']);
  });
});

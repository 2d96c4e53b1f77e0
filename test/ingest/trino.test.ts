import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { epochMs, silentProgress } from '../../src/domain/index.ts';
import type { Pacing } from '../../src/ingest/http/index.ts';
import { fetchBill, type TrinoSource } from '../../src/ingest/trino/index.ts';
import { focusColumns, monthQuery, monthsBetween } from '../../src/ingest/trino/month-query.ts';
import { withLedger } from '../ledger/worlds.ts';
import { costSums, ingest } from './billing/exports.ts';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

const needed = ['BilledCost', 'EffectiveCost', 'ListCost', 'BillingCurrency', 'ChargeCategory'];
const described = [
  ...needed.map((name) => [name.toLowerCase(), name.endsWith('Cost') ? 'double' : 'varchar']),
  ['chargeperiodstart', 'timestamp(3) with time zone'],
  ['chargeperiodend', 'timestamp(3) with time zone'],
  ['owner', 'varchar'],
];

/** One charge of 2.5 as Trino answers it, in the order of the columns that are read. */
const charge = [
  '2.5000000000',
  'USD',
  'Usage',
  '2026-10-01 01:00:00+00',
  '2026-10-01 00:00:00+00',
  '2.5000000000',
  '3.0000000000',
];

type Answer = (request: Request, nth: number, base: string) => { readonly status?: number; readonly body: unknown };

/** Queued, then planned with the rows, then done: three answers, as the protocol has it. */
const wellBehaved: Answer = (request, _nth, base) => {
  if (request.method === 'POST') {
    const kind = request.body.startsWith('SHOW') ? 'columns' : 'rows';
    return { body: { id: '1', nextUri: `${base}/v1/statement/queued/${kind}/1`, stats: {} } };
  }
  const rows = request.path.includes('columns') ? described : [charge];
  return request.path.endsWith('/1')
    ? { body: { id: '1', data: rows, nextUri: `${base}${request.path.slice(0, -1)}2`, columns: [], stats: {} } }
    : { body: { id: '1', stats: {} } };
};

async function withTrino<Result>(
  answer: Answer,
  work: (url: string, requests: readonly Request[]) => Promise<Result>,
): Promise<Result> {
  const requests: Request[] = [];
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url, body: Buffer.concat(chunks).toString(), headers };
      requests.push(request);
      const { status = 200, body } = answer(request, requests.length, `http://${headers.host}`);
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  };
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    return await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function aSource(url: string, more: Partial<TrinoSource> = {}): TrinoSource {
  return {
    url,
    user: 'flyball',
    tables: ['lake.bill.focus'],
    granularity: 'hour',
    queryTimeoutMinutes: 30,
    authorization: { kind: 'none' },
    headers: {},
    secretHeaders: {},
    tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
    timeoutSeconds: 5,
    concurrency: 1,
    ...more,
  };
}

const [start, end] = [epochMs(Date.UTC(2026, 9, 2)), epochMs(Date.UTC(2026, 9, 31))];

/** Waits for nothing; its clock goes on by a minute a question. */
function atOnce(): Pacing & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  let now = 0;
  return {
    waits,
    now: () => (now += 60_000),
    wait: (ms) => Promise.resolve(void waits.push(ms)),
    random: () => 0.5,
  };
}

async function fetchInto(folder: string, source: TrinoSource, pacing = atOnce()): ReturnType<typeof fetchBill> {
  return fetchBill(source, {
    windowStart: start,
    windowEnd: end,
    folder,
    memoryLimitMib: 256,
    pacing,
    progress: silentProgress,
    environment: { TRINO_TOKEN: 'sesame' },
  });
}

describe('Trino', () => {
  test('is asked for its columns and for each month, and its answer is read as FOCUS', async () => {
    await withTrino(wellBehaved, async (url, requests) =>
      withLedger(async (ledger, root) => {
        const folder = path.join(root, 'trino');
        const token = { kind: 'environment', name: 'TRINO_TOKEN' } as const;
        const source = aSource(url, { authorization: { kind: 'bearer', token } });

        expect(await fetchInto(folder, source)).toEqual({
          folders: [path.join(folder, 'lake.bill.focus')],
          problems: [],
        });

        await ingest(ledger, [path.join(folder, 'lake.bill.focus')], 'focus');
        expect((await costSums(ledger)).map(String)).toContain('2.5');
        expect(new Set(requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer sesame']));
        expect(requests[0]?.headers['x-trino-user']).toBe('flyball');
        expect(await readdir(folder)).toEqual(['lake.bill.focus']);
      }),
    );
  });

  test('that leads to another host is still asked at the configured one', async () => {
    const elsewhere: Answer = (request, nth) => wellBehaved(request, nth, 'http://elsewhere.example:1/prefix');
    await withTrino(elsewhere, async (url) =>
      withLedger(async (_, root) => {
        expect((await fetchInto(path.join(root, 'trino'), aSource(url))).problems).toEqual([]);
      }),
    );
  });

  test('that is busy is asked again after a while, and given up in the end', async () => {
    let refusals = 2;
    const busy: Answer = (request, nth, base) => {
      refusals -= 1;
      return refusals >= 0 ? { status: 503, body: 'busy' } : wellBehaved(request, nth, base);
    };
    await withTrino(busy, async (url) =>
      withLedger(async (_, root) => {
        const pacing = atOnce();

        expect((await fetchInto(path.join(root, 'trino'), aSource(url), pacing)).problems).toEqual([]);
        expect(pacing.waits).toHaveLength(2);

        refusals = 1_000;
        const { problems } = await fetchInto(path.join(root, 'trino'), aSource(url));
        expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
          expect.stringMatching(/^SOURCE_UNREACHABLE Trino gives no answer: HTTP 503, busy \(5 attempts\)\./),
        ]);
      }),
    );
  });

  test('whose query takes too long is told to stop', async () => {
    const endless: Answer = (request, nth, base) =>
      request.method === 'DELETE'
        ? { body: '' }
        : { body: { id: '1', nextUri: `${base}/v1/statement/executing/${nth}`, stats: {} } };
    await withTrino(endless, async (url, requests) =>
      withLedger(async (_, root) => {
        const { problems } = await fetchInto(path.join(root, 'trino'), aSource(url, { queryTimeoutMinutes: 2 }));

        expect(problems[0]?.message).toContain('the query took longer than 2 minutes');
        expect(requests.at(-1)).toMatchObject({ method: 'DELETE', path: expect.stringContaining('/v1/statement/') });
      }),
    );
  });

  const answers: Readonly<Record<string, readonly [Answer, string, string]>> = {
    'an error of the query': [
      () => ({ body: { id: '1', stats: {}, error: { errorName: 'SYNTAX_ERROR', message: 'line 1\nof sesame' } } }),
      'BILLING_QUERY_FAILED',
      'Trino cannot answer: SYNTAX_ERROR: line 1 of [redacted]',
    ],
    'wrong credentials': [
      () => ({ status: 401, body: 'no' }),
      'SOURCE_UNREACHABLE',
      'Trino refuses the request: HTTP 401 (no)',
    ],
    'a login page': [() => ({ body: '<html>' }), 'SOURCE_UNREACHABLE', 'the answer is not one of Trino: <html>'],
    'a next page that is none': [
      () => ({ body: { id: '1', nextUri: 'file:///etc/passwd' } }),
      'SOURCE_UNREACHABLE',
      'the answer is not one of Trino',
    ],
  };

  test.each(Object.entries(answers))('answers with %s, which is reported', async (_, [answer, code, message]) => {
    await withTrino(answer, async (url) =>
      withLedger(async (_ledger, root) => {
        const token = { kind: 'environment', name: 'TRINO_TOKEN' } as const;
        const source = aSource(url, { authorization: { kind: 'bearer', token } });
        const { problems, folders } = await fetchInto(path.join(root, 'trino'), source);

        expect(folders).toEqual([]);
        expect(problems).toEqual([expect.objectContaining({ code, message: expect.stringContaining(message) })]);
      }),
    );
  });
});

describe('the query of a month', () => {
  const columns = focusColumns(described.map(([name = '', type = '']) => ({ name, type })));

  test('adds exactly, groups by everything else, and keeps rows without a cost apart', () => {
    const sql = monthQuery('lake.bill.focus', columns, { month: '2026-12', granularity: 'hour' });

    expect(sql).toContain('FROM "lake"."bill"."focus"');
    expect(sql).toContain('CAST(sum(CAST("billedcost" AS decimal(25,10))) AS varchar) AS "BilledCost"');
    expect(sql).toContain('CAST("billedcost" AS decimal(25,10)) IS NULL');
    expect(sql).not.toContain('owner');
    expect(sql).toContain(
      `"chargeperiodstart" >= TIMESTAMP '2026-12-01 00:00:00 UTC' AND "chargeperiodstart" < TIMESTAMP '2027-01-01 00:00:00 UTC'`,
    );
  });

  test('asks for every month that the window touches', () => {
    expect(monthsBetween(Date.UTC(2026, 10, 30, 23), Date.UTC(2027, 1, 1))).toEqual(['2026-11', '2026-12', '2027-01']);
  });
});

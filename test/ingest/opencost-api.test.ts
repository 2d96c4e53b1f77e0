import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { epochMs, formatProblem, silentProgress, type Problem } from '../../src/domain/index.ts';
import { fetchAllocations, type AllocationServer } from '../../src/ingest/opencost/index.ts';
import { day, start, withLedger } from '../ledger/worlds.ts';
import { costSums, ingest } from './billing/exports.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function withServer<Result>(handle: Handler, work: (url: string) => Promise<Result>): Promise<Result> {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    return await work(`http://127.0.0.1:${port}/model/allocation`);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

/** Answers as OpenCost does: one step, one workload that costs 2.5 in the window that was asked for. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [from = '', to = ''] = (new URL(request.url ?? '', 'http://x').searchParams.get('window') ?? '').split(',');
  const allocation = {
    name: 'prod/inference/deployment/clip',
    properties: { cluster: 'prod', namespace: 'inference', controller: 'clip', controllerKind: 'deployment' },
    window: { start: from, end: to },
    minutes: 1440,
    totalCost: 2.5,
  };
  response.end(JSON.stringify({ code: 200, data: [{ [allocation.name]: allocation }] }));
}

async function fetchInto(
  folder: string,
  server: Partial<AllocationServer> & { readonly url: string },
  days = 10,
): Promise<readonly Problem[]> {
  return fetchAllocations(
    { tokenFile: undefined, windowHours: 24, timeoutSeconds: 5, ...server },
    { windowStart: start, windowEnd: epochMs(start + days * day), folder, progress: silentProgress },
  );
}

describe('OpenCost’s allocation API', () => {
  test('is asked window by window with the token of a file; settled windows are asked for once', async () => {
    const asked: IncomingMessage[] = [];
    const handle: Handler = (request, response) => {
      asked.push(request);
      answer(request, response);
    };
    await withServer(handle, async (url) =>
      withLedger(async (ledger, root) => {
        const folder = path.join(root, 'opencost');
        const tokenFile = path.join(root, 'token');
        await writeFile(tokenFile, 'sesame\n');

        expect(await fetchInto(folder, { url, tokenFile })).toEqual([]);

        expect(asked).toHaveLength(10);
        expect(asked.map(({ headers }) => headers.authorization)).toEqual(
          Array.from({ length: 10 }, () => 'Bearer sesame'),
        );
        expect(new URL(asked[0]?.url ?? '', url).searchParams.get('window')).toBe(
          '2026-10-01T00:00:00Z,2026-10-02T00:00:00Z',
        );
        await ingest(ledger, [folder], 'opencost');
        expect((await costSums(ledger))[1]).toBe('25');

        await fetchInto(folder, { url, tokenFile }, 11);
        expect(asked).toHaveLength(13);
        await ingest(ledger, [folder], 'opencost');
        expect((await costSums(ledger))[1]).toBe('27.5');
      }),
    );
  });

  const failures: Readonly<Record<string, readonly [Handler, string]>> = {
    'an error status': [(_, response) => response.writeHead(503).end(), 'status 503'],
    'a redirect': [(_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'redirect'],
    'no answer in time': [() => undefined, 'timeout'],
    'an answer that ends early': [(_, response) => response.writeHead(200, { 'content-length': '99' }).end('{'), ''],
  };

  test.each(Object.entries(failures))(
    '%s is reported with the query, and what was saved stays',
    async (_, [handle, told]) => {
      await withServer(handle, async (url) =>
        withLedger(async (_ledger, folder) => {
          const saved = path.join(folder, 'opencost');
          await mkdir(saved);
          await writeFile(path.join(saved, 'before.json'), '{}');

          const problems = await fetchInto(saved, { url, timeoutSeconds: 1 });

          expect(problems).toMatchObject([{ code: 'SOURCE_UNREACHABLE', place: { kind: 'query', url } }]);
          expect(problems.map(formatProblem).join('')).toContain(told);
          expect(await readdir(saved)).toEqual(['before.json']);
        }),
      );
    },
  );

  test('a token that cannot be read is named, and nothing is asked', async () => {
    await withServer(answer, async (url) =>
      withLedger(async (_, folder) => {
        const problems = await fetchInto(folder, { url, tokenFile: path.join(folder, 'none') });

        expect(problems).toMatchObject([{ code: 'SOURCE_UNREACHABLE', place: { kind: 'file' } }]);
      }),
    );
  });
});

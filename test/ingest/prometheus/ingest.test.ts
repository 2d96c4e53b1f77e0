import { describe, expect, test } from 'vitest';
import { epochMs, silentProgress } from '../../../src/domain/index.ts';
import type { IngestResult } from '../../../src/ingest/billing/index.ts';
import { ingestPrometheus } from '../../../src/ingest/metrics/prometheus/ingest-prometheus.ts';
import type { PrometheusSource } from '../../../src/ingest/metrics/prometheus/source.ts';
import { readRows, type Ledger } from '../../../src/ledger/index.ts';
import { day, gpuLabels, hour, start, withLedger } from '../../ledger/worlds.ts';
import { aSource, instantPacing, matrix, sendJson, withServer, type Asked } from './answering-server.ts';

const metric = 'DCGM_FI_PROF_SM_ACTIVE';

/** A scan as of `endMs`, run ten minutes later. */
function ingest(ledger: Ledger, source: PrometheusSource, endMs = start + day): Promise<IngestResult> {
  return ingestPrometheus(ledger, {
    sources: [source],
    window: { start, end: epochMs(endMs) },
    progress: silentProgress,
    environment: {},
    pacing: instantPacing(endMs + 10 * 60_000),
  });
}

async function sums(ledger: Ledger): Promise<readonly string[]> {
  const rows = await readRows(
    ledger.connection,
    `SELECT concat_ws(' ', strftime(hour, '%d %H'), gpu, sm_active_sum, sm_active_samples) AS line FROM gpu_hour ORDER BY line`,
  );
  return rows.map((row) => row.text('line'));
}

/** What a server with one GPU, busy by half and sampled once a minute, answers to each statistic. */
function valueOf(query: string): string | undefined {
  if (query.startsWith('sum_over_time')) return '30';
  if (query.startsWith('count_over_time')) return '60';
  return query.startsWith('min_over_time') || query.startsWith('max_over_time') ? '0.5' : undefined;
}

function answerOf({ path, form }: Asked, labels: readonly Readonly<Record<string, string>>[]): unknown {
  if (path.endsWith('/values')) return { status: 'success', data: [metric, 'up'] };
  const query = form.get('query') ?? '';
  const value = valueOf(query);
  if (!query.includes(metric) || value === undefined) return matrix([]);
  const [from, to] = [Number(form.get('start')), Number(form.get('end'))];
  const values = Array.from({ length: (to - from) / 3600 + 1 }, (_, index) => [from + index * 3600, value]);
  return matrix(labels.map((one) => ({ metric: one, values })));
}

const times24 = (text: (hours: string) => string): readonly string[] =>
  Array.from({ length: 24 }, (_, index) => text(String(index).padStart(2, '0')));

describe('a day of a metrics server', () => {
  test('asks only for metrics that the server has, and keeps hourly sums', async () => {
    await withServer(
      (asked, response) => sendJson(response, 200, answerOf(asked, [gpuLabels()])),
      async ({ url, asked }) =>
        withLedger(async (ledger) => {
          const { problems, files } = await ingest(ledger, aSource({ url, matchLabels: { cluster: 'a"b' } }));

          expect(problems).toEqual([]);
          expect(files).toMatchObject([{ rows: 24, status: 'ingested' }]);
          expect(await sums(ledger)).toEqual(times24((hours) => `01 ${hours} GPU-0 30.000000 60`));
          const queries = asked.map(({ form }) => form.get('query') ?? '').filter((query) => query.includes('DCGM'));
          expect(new Set(queries)).toEqual(
            new Set(
              ['count', 'max', 'min', 'sum'].map(
                (name) => `${name}_over_time(${metric}{cluster="a\\"b"}[1h] offset 1ms)`,
              ),
            ),
          );
          expect(queries).toHaveLength(4);
        }),
    );
  });

  test('an answer with warnings is used, told, and asked for again in the next run', async () => {
    let isPartial = true;
    await withServer(
      (asked, response) => {
        const answer = answerOf(asked, [gpuLabels()]) as object;
        sendJson(
          response,
          200,
          isPartial && !asked.path.endsWith('/values') ? { ...answer, warnings: ['store 2 is away'] } : answer,
        );
      },
      async ({ url }) =>
        withLedger(async (ledger) => {
          const partial = await ingest(ledger, aSource({ url }));
          isPartial = false;
          const whole = await ingest(ledger, aSource({ url }));
          const kept = await ingest(ledger, aSource({ url }));

          expect(
            partial.problems.map(({ code, message }) => [code, message.includes('store 2 is away')]),
          ).toContainEqual(['METRICS_ANSWER_PARTIAL', true]);
          expect(whole.problems).toEqual([]);
          expect(whole.files).toMatchObject([{ status: 'ingested' }]);
          expect(kept.files).toMatchObject([{ status: 'unchanged' }]);
          expect(await sums(ledger)).toHaveLength(24);
        }),
    );
  });

  test('the last hour before the scan is read when five minutes have passed since its end', async () => {
    await withServer(
      (asked, response) => sendJson(response, 200, answerOf(asked, [gpuLabels()])),
      async ({ url }) =>
        withLedger(async (ledger) => {
          const window = { start, end: epochMs(start + 5 * hour) };
          const run = async (minutesLater: number): Promise<number> => {
            const pacing = instantPacing(window.end + minutesLater * 60_000);
            await ingestPrometheus(ledger, { sources: [aSource({ url })], window, progress: silentProgress, pacing });
            return (await sums(ledger)).length;
          };

          expect(await run(4)).toBe(4);
          expect(await run(6)).toBe(5);
          expect(await run(600)).toBe(5);
        }),
    );
  });

  test('a server that goes away in mid-day leaves what the ledger holds', async () => {
    let isAway = false;
    await withServer(
      (asked, response) => {
        if (isAway && asked.form.get('query')?.startsWith('max') === true) sendJson(response, 500, {});
        else sendJson(response, 200, answerOf(asked, [gpuLabels()]));
      },
      async ({ url }) =>
        withLedger(async (ledger) => {
          await ingest(ledger, aSource({ url }), start + 12.5 * hour);
          const before = await sums(ledger);
          isAway = true;
          const { problems } = await ingest(ledger, aSource({ url }));

          expect(problems.map(({ code }) => code)).toEqual(['SOURCE_UNREACHABLE']);
          expect(before).toHaveLength(12);
          expect(await sums(ledger)).toEqual(before);
        }),
    );
  });

  test('a server that goes away on the first of three days keeps the other two as they were', async () => {
    let isAway = false;
    await withServer(
      (asked, response) => {
        if (isAway) sendJson(response, 503, {}, { 'Retry-After': '3600' });
        else sendJson(response, 200, { ...(answerOf(asked, [gpuLabels()]) as object), warnings: ['not all'] });
      },
      async ({ url }) =>
        withLedger(async (ledger) => {
          await ingest(ledger, aSource({ url }), start + 3 * day);
          const before = await sums(ledger);
          isAway = true;
          const { problems, files } = await ingest(ledger, aSource({ url }), start + 3 * day);

          expect(problems.map(({ code }) => code)).toEqual(['SOURCE_UNREACHABLE']);
          expect(files).toEqual([]);
          expect(before).toHaveLength(72);
          expect(await sums(ledger)).toEqual(before);
        }),
    );
  });

  test('a series that is there twice in one answer counts once and is told', async () => {
    await withServer(
      (asked, response) => sendJson(response, 200, answerOf(asked, [gpuLabels(), gpuLabels()])),
      async ({ url }) =>
        withLedger(async (ledger) => {
          const { problems } = await ingest(ledger, aSource({ url }));

          expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['METRICS_QUERY_FAILED']));
          expect(await sums(ledger)).toEqual(times24((hours) => `01 ${hours} GPU-0 30.000000 60`));
        }),
    );
  });

  test.each([
    ['no GPU series at all', [], 'METRICS_FORMAT_UNKNOWN'],
    ['only the exporter’s own pods', [gpuLabels({ pod: 'dcgm-exporter-abcde' })], 'METRICS_LABELS_MISSING'],
    ['no pods', [gpuLabels({ pod: '' })], 'METRICS_LABELS_MISSING'],
    ['no GPU names', [gpuLabels({ UUID: '', gpu: '' }), gpuLabels()], 'METRICS_LABELS_MISSING'],
  ])('%s is told', async (_, labels, code) => {
    await withServer(
      (asked, response) => sendJson(response, 200, answerOf(asked, labels)),
      async ({ url }) =>
        withLedger(async (ledger) => {
          const { problems } = await ingest(ledger, aSource({ url }));

          expect(problems.map((problem) => [problem.code, problem.place.kind])).toEqual([[code, 'query']]);
        }),
    );
  });
});

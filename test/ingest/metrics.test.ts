import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs, formatProblem } from '../../src/domain/index.ts';
import { ingestMetrics, type MetricsFiles } from '../../src/ingest/metrics/index.ts';
import type { IngestResult } from '../../src/ingest/billing/index.ts';
import { readRows, type Ledger } from '../../src/ledger/index.ts';
import { day, gpuLabels, hourly, openMetrics, seriesText, start, withLedger, type Sample } from '../ledger/worlds.ts';

const smActive = 'DCGM_FI_PROF_SM_ACTIVE';

function ingest(ledger: Ledger, file: string, changes: Partial<MetricsFiles> = {}): Promise<IngestResult> {
  return ingestMetrics(ledger, {
    sources: [{ kind: 'files', path: file, format: 'auto', cluster: undefined, ...changes }],
    window: { start, end: epochMs(start + 31 * day) },
    now: () => start + 31 * day,
  });
}

/** Writes and reads one file, and gives what came of it. */
async function read(
  content: string | Buffer,
  options: { readonly name?: string; readonly source?: Partial<MetricsFiles> } = {},
): Promise<{ readonly result: IngestResult; readonly hours: readonly string[] }> {
  return withLedger(async (ledger, folder) => {
    const file = path.join(folder, options.name ?? 'gpus.om');
    await writeFile(file, content);
    return { result: await ingest(ledger, file, options.source), hours: await gpuHours(ledger) };
  });
}

/** One text per GPU, pod and hour: who, when, and the mean of SM_ACTIVE over its samples. */
async function gpuHours(ledger: Ledger): Promise<readonly string[]> {
  const rows = await readRows(
    ledger.connection,
    `SELECT concat_ws(' ', cluster, hostname, gpu, nullif(gpu_instance_id, ''), holder, namespace || '/' || pod,
       strftime(hour, '%d %H:%M'), sum(sm_active_sum) / sum(sm_active_samples), sum(sm_active_samples)) AS line
     FROM gpu_hour GROUP BY cluster, hostname, gpu, gpu_instance_id, holder, namespace, pod, hour ORDER BY line`,
  );
  return rows.map((row) => row.text('line'));
}

function at(seconds: number, value: number | string = 0.5, labels = gpuLabels()): Sample {
  return { metric: smActive, labels, value, at: start + seconds * 1000 };
}

const clip = 'pod inference/clip-server-6d4f9c7b8-x7k2p';

describe('text files', () => {
  test('OpenMetrics counts in seconds, Prometheus text in milliseconds, and gzip is unpacked', async () => {
    const samples = [at(0, 0.2), at(30.5, 0.4), at(3600, 1)];
    const openMetricsText = openMetrics(samples);
    const prometheusText = samples
      .map((item) => `${seriesText(item.metric, item.labels)} ${item.value} ${item.at}\n`)
      .join('');
    const expected = [`prod node-1 GPU-0 ${clip} 01 00:00 0.3 2`, `prod node-1 GPU-0 ${clip} 01 01:00 1.0 1`];

    for (const content of [
      openMetricsText,
      prometheusText,
      gzipSync(openMetricsText),
      openMetricsText.replaceAll('\n', '\r\n'),
      `# HELP ${smActive} Busy.\n# TYPE ${smActive} gauge\n\n${openMetricsText}`,
    ]) {
      const { result, hours } = await read(content);
      expect(result.problems).toEqual([]);
      expect(result.files).toMatchObject([{ rows: 3, rejectedRows: 0, status: 'ingested' }]);
      expect(hours).toEqual(expected);
    }
  });

  test('a bad line is told with its place and start, and the rest is read', async () => {
    const lines = [
      `${seriesText(smActive, gpuLabels())} 0.5 ${start / 1000}`,
      `${smActive}{gpu="0" 0.5`,
      `${seriesText('other_metric', {})} x`,
      `${seriesText(smActive, gpuLabels())} ${'9'.repeat(70_000)}`,
      `${seriesText(smActive, gpuLabels())} 0.7 ${start / 1000 + 60}`,
      '# EOF\n',
    ];

    const { result, hours } = await read(lines.join('\n'));

    expect(hours).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.6 2`]);
    expect(result.files).toMatchObject([{ rows: 2, rejectedRows: 3 }]);
    expect(result.problems.map((problem) => [problem.code, problem.place])).toEqual([
      ['METRICS_LINE_INVALID', expect.objectContaining({ line: 2, column: 32 })],
      ['METRICS_LINE_INVALID', expect.objectContaining({ line: 3, column: 16 })],
      ['METRICS_LINE_INVALID', expect.objectContaining({ line: 4 })],
    ]);
    for (const problem of result.problems)
      expect((problem.excerpt ?? '').split('\n')[0]?.length).toBeLessThanOrEqual(100);
  });

  test('a line over several chunks of the file and one without an end are read right', async () => {
    const long = gpuLabels({ note: 'x'.repeat(60_000) });
    const samples = Array.from({ length: 40 }, (_, index) => at(index, 0.5, long));

    expect((await read(openMetrics(samples))).hours).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.5 40`]);

    const endless = await read(
      `${openMetrics([at(0)]).replace('# EOF\n', '')}${'y'.repeat(1_500_000)}\n${seriesText(smActive, gpuLabels())} 0.5 ${start}`,
    );
    expect(endless.result.files).toMatchObject([{ rows: 1, rejectedRows: 2 }]);
    expect(endless.result.problems.map((problem) => problem.place)).toEqual([
      expect.objectContaining({ line: 1 }),
      expect.objectContaining({ line: 2 }),
    ]);
  });

  test('samples without timestamps are refused with the way to export them', async () => {
    const { result, hours } = await read(`${seriesText(smActive, gpuLabels())} 0.5\n${seriesText('up', {})} 1\n`);

    expect(hours).toEqual([]);
    expect(result.files).toMatchObject([{ status: 'failed' }]);
    expect(result.problems).toMatchObject([{ code: 'METRICS_LINE_INVALID' }]);
    expect(result.problems[0]?.remedy).toContain('promtool');
  });

  test('seconds without # EOF are not taken for milliseconds', async () => {
    const { result } = await read(openMetrics([at(0)]).replace('# EOF\n', ''));

    expect(result.files).toMatchObject([{ status: 'failed' }]);
    expect(result.problems[0]?.message).toContain('# EOF');
  });

  test('files that are cut, empty, of no known metric or no metrics at all are told and stop nothing', async () => {
    await withLedger(async (ledger, folder) => {
      const whole = gzipSync(
        openMetrics(Array.from({ length: 5000 }, (_, index) => at(index, ((index * 7919) % 1000) / 1000))),
      );
      const files: Readonly<Record<string, string | Buffer>> = {
        'a-cut.om.gz': whole.subarray(0, whole.length / 2),
        'b-empty.prom': '',
        'c-other.prom': `node_load1 1 ${start}\n`,
        'd-binary.prom': Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7919) % 256)),
        'e-good.om': openMetrics([at(0)]),
        'f-cut.parquet': 'PAR1 and no footer',
      };
      for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);

      const result = await ingest(ledger, folder);

      expect(result.files.map((file) => file.status)).toEqual([
        'failed',
        'failed',
        'ingested',
        'failed',
        'ingested',
        'failed',
      ]);
      expect([...new Set(result.problems.map((problem) => problem.code))].toSorted()).toEqual([
        'METRICS_FILE_UNREADABLE',
        'METRICS_FORMAT_UNKNOWN',
        'METRICS_LINE_INVALID',
      ]);
      for (const problem of result.problems) expect(formatProblem(problem)).not.toMatch(/[^\P{Cc}\n]/u);
      expect(await gpuHours(ledger)).toHaveLength(1);
    });
  });
});

describe('samples', () => {
  test('one that is there twice counts once, blanks and impossible values are missing', async () => {
    const labels = gpuLabels();
    const { hours } = await read(
      openMetrics([
        at(0, 0.2),
        at(0, 0.2),
        at(0, 0.2, { pci_bus_id: '00000000:07:00.0', ...labels }),
        at(60, 0.4),
        ...['NaN', '+Inf', -1, '9223372036854775794', 2147483632, 140737488355328, 50].map((value, index) =>
          at(120 + index, value),
        ),
      ]),
    );

    expect(hours).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.3 2`]);
  });

  test('GPU_UTIL of MIG instances is not kept', async () => {
    await withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'mig.om');
      const labels = gpuLabels({ GPU_I_ID: '3', GPU_I_PROFILE: '1g.10gb' });
      await writeFile(file, openMetrics([at(0, 0.5, labels), { ...at(0, 0, labels), metric: 'DCGM_FI_DEV_GPU_UTIL' }]));

      await ingest(ledger, file);

      const rows = await readRows(
        ledger.connection,
        'SELECT gpu_util_samples AS n, gpu_instance_id AS id FROM gpu_hour',
      );
      expect(rows.map((row) => [row.number('n'), row.text('id')])).toEqual([[0, '3']]);
    });
  });

  test('in whatever order lines, files and repetitions come, the hours are the same', async () => {
    const sample = fc.record({
      seconds: fc.integer({ min: 0, max: 8000 }),
      value: fc.double({ min: 0, max: 1, noNaN: true }),
      labels: fc.constantFrom(gpuLabels(), gpuLabels({ UUID: 'GPU-1' }), gpuLabels({ pod: '', namespace: '' })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(sample, {
          minLength: 2,
          maxLength: 30,
          selector: (item) => `${item.seconds} ${JSON.stringify(item.labels)}`,
        }),
        fc.nat(),
        async (items, seed) => {
          const samples = items.map((item) => at(item.seconds, item.value, item.labels));
          const cut = seed % samples.length;
          const halves = [samples.slice(0, cut), samples.slice(cut)];
          const outcome = async (files: readonly (readonly Sample[])[]): Promise<readonly string[]> =>
            withLedger(async (ledger, folder) => {
              for (const [index, content] of files.entries()) {
                await writeFile(path.join(folder, `${index}.om`), openMetrics(content));
                await ingest(ledger, path.join(folder, '*.om'));
                await ingest(ledger, path.join(folder, '*.om'));
              }
              return gpuHours(ledger);
            });

          const once = await outcome([samples]);

          expect(await outcome([[...samples.toReversed(), ...samples]])).toEqual(once);
          expect(await outcome(halves)).toEqual(once);
          expect(await outcome(halves.toReversed())).toEqual(once);
        },
      ),
      { numRuns: 8 },
    );
  }, 60_000);
});

describe('labels', () => {
  test('exported_* name the workload where Prometheus moved them, and the exporter’s own pod is none', async () => {
    const scraped = (changes: Readonly<Record<string, string>>) =>
      gpuLabels({ pod: 'nvidia-dcgm-exporter-4x7kz', namespace: 'gpu-operator', container: 'exporter', ...changes });
    const { result, hours } = await read(
      openMetrics([
        at(0, 0.5, scraped({ exported_pod: 'clip-server-6d4f9c7b8-x7k2p', exported_namespace: 'inference' })),
        at(0, 0.5, scraped({ UUID: 'GPU-1' })),
      ]),
    );

    expect(result.problems).toEqual([]);
    expect(hours).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.5 1`, 'prod node-1 GPU-1 none / 01 00:00 0.5 1']);
  });

  test('with honorLabels an idle GPU carries the exporter’s pod and is idle', async () => {
    const { hours } = await read(
      openMetrics([at(0), at(0, 0.5, gpuLabels({ UUID: 'GPU-1', pod: 'dcgm-exporter-4x7kz', namespace: 'gpu' }))]),
    );

    expect(hours).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.5 1`, 'prod node-1 GPU-1 none / 01 00:00 0.5 1']);
  });

  test('only exporter pods means unknown holders and a word on honorLabels, on every run', async () => {
    await withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'gpus.om');
      await writeFile(file, openMetrics([at(0, 0.5, gpuLabels({ pod: 'dcgm-exporter-4x7kz', namespace: 'gpu' }))]));

      for (const status of ['ingested', 'unchanged']) {
        const result = await ingest(ledger, file);
        expect(result.files).toMatchObject([{ status }]);
        expect(result.problems).toMatchObject([{ code: 'METRICS_LABELS_MISSING', severity: 'error' }]);
        expect(result.problems[0]?.remedy).toContain('honorLabels');
      }
      expect(await gpuHours(ledger)).toEqual(['prod node-1 GPU-0 unknown / 01 00:00 0.5 1']);
    });
  });

  test('no pod label at all counts as idle with a warning, no GPU label leaves the series out', async () => {
    const bare = { Hostname: 'node-1', cluster: 'prod' };
    const { result, hours } = await read(openMetrics([at(0, 0.5, { ...bare, gpu: '3' }), at(0, 0.5, bare)]));

    expect(hours).toEqual(['prod node-1 gpu 3 none / 01 00:00 0.5 1']);
    expect(result.problems.map((problem) => [problem.code, problem.severity])).toEqual([
      ['METRICS_LABELS_MISSING', 'error'],
      ['METRICS_LABELS_MISSING', 'warning'],
    ]);
  });

  test('newer and older label names are accepted, and the source’s cluster fills in', async () => {
    const labels = {
      gpu: '0',
      uuid: 'GPU-0',
      hostname: 'node-1',
      pod_name: 'clip-server-6d4f9c7b8-x7k2p',
      pod_namespace: 'inference',
    };
    const { hours } = await read(openMetrics([at(0, 0.5, labels)]), { source: { cluster: 'prod' } });

    expect(hours).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.5 1`]);
  });

  test('hostile label values are kept as text', async () => {
    const pod = `'); DROP TABLE gpu_hour; --"\\\n\u2028`;
    const { hours } = await read(openMetrics([at(0, 0.5, gpuLabels({ pod, __proto__x: 'y' }))]));

    expect(hours).toEqual([`prod node-1 GPU-0 pod inference/${pod} 01 00:00 0.5 1`]);
  });
});

describe('Parquet', () => {
  async function writeParquet(folder: string, select: string): Promise<string> {
    const file = path.join(folder, 'gpus.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'; COPY (${select}) TO '${file}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    return file;
  }
  const columns = `'GPU-0' AS "UUID", 'node-1' AS "hostname", 'prod' AS cluster`;
  const pod = 'clip-server-6d4f9c7b8-x7k2p';

  test.each([
    ['TIMESTAMP', `TIMESTAMP '2026-10-01 00:30:00'`],
    ['TIMESTAMPTZ', `TIMESTAMPTZ '2026-10-01 02:30:00+02'`],
    ['milliseconds', `${start + 1_800_000}::BIGINT`],
    ['seconds', `${start / 1000 + 1800}::BIGINT`],
    ['fractional seconds', `${start / 1000 + 1800}.5::DOUBLE`],
  ])('labels as columns and time as %s', async (_, time) => {
    await withLedger(async (ledger, folder) => {
      const row = (value: number) =>
        `SELECT ${time} AS "timestamp", '${smActive}' AS metric, ${value}::DOUBLE AS value, ${columns}, 'inference' AS namespace, '${pod}' AS pod`;
      const file = await writeParquet(
        folder,
        `${row(0.5)} UNION ALL ${row(0.5)} UNION ALL SELECT NULL, '${smActive}', 0.1, NULL, NULL, NULL, NULL, NULL UNION ALL SELECT ${time}, 'up', 1, NULL, NULL, NULL, NULL, NULL`,
      );

      const result = await ingest(ledger, file);

      expect(result.files).toMatchObject([{ rows: 2, rejectedRows: 1, status: 'ingested' }]);
      expect(result.problems).toMatchObject([{ code: 'METRICS_LABELS_MISSING' }, { code: 'METRICS_LINE_INVALID' }]);
      expect(await gpuHours(ledger)).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.5 1`]);
    });
  });

  test('labels as a MAP read like a text file', async () => {
    await withLedger(async (ledger, folder) => {
      const labels = Object.entries(gpuLabels())
        .map(([name, value]) => `'${name}': '${value}'`)
        .join(', ');
      const file = await writeParquet(
        folder,
        `SELECT TIMESTAMP '2026-10-01 00:30:00' AS "timestamp", '${smActive}' AS metric, 0.5 AS value, MAP {${labels}} AS labels`,
      );

      const result = await ingest(ledger, file);

      expect(result.problems).toEqual([]);
      expect(await gpuHours(ledger)).toEqual([`prod node-1 GPU-0 ${clip} 01 00:00 0.5 1`]);
    });
  });

  test('a file in another shape is named as such', async () => {
    await withLedger(async (ledger, folder) => {
      const result = await ingest(ledger, await writeParquet(folder, 'SELECT 1 AS time, 2 AS v'));

      expect(result.problems).toMatchObject([{ code: 'METRICS_FORMAT_UNKNOWN' }]);
      expect(result.problems[0]?.message).toContain('timestamp, metric, value');
    });
  });
});

test('hourly sums hold a long series in one row an hour', async () => {
  const { hours } = await read(openMetrics(hourly([0, 1, 2, 3], gpuLabels())));

  expect(hours).toHaveLength(4);
});

import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/ledger/index.ts';
import { ingestMetrics } from '../../../src/ingest/metrics/index.ts';
import {
  allHours,
  aWorkload,
  attributeMonth,
  gpuLabels,
  hourly,
  openMetrics,
  withLedger,
} from '../../ledger/worlds.ts';
import { costSums, csvOf, independently, ingest, ledgerRows, writeExport } from './exports.ts';

interface Line {
  readonly cost: number;
  readonly credits: readonly { readonly name: string; readonly amount: number; readonly type: string }[];
  readonly [column: string]: unknown;
}

/** A line of the detailed export by its published schema: the cores of one GKE node for an hour. */
function aLine(changes: Partial<Line> = {}): Line {
  return {
    billing_account_id: '010101-ABCDEF-020202',
    service: { id: '6F81-5844-456A', description: 'Compute Engine' },
    sku: { id: 'ABCD-0001', description: 'A2 Instance Core running in Americas' },
    usage_start_time: '2026-10-01 00:00:00 UTC',
    usage_end_time: '2026-10-01 01:00:00 UTC',
    project: { id: 'ml-prod', number: '123' },
    labels: [
      { key: 'goog-k8s-cluster-name', value: 'prod' },
      { key: 'k8s-namespace', value: 'inference' },
      { key: 'k8s-workload-name', value: 'clip' },
      { key: 'team', value: 'vi"sion' },
    ],
    system_labels: [
      { key: 'compute.googleapis.com/machine_spec', value: 'a2-highgpu-1g' },
      { key: 'compute.googleapis.com/cores', value: '12' },
    ],
    location: { location: 'us-central1', country: 'US', region: 'us-central1', zone: 'us-central1-a' },
    resource: {
      name: 'projects/123/instances/gke-prod-gpu-1',
      global_name: '//compute.googleapis.com/projects/123/zones/us-central1-a/instances/42',
    },
    cost: 2.5,
    currency: 'USD',
    currency_conversion_rate: 1.0,
    usage: { amount: 43200, unit: 'seconds', amount_in_pricing_units: 12, pricing_unit: 'hour' },
    credits: [{ name: 'Committed usage discount', amount: -0.5, type: 'COMMITTED_USAGE_DISCOUNT' }],
    invoice: { month: '202610' },
    cost_type: 'regular',
    cost_at_list: 2.75,
    ...changes,
  };
}

function jsonLines(lines: readonly Line[]): string {
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

async function whatIsRead(ledger: Ledger): Promise<readonly (readonly unknown[])[]> {
  return ledgerRows(
    ledger,
    `SELECT "ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingAccountId", "SubAccountId", "ResourceName",
       "RegionId", "SkuId", instance_type, machine_hours, "PricingCategory", "CommitmentDiscountStatus",
       "x_CurrencyConversionRate", "Tags" FROM billing_row`,
  );
}

const read = [
  '2026-10-01 00:00:00',
  '2026-10-01 01:00:00',
  '2026-10-01 00:00:00',
  '010101-ABCDEF-020202',
  'ml-prod',
  'gke-prod-gpu-1',
  'us-central1',
  'ABCD-0001',
  'a2-highgpu-1g',
  1,
  'Committed',
  'Used',
  1,
  '{"goog-k8s-cluster-name":"prod","k8s-namespace":"inference","k8s-workload-name":"clip","team":"vi\\"sion"}',
];

/** Nested columns as BigQuery's Parquet has them with and without list inference. */
const parquetForms: Readonly<Record<string, (column: string) => string>> = {
  'lists of structs': (column) => column,
  'list and element groups': (column) =>
    `{'list': list_transform(${column}, lambda item: {'element': item})} AS ${column}`,
};

describe('Google Cloud’s detailed export', () => {
  test.each(['gcp.json', 'gcp.json.gz', 'gcp'])('is read from newline-delimited JSON (%s)', async (name) => {
    await withLedger(async (ledger, folder) => {
      const text = jsonLines([aLine()]);
      const file = await writeExport(folder, name, name.endsWith('.gz') ? gzipSync(text) : text);

      const result = await ingest(ledger, [file]);

      expect(result.problems).toEqual([]);
      expect(await whatIsRead(ledger)).toEqual([read]);
      expect(await costSums(ledger)).toEqual(['2', '2', '2.75']);
    });
  });

  test.each(Object.entries(parquetForms))('is read from Parquet with %s', async (_, form) => {
    await withLedger(async (ledger, folder) => {
      const json = await writeExport(folder, 'gcp.json', jsonLines([aLine(), aLine({ credits: [], cost: 1 })]));
      const parquet = path.join(folder, 'gcp.parquet');
      await independently(
        `COPY (SELECT * EXCLUDE (labels, system_labels, credits), ${['labels', 'system_labels', 'credits'].map(form).join(', ')}
         FROM read_json('${json}', format = 'newline_delimited')) TO '${parquet}' (FORMAT parquet)`,
      );

      const result = await ingest(ledger, [parquet]);

      expect(result.problems).toEqual([]);
      expect((await whatIsRead(ledger)).filter((row) => row[10] === 'Committed')).toEqual([read]);
      expect((await costSums(ledger)).slice(0, 2)).toEqual(['3', '3']);
    });
  });

  test('is read where a query has flattened it to CSV', async () => {
    await withLedger(async (ledger, folder) => {
      const { service, sku, project, location, resource, usage, invoice, ...plain } = aLine();
      const nested = { service, sku, project, location, resource, usage, invoice };
      const flat = Object.fromEntries([
        ...Object.entries(plain).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
        ...Object.entries(nested).flatMap(([name, fields]) =>
          Object.entries(fields as Record<string, unknown>).map(([field, value]) => [
            `${name}.${field}`,
            String(value),
          ]),
        ),
      ]) as Record<string, string>;

      const result = await ingest(ledger, [await writeExport(folder, 'gcp.csv', csvOf([flat]))]);

      expect(result.problems).toEqual([]);
      expect(await whatIsRead(ledger)).toEqual([read]);
      expect(await costSums(ledger)).toEqual(['2', '2', '2.75']);
    });
  });

  test('cost types become charge categories, and only the cores of a machine tell its time', async () => {
    await withLedger(async (ledger, folder) => {
      const lines = [
        aLine({ cost_type: 'tax', sku: { id: 'T', description: 'Tax' }, cost: 0.1, credits: [] }),
        aLine({ cost_type: 'adjustment', cost: -0.2, credits: [] }),
        aLine({ cost_type: 'rounding_error', cost: 0.01, credits: [] }),
        aLine({ sku: { id: 'G', description: 'Nvidia Tesla A100 GPU attached to Spot Preemptible VMs' }, credits: [] }),
      ];

      await ingest(ledger, [await writeExport(folder, 'gcp.json', jsonLines(lines))]);

      expect(
        await ledgerRows(
          ledger,
          `SELECT "ChargeCategory", "ChargeClass", "PricingCategory", machine_hours FROM billing_row ORDER BY "EffectiveCost"`,
        ),
      ).toEqual([
        ['Adjustment', 'Correction', 'Standard', 1],
        ['Adjustment', null, 'Standard', 1],
        ['Tax', null, 'Standard', 0],
        ['Usage', null, 'Dynamic', 0],
      ]);
    });
  });

  test('an hour of a machine costs what its cores, memory and GPU cost together', async () => {
    await withLedger(async (ledger, folder) => {
      const parts = [
        aLine({ labels: [], credits: [], cost: 1 }),
        aLine({
          labels: [],
          credits: [],
          cost: 0.5,
          sku: { id: 'R', description: 'A2 Instance Ram running in Americas' },
        }),
        aLine({
          labels: [],
          credits: [],
          cost: 2,
          sku: { id: 'G', description: 'Nvidia Tesla A100 GPU running in Americas' },
        }),
      ];
      const metrics = await writeExport(
        folder,
        'gpus.om',
        openMetrics(hourly([0], gpuLabels({ Hostname: 'gke-prod-gpu-1' }))),
      );
      await ingest(ledger, [await writeExport(folder, 'gcp.json', jsonLines(parts))]);
      await ingestMetrics(ledger, {
        sources: [{ kind: 'files', path: metrics, format: 'auto', cluster: undefined }],
        ...allHours,
      });

      const { unitPrices } = await attributeMonth(ledger, [aWorkload()]);

      expect(unitPrices).toMatchObject([
        { instanceType: 'a2-highgpu-1g', hours: 1, effectivePerHour: { micros: 3_500_000n } },
      ]);
    });
  });

  test('bad lines are named by their number and the rest is read; a cut file is refused', async () => {
    await withLedger(async (ledger, folder) => {
      const good = JSON.stringify(aLine());
      const bad = await writeExport(folder, 'bad.json', `${good}\n{"cost": oops\n\n[1]\n${good}\n{"cost":"much"}\n`);
      const cut = await writeExport(folder, 'cut.json', `${good}\n${good.slice(0, 100)}`);

      const result = await ingest(ledger, [bad, cut]);

      expect(result.files).toMatchObject([{ rows: 2, status: 'ingested' }, { status: 'failed' }]);
      expect(result.problems.map(({ code, place }) => [code, place.kind === 'file' ? place.line : undefined])).toEqual(
        expect.arrayContaining([
          ['BILLING_ROW_INVALID', 2],
          ['BILLING_ROW_INVALID', 4],
          ['BILLING_FILE_TRUNCATED', undefined],
        ]),
      );
      expect((await costSums(ledger)).slice(0, 2)).toEqual(['4', '4']);
    });
  });

  test('any lines: effective cost is the charges and their credits', async () => {
    const amount = fc.integer({ min: -1_000_000, max: 1_000_000 });
    const line = fc.record({ cost: amount, credits: fc.array(amount, { maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), async (lines) => {
        const units = lines.reduce(
          (sum, { cost, credits }) => sum + credits.reduce((total, credit) => total + credit, cost),
          0,
        );
        const written = lines.map(({ cost, credits }) =>
          aLine({
            cost: cost / 10_000,
            credits: credits.map((credit) => ({ name: 'c', amount: credit / 10_000, type: 'PROMOTION' })),
          }),
        );
        const sums = await withLedger(async (ledger, folder) => {
          await ingest(ledger, [await writeExport(folder, 'gcp.json', jsonLines(written))]);
          return costSums(ledger);
        });
        expect(sums.slice(0, 2).map((sum) => Math.round(Number(sum) * 10_000))).toEqual([units, units]);
      }),
      { numRuns: 25 },
    );
  });
});

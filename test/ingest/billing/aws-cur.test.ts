import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withLedger } from '../../ledger/worlds.ts';
import { costSums, csvOf, independently, ingest, ledgerRows, trimmed, writeExport, type ExportRow } from './exports.ts';

const sample = fileURLToPath(new URL('../../fixtures/ingest/billing/aws-cur-legacy.csv', import.meta.url));

/** A line of CUR 2.0 with the columns that are read; one hour of on-demand use. */
function aLine(changes: ExportRow = {}): ExportRow {
  const cost = changes['line_item_unblended_cost'] ?? '1.006';
  return {
    bill_payer_account_id: '111122223333',
    bill_billing_period_start_date: '2026-10-01T00:00:00Z',
    line_item_usage_account_id: '444455556666',
    line_item_line_item_type: 'Usage',
    line_item_usage_start_date: '2026-10-01T00:00:00Z',
    line_item_usage_end_date: '2026-10-01T01:00:00Z',
    line_item_product_code: 'AmazonEC2',
    line_item_usage_type: 'USW2-BoxUsage:g5.xlarge',
    line_item_resource_id: 'i-0abc',
    line_item_usage_amount: '1',
    line_item_currency_code: 'USD',
    line_item_unblended_cost: cost,
    pricing_public_on_demand_cost: cost,
    pricing_unit: 'Hrs',
    product_region_code: 'us-west-2',
    reservation_reservation_a_r_n: '',
    reservation_effective_cost: '',
    reservation_unused_amortized_upfront_fee_for_billing_period: '',
    reservation_unused_recurring_fee: '',
    savings_plan_savings_plan_effective_cost: '',
    savings_plan_total_commitment_to_date: '',
    savings_plan_used_commitment: '',
    split_line_item_parent_resource_id: '',
    split_line_item_split_cost: '',
    split_line_item_unused_cost: '',
    split_line_item_public_on_demand_split_cost: '',
    split_line_item_public_on_demand_unused_cost: '',
    resource_tags: '{}',
    ...changes,
  };
}

function aPod(name: string, changes: ExportRow): ExportRow {
  return aLine({
    line_item_product_code: 'AmazonEKS',
    line_item_usage_type: 'USW2-EKS-EC2-vCPU-Hours',
    line_item_resource_id: `arn:aws:eks:us-west-2:444455556666:pod/prod/inference/${name}/uid`,
    line_item_unblended_cost: '0',
    split_line_item_parent_resource_id: 'i-0abc',
    resource_tags: JSON.stringify({
      aws_eks_cluster_name: 'prod',
      aws_eks_namespace: 'inference',
      aws_eks_workload_name: name,
      user_team: 'vision',
    }),
    ...changes,
  });
}

/** A line for each type that the data dictionary lists, with the amortized cost that AWS documents for it. */
const lineTypes: readonly (readonly [ExportRow, string, string])[] = [
  [{}, '1.006', 'Usage'],
  [
    { line_item_line_item_type: 'DiscountedUsage', line_item_unblended_cost: '0', reservation_effective_cost: '0.6' },
    '0.6',
    'Usage',
  ],
  [
    {
      line_item_line_item_type: 'RIFee',
      line_item_unblended_cost: '300',
      reservation_unused_amortized_upfront_fee_for_billing_period: '10',
      reservation_unused_recurring_fee: '20.5',
    },
    '30.5',
    'Purchase',
  ],
  [
    { line_item_line_item_type: 'Fee', line_item_unblended_cost: '5000', reservation_reservation_a_r_n: 'arn:ri' },
    '0',
    'Purchase',
  ],
  [{ line_item_line_item_type: 'Fee', line_item_unblended_cost: '100' }, '100', 'Purchase'],
  [
    { line_item_line_item_type: 'SavingsPlanCoveredUsage', savings_plan_savings_plan_effective_cost: '0.7' },
    '0.7',
    'Usage',
  ],
  [{ line_item_line_item_type: 'SavingsPlanNegation', line_item_unblended_cost: '-1.006' }, '0', 'Usage'],
  [
    {
      line_item_line_item_type: 'SavingsPlanRecurringFee',
      line_item_unblended_cost: '1',
      savings_plan_total_commitment_to_date: '1',
      savings_plan_used_commitment: '0.7',
    },
    '0.3',
    'Purchase',
  ],
  [{ line_item_line_item_type: 'SavingsPlanUpfrontFee', line_item_unblended_cost: '8760' }, '0', 'Purchase'],
  [{ line_item_line_item_type: 'Tax', line_item_unblended_cost: '2.5' }, '2.5', 'Tax'],
  [{ line_item_line_item_type: 'Credit', line_item_unblended_cost: '-3' }, '-3', 'Credit'],
  [{ line_item_line_item_type: 'Refund', line_item_unblended_cost: '-4' }, '-4', 'Usage'],
  [{ line_item_line_item_type: 'BundledDiscount', line_item_unblended_cost: '-0.25' }, '-0.25', 'Usage'],
];

const independentSums = `SELECT CAST(sum("lineItem/UnblendedCost"::DECIMAL(25,10)) AS VARCHAR) AS billed, count(*)::INTEGER AS n
  FROM read_csv('${sample}', all_varchar = true)`;

describe('a legacy AWS Cost and Usage Report', () => {
  test('the anonymised sample sums to what a query of its own finds, taxes included', async () => {
    await withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'whatever.bin.csv');
      await copyFile(sample, file);
      const [expected] = await independently(independentSums);

      const result = await ingest(ledger, [file]);

      expect(result.problems).toEqual([]);
      expect(result.files).toMatchObject([{ rows: expected?.['n'], rejectedRows: 0 }]);
      expect((await costSums(ledger)).slice(0, 2)).toEqual([
        trimmed(String(expected?.['billed'])),
        trimmed(String(expected?.['billed'])),
      ]);
      expect(
        await ledgerRows(ledger, `SELECT count(*)::INTEGER FROM billing_row WHERE "ChargeCategory" = 'Tax'`),
      ).toEqual([[12]]);
    });
  });

  test('as Parquet with underscores, and tags in columns of their own, it reads the same', async () => {
    await withLedger(async (ledger, folder) => {
      const columns = await independently(`DESCRIBE SELECT * FROM read_csv('${sample}', all_varchar = true)`);
      const select = columns.map((column) => {
        const name = String(column['column_name']);
        return `"${name}" AS ${name
          .replace('/', '_')
          .replaceAll(/(?<=[a-z])([A-Z])/g, '_$1')
          .toLowerCase()}`;
      });
      const file = path.join(folder, 'cur.parquet');
      await independently(
        `COPY (SELECT ${select.join(', ')}, 'vision' AS resource_tags_user_team, NULL AS resource_tags_user_empty,
           'prod' AS resource_tags_aws_eks_cluster_name FROM read_csv('${sample}', all_varchar = true)) TO '${file}' (FORMAT parquet)`,
      );
      const [expected] = await independently(independentSums);

      const result = await ingest(ledger, [file]);

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger))[0]).toBe(trimmed(String(expected?.['billed'])));
      expect(await ledgerRows(ledger, 'SELECT DISTINCT "Tags" FROM billing_row')).toEqual([
        ['{"team":"vision","aws:eks:cluster-name":"prod"}'],
      ]);
    });
  });

  test('tag columns with slashes and colons become Tags; their names never get into SQL', async () => {
    await withLedger(async (ledger, folder) => {
      const hostile = `resourceTags/user:x', 'y'); DROP TABLE billing_source_row; --"`;
      const row = {
        ...legacy(aLine()),
        'resourceTags/user:team': 'vi"sion',
        'resourceTags/aws:eks:workload-name': 'clip',
        [hostile]: 'v',
      };

      const result = await ingest(ledger, [await writeExport(folder, 'cur.csv.gz', gzipSync(csvOf([row])))]);

      expect(result.problems).toEqual([]);
      const [[tags]] = (await ledgerRows(ledger, 'SELECT "Tags" FROM billing_row')) as [[string]];
      expect(JSON.parse(tags)).toEqual({
        team: 'vi"sion',
        'aws:eks:workload-name': 'clip',
        [hostile.replace('resourceTags/user:', '')]: 'v',
      });
    });
  });
});

/** The names of legacy CUR: `line_item_usage_type` as `lineItem/UsageType`. */
function legacy(row: ExportRow): ExportRow {
  const groups = ['bill', 'line_item', 'pricing', 'product', 'reservation', 'savings_plan', 'split_line_item'];
  return Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => name !== 'resource_tags')
      .map(([name, value]) => {
        const group = groups.find((prefix) => name.startsWith(`${prefix}_`)) ?? '';
        const camel = (text: string): string =>
          text.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
        const rest = camel(`_${name.slice(group.length + 1)}`);
        return [`${camel(group)}/${rest}`, value];
      }),
  );
}

describe('AWS CUR 2.0', () => {
  test.each(lineTypes)('%o has the documented amortized cost %s', async (changes, effective, category) => {
    await withLedger(async (ledger, folder) => {
      const line = aLine(changes);

      const result = await ingest(ledger, [await writeExport(folder, 'cur.csv', csvOf([line]))]);

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger)).slice(0, 2)).toEqual([line['line_item_unblended_cost'], effective]);
      expect(await ledgerRows(ledger, 'SELECT "ChargeCategory" FROM billing_row')).toEqual([[category]]);
    });
  });

  test('a covered machine keeps its type, price category and commitment status; its negation is no machine time', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = lineTypes.map(([changes]) => aLine(changes));

      await ingest(ledger, [await writeExport(folder, 'cur.csv', csvOf(rows))]);

      expect(
        await ledgerRows(
          ledger,
          `SELECT instance_type, "PricingCategory", "CommitmentDiscountStatus", "RegionId", "ChargePeriodStart" FROM billing_row
           WHERE instance_type IS NOT NULL ORDER BY "EffectiveCost"`,
        ),
      ).toEqual([
        ['g5.xlarge', 'Committed', 'Used', 'us-west-2', '2026-10-01 00:00:00'],
        ['g5.xlarge', 'Committed', 'Used', 'us-west-2', '2026-10-01 00:00:00'],
        ['g5.xlarge', 'Standard', null, 'us-west-2', '2026-10-01 00:00:00'],
      ]);
    });
  });

  test('net amounts count once: the discount is inside of them and its own line is worth nothing', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = [
        aLine({ line_item_unblended_cost: '10', line_item_net_unblended_cost: '9' }),
        aLine({
          line_item_line_item_type: 'EdpDiscount',
          line_item_unblended_cost: '-1',
          line_item_net_unblended_cost: '',
        }),
      ];

      await ingest(ledger, [await writeExport(folder, 'cur.csv', csvOf(rows))]);

      expect((await costSums(ledger)).slice(0, 2)).toEqual(['9', '9']);
    });
  });

  test('lines whose amounts or times are none are named by line and column, and the rest is read', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = [
        aLine(),
        aLine({ line_item_unblended_cost: 'N/A' }),
        aLine({ line_item_usage_start_date: '' }),
        aLine({ savings_plan_used_commitment: '1,000' }),
        aLine(),
      ];

      const result = await ingest(ledger, [await writeExport(folder, 'cur.csv', csvOf(rows))]);

      expect(result.files).toMatchObject([{ rows: 2, rejectedRows: 3, status: 'ingested' }]);
      expect(
        result.problems.map(({ place, message }) => [place.kind === 'file' ? place.line : 0, message.split(':')[0]]),
      ).toEqual([
        [3, 'CAST in line_item_unblended_cost'],
        [4, 'CAST in line_item_usage_start_date'],
        [5, 'CAST in savings_plan_used_commitment'],
      ]);
      expect((await costSums(ledger))[1]).toBe('2.012');
    });
  });

  test('Parquet with MAP columns reads like CSV with JSON text', async () => {
    await withLedger(async (ledger, folder) => {
      const csv = await writeExport(folder, 'cur.csv', csvOf([aPod('clip', { split_line_item_split_cost: '0.5' })]));
      const parquet = path.join(folder, 'cur.parquet');
      await independently(
        `COPY (SELECT * REPLACE (CAST(from_json(resource_tags, '"MAP(VARCHAR,VARCHAR)"') AS MAP(VARCHAR, VARCHAR)) AS resource_tags,
             CAST(line_item_unblended_cost AS DOUBLE) AS line_item_unblended_cost,
             CAST(line_item_usage_start_date AS TIMESTAMP) AS line_item_usage_start_date),
           MAP {'product_name': 'Amazon Elastic Compute Cloud', 'region': 'eu-west-1'} AS product
         FROM read_csv('${csv}', all_varchar = true)) TO '${parquet}' (FORMAT parquet)`,
      );
      const tags = `SELECT "Tags" FROM billing_row WHERE "EffectiveCost" > 0`;

      await ingest(ledger, [csv]);
      const fromCsv = await ledgerRows(ledger, tags);
      const result = await ingest(ledger, [parquet]);

      expect(result.problems).toEqual([]);
      expect(fromCsv).toEqual([
        [
          '{"aws:eks:cluster-name":"prod","aws:eks:namespace":"inference","aws:eks:workload-name":"clip","team":"vision"}',
        ],
      ]);
      expect(await ledgerRows(ledger, tags)).toEqual(fromCsv);
      expect(await ledgerRows(ledger, 'SELECT DISTINCT "ServiceName" FROM billing_row')).toEqual([
        ['Amazon Elastic Compute Cloud'],
      ]);
    });
  });
});

describe('split cost allocation data', () => {
  test('takes the pods used and unused cost off the instance, so that the bill stays what it was', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = [
        aLine({ line_item_unblended_cost: '1.006' }),
        aPod('clip', { split_line_item_split_cost: '0.4', split_line_item_unused_cost: '0.1' }),
        aPod('whisper', { split_line_item_split_cost: '0.3', split_line_item_unused_cost: '0.006' }),
        aPod('small', { split_line_item_split_cost: '0.05', split_line_item_unused_cost: '0' }),
      ];

      const result = await ingest(ledger, [await writeExport(folder, 'cur.csv', csvOf(rows))]);

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger)).slice(0, 2)).toEqual(['1.006', '1.006']);
      const byWorkload = await ledgerRows(
        ledger,
        `SELECT coalesce("Tags"->>'$."aws:eks:workload-name"', "ResourceId") AS holder, CAST(sum("EffectiveCost") AS VARCHAR)
         FROM billing_row GROUP BY holder ORDER BY holder`,
      );
      expect(byWorkload.map(([holder, cost]) => [holder, trimmed(String(cost))])).toEqual([
        ['clip', '0.4'],
        ['i-0abc', '0.15'],
        ['kube:unallocated', '0.106'],
        ['small', '0.05'],
        ['whisper', '0.3'],
      ]);
    });
  });

  test('needs no instance line in the same file', async () => {
    await withLedger(async (ledger, folder) => {
      const pods = csvOf([aPod('clip', { split_line_item_split_cost: '0.4', split_line_item_unused_cost: '0.1' })]);

      await ingest(ledger, [
        await writeExport(folder, 'part-1.csv', pods),
        await writeExport(folder, 'part-2.csv', csvOf([aLine({ line_item_unblended_cost: '1.006' })])),
      ]);

      expect((await costSums(ledger)).slice(0, 2)).toEqual(['1.006', '1.006']);
    });
  });

  test('any bill: billed is the sum of the lines, effective that of their amortized costs, whatever is split', async () => {
    const cents = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((amount) => (amount / 10_000).toFixed(4));
    const line = fc.record({
      type: fc.constantFrom(
        'Usage',
        'Tax',
        'Credit',
        'Refund',
        'SavingsPlanCoveredUsage',
        'DiscountedUsage',
        'SavingsPlanNegation',
      ),
      cost: cents,
      amortized: cents,
    });
    const pod = fc.record({ used: cents, unused: cents });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.array(pod, { maxLength: 30 }),
        async (lines, pods) => {
          const rows = [
            ...lines.map(({ type, cost, amortized }) =>
              aLine({
                line_item_line_item_type: type,
                line_item_unblended_cost: cost,
                savings_plan_savings_plan_effective_cost: amortized,
                reservation_effective_cost: amortized,
              }),
            ),
            ...pods.map(({ used, unused }, index) =>
              aPod(`pod-${index}`, { split_line_item_split_cost: used, split_line_item_unused_cost: unused }),
            ),
          ];
          const units = (text: string): number => Math.round(Number(text) * 10_000);
          const billed = lines.reduce((sum, { cost }) => sum + units(cost), 0);
          const effective = lines.reduce((sum, { type, cost, amortized }) => {
            if (type === 'SavingsPlanNegation') return sum;
            return sum + units(type === 'SavingsPlanCoveredUsage' || type === 'DiscountedUsage' ? amortized : cost);
          }, 0);
          const sums = await withLedger(async (ledger, folder) => {
            await ingest(ledger, [await writeExport(folder, 'cur.csv', csvOf(rows))]);
            return costSums(ledger);
          });
          expect(sums.slice(0, 2).map(units)).toEqual([billed, effective]);
        },
      ),
      { numRuns: 25 },
    );
  });
});

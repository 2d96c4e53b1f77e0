import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWorld } from '../../examples/make-world.ts';
import { examples, openWorldData, type WorldData } from './world-data.ts';

/** https://focus.finops.org/focus-specification/v1-2/, feature level Mandatory; the same in 1.0. */
const mandatoryColumns =
  'BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity PricingUnit ProviderName PublisherName ServiceCategory ServiceName'.split(
    ' ',
  );

let world: WorldData;
beforeAll(async () => {
  world = await openWorldData();
});
afterAll(() => {
  world.close();
});

/** Rows (lines of text) that only one of a made and a committed file has. */
async function difference(
  file: string,
  folder: string,
): Promise<{ readonly file: string; readonly differing: number; readonly total: number }> {
  const [made, kept] = [path.join(folder, file), path.join(examples, file)];
  if (file.endsWith('.gz')) {
    const [now, then] = await Promise.all(
      [made, kept].map(async (name) => gunzipSync(await readFile(name)).toString()),
    );
    const lines = (now ?? '').split('\n');
    const before = (then ?? '').split('\n');
    const differing = lines.filter((line, index) => line !== before[index]).length;
    return { file, differing: differing + Math.abs(lines.length - before.length), total: before.length };
  }
  const { differing, total } = await world.row(
    `WITH made AS (FROM read_parquet($1)), kept AS (FROM read_parquet($2))
     SELECT CAST((SELECT count(*) FROM (FROM made EXCEPT ALL FROM kept)) +
       (SELECT count(*) FROM (FROM kept EXCEPT ALL FROM made)) AS INTEGER) AS differing,
       CAST((SELECT count(*) FROM kept) AS INTEGER) AS total`,
    [made, kept],
  );
  return { file, differing: Number(differing), total: Number(total) };
}

describe('the committed data', () => {
  test('is what the script makes', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-world-'));
    try {
      const files = await makeWorld(folder);

      const committed = (await readdir(examples, { recursive: true })).filter((file) => /\.(parquet|gz)$/.test(file));
      const differences = await Promise.all(files.map((file) => difference(file, folder)));
      expect(committed.toSorted()).toEqual(files.toSorted());
      expect(differences.map(({ file, differing }) => `${file}: ${differing}`)).toEqual(
        files.map((file) => `${file}: 0`),
      );
      expect(Math.min(...differences.map(({ total }) => total))).toBeGreaterThan(500);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('is small enough to be cloned with the code', async () => {
    const sizes = await Promise.all(
      ['billing', 'metrics', 'traces'].map(async (folder) => {
        const names = await readdir(path.join(examples, folder), { recursive: true, withFileTypes: true });
        const files = names.filter((entry) => entry.isFile());
        const stats = await Promise.all(files.map((entry) => stat(path.join(entry.parentPath, entry.name))));
        return stats.reduce((sum, { size }) => sum + size, 0);
      }),
    );

    expect(sizes[2]).toBeLessThan(400 * 1024);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(5 * 1024 * 1024);
  });

  test('names the source and the licence of every trace', async () => {
    const source = await readFile(path.join(examples, 'traces/SOURCE.md'), 'utf8');
    const files = await readdir(path.join(examples, 'traces'));

    expect(files.filter((file) => file !== 'SOURCE.md' && !source.includes(`\`${file}\``))).toEqual([]);
  });
});

describe('the bills', () => {
  test.each(['aws', 'gcp'])('%s: every mandatory FOCUS column is there', async (view) => {
    const columns = new Set((await world.rows(`DESCRIBE ${view}`)).map((row) => row['column_name']));

    expect(mandatoryColumns.filter((column) => !columns.has(column))).toEqual([]);
  });

  test('aws: prices, quantities and costs of every row agree', async () => {
    const disagreeing = await world.rows(
      `SELECT "ChargeDescription" FROM aws
       WHERE ("ListUnitPrice" IS NOT NULL AND abs("ListCost" - "ListUnitPrice" * "PricingQuantity") > 1e-8)
         OR ("ContractedUnitPrice" IS NOT NULL AND abs("ContractedCost" - "ContractedUnitPrice" * "PricingQuantity") > 1e-8)
         OR ("CommitmentDiscountStatus" = 'Used' AND ("BilledCost" <> 0 OR "EffectiveCost" >= "ListCost"))
         OR "ChargePeriodEnd" <= "ChargePeriodStart"
         OR "ChargePeriodStart" < "BillingPeriodStart" OR "ChargePeriodEnd" > "BillingPeriodEnd"
         OR ("Tags" IS NOT NULL AND json_type("Tags") <> 'OBJECT')`,
    );

    expect(disagreeing).toEqual([]);
  });

  test('aws: what the Savings Plan bills is what its machines are charged', async () => {
    const { billed, effective, plan } = await world.row(
      `SELECT CAST(sum("BilledCost") AS DOUBLE) AS billed, CAST(sum("EffectiveCost") AS DOUBLE) AS effective,
         CAST(sum("BilledCost") FILTER ("ChargeCategory" = 'Purchase') AS DOUBLE) AS plan FROM aws`,
    );

    expect(billed).toBeCloseTo(Number(effective), 4);
    expect(plan).toBeGreaterThan(70_000);
  });

  test('aws: has a tax, a credit, a refund and nodes that no metric knows', async () => {
    const kinds = await world.row(
      `SELECT CAST(count(*) FILTER ("ChargeCategory" = 'Tax') AS INTEGER) AS tax,
         CAST(count(*) FILTER ("ChargeCategory" = 'Credit' AND "EffectiveCost" < 0) AS INTEGER) AS credit,
         CAST(count(*) FILTER ("ChargeClass" = 'Correction' AND "EffectiveCost" < 0) AS INTEGER) AS refund,
         CAST(count(DISTINCT "ResourceId") FILTER ("ResourceType" = 'Instance' AND regexp_extract("ResourceId", '[^/]+$')
           NOT IN (SELECT split_part("Hostname", '.', 1) FROM gpu)) AS INTEGER) AS unknown_nodes
       FROM aws`,
    );

    expect(kinds).toEqual({ tax: 2, credit: 1, refund: 1, unknown_nodes: 11 });
  });

  test('both cover sixty days without a gap', async () => {
    const days = await world.row(
      `SELECT CAST((SELECT count(DISTINCT CAST("ChargePeriodStart" AS DATE)) FROM aws) AS INTEGER) AS aws,
         CAST((SELECT count(DISTINCT "ChargePeriodStart") FROM gcp) AS INTEGER) AS gcp,
         (SELECT CAST(min("ChargePeriodStart") AS VARCHAR) FROM gcp) AS first,
         (SELECT CAST(max("ChargePeriodEnd") AS VARCHAR) FROM gcp) AS last`,
    );

    expect(days).toEqual({ aws: 60, gcp: 60, first: '2026-09-02T00:00:00Z', last: '2026-11-01T00:00:00Z' });
  });

  test('every hour that a GPU of AWS reports is on the bill', async () => {
    const unbilled = await world.rows(
      `WITH billed AS (SELECT regexp_extract("ResourceId", '[^/]+$') AS node, "ChargePeriodStart" AS hour FROM aws),
       seen AS (SELECT DISTINCT split_part("Hostname", '.', 1) AS node, hour AT TIME ZONE 'UTC' AS hour FROM gpu
         WHERE cluster <> 'prod-eu')
       FROM seen ANTI JOIN billed USING (node, hour) LIMIT 5`,
    );

    expect(unbilled).toEqual([]);
  });
});

describe('the metrics', () => {
  test('of one GPU agree with each other', async () => {
    const disagreeing = await world.rows(
      `SELECT cluster, pod, hour FROM gpu WHERE NOT (
         "DCGM_FI_PROF_GR_ENGINE_ACTIVE" BETWEEN "DCGM_FI_PROF_SM_ACTIVE" AND 1
         AND "DCGM_FI_PROF_SM_ACTIVE" >= "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"
         AND "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE" >= 0 AND "DCGM_FI_PROF_DRAM_ACTIVE" BETWEEN 0 AND 1
         AND "DCGM_FI_DEV_GPU_UTIL" BETWEEN 0 AND 100 AND "DCGM_FI_DEV_FB_FREE" >= 0
         AND "DCGM_FI_DEV_POWER_USAGE" BETWEEN 10 AND CASE "modelName" WHEN 'NVIDIA L4' THEN 72
           WHEN 'NVIDIA L40S' THEN 350 WHEN 'NVIDIA A100-SXM4-40GB' THEN 400 WHEN 'NVIDIA H100 80GB HBM3' THEN 700 END)
       LIMIT 5`,
    );

    expect(disagreeing).toEqual([]);
  });

  test('a GPU has one holder in an hour, and one size of memory', async () => {
    const shared = await world.rows(
      'SELECT card, hour FROM gpu GROUP BY ALL HAVING count(*) > 1 OR count(DISTINCT coalesce(pod, $1)) > 1 LIMIT 5',
      [''],
    );
    const resized = await world.rows(
      `SELECT card FROM gpu GROUP BY card HAVING count(DISTINCT "DCGM_FI_DEV_FB_USED" + "DCGM_FI_DEV_FB_FREE") > 1`,
    );

    expect([...shared, ...resized]).toEqual([]);
  });

  test('the busier a GPU, the more it draws', async () => {
    const models = await world.rows(
      `SELECT "modelName" AS model, corr("DCGM_FI_PROF_SM_ACTIVE", "DCGM_FI_DEV_POWER_USAGE") AS correlation
       FROM gpu WHERE "GPU_I_PROFILE" IS NULL GROUP BY ALL`,
    );

    expect(models).toHaveLength(4);
    expect(models.filter(({ correlation }) => Number(correlation) < 0.8)).toEqual([]);
  });

  test('one exporter was down for five hours, and some GPUs have no pod', async () => {
    const gap = await world.row(
      `SELECT CAST(720 - count(DISTINCT hour) AS INTEGER) AS missing FROM gpu
       WHERE "Hostname" = (SELECT "Hostname" FROM gpu WHERE pod LIKE 'clip-server-%'
         GROUP BY "Hostname" ORDER BY count(*) LIMIT 1)`,
    );
    const idle = await world.row(
      'SELECT CAST(count(DISTINCT card) AS INTEGER) AS cards FROM gpu WHERE pod IS NULL AND hour >= $1',
      ['2026-10-25'],
    );

    expect([gap['missing'], idle['cards']]).toEqual([5, 7]);
  });

  test('staging is OpenMetrics that ends as it must, with the labels of the workload renamed', async () => {
    const file = path.join(examples, 'metrics/staging/dcgm-2026-10.prom.gz');
    const lines = gunzipSync(await readFile(file))
      .toString('utf8')
      .split('\n');

    expect(lines.slice(-2)).toEqual(['# EOF', '']);
    expect(lines[1]).toMatch(/^DCGM_FI_\w+\{.*exported_pod="[\w-]+",.*,pod="dcgm-exporter-\w{5}"\} [\d.]+ \d{10}$/);
  });

  test('demand has the days and weeks of the traces', async () => {
    const { day, week } = await world.row(
      `WITH demand AS (SELECT hour, avg("DCGM_FI_PROF_SM_ACTIVE") AS sm FROM gpu
         WHERE cluster = 'prod-us' AND pod LIKE 'clip-server-%' GROUP BY hour)
       SELECT corr(now.sm, earlier.sm) FILTER (now.hour = earlier.hour + INTERVAL 24 HOUR) AS day,
         corr(now.sm, earlier.sm) FILTER (now.hour = earlier.hour + INTERVAL 168 HOUR) AS week
       FROM demand AS now JOIN demand AS earlier
         ON now.hour IN (earlier.hour + INTERVAL 24 HOUR, earlier.hour + INTERVAL 168 HOUR)`,
    );

    expect(day).toBeGreaterThan(0.7);
    expect(week).toBeGreaterThan(0.7);
  });
});

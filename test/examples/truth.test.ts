import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTruth, type Truth, type TruthRow } from '../../examples/world/truth.ts';
import { openWorldData, worldEnd, type Row, type WorldData } from './world-data.ts';

const rows = await readTruth();
const targetUtilRatio = 0.7;
/** Dense FP16 tensor throughput, TFLOP/s: NVIDIA's data sheets. */
const tflops = { h100: 989, l40s: 362, l4: 121 };
/** What a card draws with nothing to do is at most this share of its limit. */
const idlePowerRatioMax = 0.45;
const powerLimitWatts = `CASE "modelName" WHEN 'NVIDIA L4' THEN 72 WHEN 'NVIDIA L40S' THEN 350
  WHEN 'NVIDIA A100-SXM4-40GB' THEN 400 WHEN 'NVIDIA H100 80GB HBM3' THEN 700 END`;

let world: WorldData;
beforeAll(async () => {
  world = await openWorldData();
});
afterAll(() => {
  world.close();
});

function ofTruth(truth: Truth): readonly (readonly [string, TruthRow])[] {
  return rows.filter((row) => row.truth === truth).map((row) => [row.workload, row]);
}

function keys(row: TruthRow): [cluster: string, namespace: string, name: string] {
  const [cluster = '', namespace = '', , name = ''] = row.workload.split('/');
  return [cluster, namespace, name];
}

const isOfWorkload = `cluster = $1 AND namespace = $2 AND starts_with(pod, $3 || '-')`;

/** GPUs that the p99 hour of a stretch of days asks for, and how many pods and GPUs there were in its last hour. */
function demand(row: TruthRow, from = '2026-10-02', to = worldEnd): Promise<Row> {
  return world.row(
    `WITH of_hour AS (
       SELECT hour, avg("DCGM_FI_PROF_SM_ACTIVE") * count(*) AS gpus, count(*) AS cards, count(DISTINCT pod) AS pods
       FROM gpu WHERE ${isOfWorkload} AND hour >= CAST($4 AS TIMESTAMP) AND hour < CAST($5 AS TIMESTAMP) GROUP BY hour)
     SELECT quantile_cont(gpus, 0.99) AS p99, CAST(count(*) AS INTEGER) AS hours,
       CAST(arg_max(pods, hour) AS INTEGER) AS pods, CAST(arg_max(cards, hour) AS INTEGER) AS cards FROM of_hour`,
    [...keys(row), from, to],
  );
}

/** Extremes of the last seven days. */
function lastWeek(row: TruthRow): Promise<Row> {
  return world.row(
    `SELECT CAST(count(DISTINCT hour) AS INTEGER) AS hours, min("DCGM_FI_DEV_GPU_UTIL") AS util_min,
       median("DCGM_FI_PROF_SM_ACTIVE") AS sm_median, max("DCGM_FI_PROF_SM_ACTIVE") AS sm_max,
       max("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE") AS tensor_max,
       max("DCGM_FI_DEV_POWER_USAGE" / ${powerLimitWatts}) AS power_ratio_max
     FROM gpu WHERE ${isOfWorkload} AND hour >= CAST($4 AS TIMESTAMP) - INTERVAL 7 DAY`,
    [...keys(row), worldEnd],
  );
}

/** Dearest and cheapest of some days, by the bill of the machines that the workload's GPUs are in, USD. */
function costOfDays(row: TruthRow, from: string, to: string): Promise<Row> {
  return world.row(
    `WITH nodes AS (SELECT DISTINCT split_part("Hostname", '.', 1) AS node FROM gpu WHERE ${isOfWorkload}),
       days AS (SELECT CAST("ChargePeriodStart" AS DATE) AS day, sum("EffectiveCost") AS usd
         FROM aws JOIN nodes ON regexp_extract("ResourceId", '[^/]+$') = node GROUP BY day)
     SELECT CAST(min(usd) AS DOUBLE) AS cheapest, CAST(max(usd) AS DOUBLE) AS dearest FROM days
     WHERE day >= CAST($4 AS DATE) AND day < CAST($5 AS DATE)`,
    [...keys(row), from, to],
  );
}

/** Replicas that the demand asks for, not rounded. */
async function replicasAsked(row: TruthRow): Promise<{ readonly asked: number; readonly pods: number }> {
  const { p99, pods, cards, hours } = await demand(row);
  expect(hours).toBeGreaterThanOrEqual(719);
  return { asked: Number(p99) / targetUtilRatio / (Number(cards) / Number(pods)), pods: Number(pods) };
}

function roundedUpWithMargin(asked: number): number {
  const rest = asked - Math.floor(asked);
  expect(rest, `${asked} replicas are too near to a whole number`).toBeGreaterThan(0.2);
  expect(rest, `${asked} replicas are too near to a whole number`).toBeLessThan(0.9);
  return Math.ceil(asked);
}

function changed(row: TruthRow): { readonly from: number; readonly to: number } {
  return { from: Number(row.change?.from), to: Number(row.change?.to) };
}

test('every kind of truth is planted, and only the healthy and the unknown are left as they are', () => {
  const unchanged = rows.filter(({ change }) => change === undefined).map(({ truth }) => truth);

  expect(rows.length).toBeGreaterThanOrEqual(22);
  expect(new Set(rows.map(({ workload }) => workload)).size).toBe(rows.length);
  expect([...new Set(unchanged)].toSorted()).toEqual([
    'healthy',
    'no-metrics',
    'signals-disagree',
    'too-little-history',
  ]);
  expect(new Set(rows.map(({ truth }) => truth)).size).toBe(10);
});

describe('over-provisioned', () => {
  test.each(ofTruth('over-provisioned'))('%s', async (_, row) => {
    const { asked, pods } = await replicasAsked(row);
    const { from, to } = changed(row);

    expect(pods).toBe(from);
    expect(Math.max(roundedUpWithMargin(asked), 2, Math.ceil(from / 2))).toBe(to);
  });
});

describe('cost-spike', () => {
  test.each(ofTruth('cost-spike'))('%s', async (_, row) => {
    const { asked, pods } = await replicasAsked(row);
    const { from, to } = changed(row);
    const [before, since] = [await demand(row, '2026-10-02', '2026-10-23'), await demand(row, '2026-10-23')];
    const costBefore = await costOfDays(row, '2026-09-02', '2026-10-23');
    const costSince = await costOfDays(row, '2026-10-23', '2026-11-01');

    expect([before['pods'], pods]).toEqual([3, from]);
    expect(Math.max(roundedUpWithMargin(asked), 2, Math.ceil(from / 2))).toBe(to);
    expect(Number(since['p99']) / Number(before['p99'])).toBeGreaterThan(0.8);
    expect(Number(since['p99']) / Number(before['p99'])).toBeLessThan(1.2);
    expect(Number(costSince['cheapest']) / Number(costBefore['dearest'])).toBeCloseTo(10 / 3, 3);
  });
});

describe('idle', () => {
  test.each(ofTruth('idle'))('%s', async (_, row) => {
    const week = await lastWeek(row);
    const earlier = await demand(row, '2026-10-02', '2026-10-10');

    expect(week['hours']).toBe(168);
    expect([week['sm_max'], week['tensor_max']]).toEqual([0, 0]);
    expect(week['power_ratio_max']).toBeLessThan(idlePowerRatioMax);
    expect(earlier['p99']).toBeGreaterThan(0.4);
  });
});

describe('signals-disagree', () => {
  test.each(ofTruth('signals-disagree'))('%s', async (_, row) => {
    const week = await lastWeek(row);

    expect([week['hours'], week['util_min'], week['sm_max'], week['tensor_max']]).toEqual([168, 100, 0, 0]);
    expect(week['power_ratio_max']).toBeLessThan(idlePowerRatioMax);
  });
});

describe('too-small', () => {
  test.each(ofTruth('too-small'))('%s', async (_, row) => {
    const { asked, pods } = await replicasAsked(row);
    const { from, to } = changed(row);
    const week = await lastWeek(row);
    const queue = await world.row(
      `SELECT CAST(count(*) AS INTEGER) AS samples, min(value) AS shortest FROM sample
       WHERE ${isOfWorkload} AND metric = 'vllm:num_requests_waiting' AND timestamp >= CAST($4 AS TIMESTAMP) - INTERVAL 7 DAY`,
      [...keys(row), worldEnd],
    );

    expect([pods, roundedUpWithMargin(asked)]).toEqual([from, to]);
    expect(week['sm_median']).toBeGreaterThan(0.95);
    expect(queue['samples']).toBe(168 * from);
    expect(queue['shortest']).toBeGreaterThan(1);
  });
});

describe('wrong-gpu-type', () => {
  test.each(ofTruth('wrong-gpu-type'))('%s', async (_, row) => {
    const use = await world.row(
      `SELECT max("DCGM_FI_DEV_FB_USED") / 1024 AS gib, quantile_cont("DCGM_FI_PROF_SM_ACTIVE", 0.99) AS sm,
         quantile_cont("DCGM_FI_PROF_DRAM_ACTIVE", 0.99) AS dram, any_value("modelName") AS model,
         CAST(count(*) AS INTEGER) AS hours, CAST(count(DISTINCT pod) AS INTEGER) AS pods FROM gpu WHERE ${isOfWorkload}`,
      keys(row),
    );
    const [gib, sm, dram] = [Number(use['gib']), Number(use['sm']), Number(use['dram'])];

    expect([use['model'], use['hours'], use['pods']]).toEqual(['NVIDIA H100 80GB HBM3', 600, 30]);
    expect(gib).toBeLessThan(9);
    expect((sm * tflops.h100) / tflops.l40s).toBeLessThan(0.6);
    expect((sm * tflops.h100) / tflops.l4).toBeGreaterThan(1);
    // GB/s of memory: H100 SXM 3350, L40S 864.
    expect((dram * 3350) / 864).toBeLessThan(0.5);
  });
});

describe('over-budget', () => {
  test.each(ofTruth('over-budget'))('%s', async (_, row) => {
    const { asked, pods } = await replicasAsked(row);
    const { from, to } = changed(row);
    const cost = await costOfDays(row, '2026-10-25', '2026-11-01');

    expect([pods, roundedUpWithMargin(asked)]).toEqual([from, from]);
    expect(to).toBe(from - Math.floor(from * 0.25));
    expect(cost['cheapest']).toBeGreaterThan(1000);
  });
});

describe('too-little-history', () => {
  test.each(ofTruth('too-little-history'))('%s', async (_, row) => {
    expect((await demand(row))['hours']).toBe(96);
  });
});

describe('no-metrics', () => {
  test.each(ofTruth('no-metrics'))('%s', async (_, row) => {
    expect((await demand(row))['hours']).toBe(0);
  });
});

describe('healthy', () => {
  const isJob = ([workload]: readonly [string, TruthRow]): boolean => /\/(PyTorchJob|CronJob)\//.test(workload);
  const servers = ofTruth('healthy').filter((entry) => !isJob(entry));

  test.each(servers)('%s: every replica is needed', async (_, row) => {
    const { asked, pods } = await replicasAsked(row);
    const week = await lastWeek(row);

    expect(asked).toBeGreaterThan(pods - 0.75);
    expect(asked).toBeLessThan(pods - 0.15);
    expect(week['sm_median']).toBeLessThan(0.8);
  });

  test.each(ofTruth('healthy').filter(isJob))('%s: works hard while it runs, within its budget', async (_, row) => {
    const { median, memory, hours } = await world.row(
      `SELECT median("DCGM_FI_PROF_SM_ACTIVE") AS median, max("DCGM_FI_DEV_FB_USED") / 1024 AS memory,
         CAST(count(DISTINCT hour) AS INTEGER) AS hours FROM gpu WHERE ${isOfWorkload}`,
      keys(row),
    );
    const cost = await costOfDays(row, '2026-10-02', '2026-11-01');

    expect(median).toBeGreaterThan(0.7);
    // With a fifth to spare this fits no card smaller than its own of 40 GiB.
    expect(memory).toBeGreaterThan(24);
    expect(hours).toBeGreaterThanOrEqual(180);
    expect(Number(cost['dearest'] ?? 0)).toBeLessThan(2500);
  });

  test('the MIG slices show no GPU_UTIL, by design', async () => {
    const { util, sm, slices } = await world.row(
      `SELECT max("DCGM_FI_DEV_GPU_UTIL") AS util, median("DCGM_FI_PROF_SM_ACTIVE") AS sm,
         CAST(count(DISTINCT card) AS INTEGER) AS slices FROM gpu WHERE "GPU_I_PROFILE" = '1g.5gb' AND pod IS NOT NULL`,
    );

    expect([util, slices]).toEqual([0, 2]);
    expect(sm).toBeGreaterThan(0.4);
  });
});

test('the Savings Plan covers the training machines and nothing else', async () => {
  const covered = await world.rows(
    `SELECT DISTINCT "SkuMeter" AS meter FROM aws WHERE "CommitmentDiscountStatus" = 'Used'
     UNION SELECT DISTINCT "SkuMeter" FROM aws WHERE "SkuMeter" LIKE '%p4d%' AND "CommitmentDiscountStatus" IS NULL`,
  );

  expect(covered).toEqual([{ meter: 'BoxUsage:p4d.24xlarge' }]);
});

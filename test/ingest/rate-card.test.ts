import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/domain/index.ts';
import { ingestMetrics } from '../../src/ingest/metrics/index.ts';
import { ingestRateCards } from '../../src/ingest/rate-card/index.ts';
import type { Ledger } from '../../src/ledger/index.ts';
import {
  allHours,
  aWorkload,
  attributeMonth,
  gpuLabels,
  hour,
  hourly,
  openMetrics,
  start,
  withLedger,
  type Sample,
} from '../ledger/worlds.ts';
import { costSums, ledgerRows } from './billing/exports.ts';

const model = 'NVIDIA H100 80GB HBM3';
const prices = `currency: USD\ngpuHourPrices:\n  - { model: ${model}, pricePerHour: 2.5 }\n`;

async function withNodes<Result>(
  samples: readonly Sample[],
  work: (
    ledger: Ledger,
    card: (text: string) => Promise<Awaited<ReturnType<typeof ingestRateCards>>>,
  ) => Promise<Result>,
): Promise<Result> {
  return withLedger(async (ledger, folder) => {
    const metrics = path.join(folder, 'gpus.om');
    await writeFile(metrics, openMetrics(samples));
    await ingestMetrics(ledger, {
      sources: [{ kind: 'files', path: metrics, format: 'auto', cluster: undefined }],
      ...allHours,
    });
    return work(ledger, async (text) => {
      const file = path.join(folder, 'rates.yml');
      await writeFile(file, text);
      return ingestRateCards(ledger, { paths: [file] });
    });
  });
}

const twoGpus = [...hourly([0, 1], gpuLabels()), ...hourly([0], gpuLabels({ gpu: '1', UUID: 'GPU-1' }))];

describe('a rate card', () => {
  test('costs each node what its GPUs cost in the hours in which they were seen', async () => {
    await withNodes(twoGpus, async (ledger, card) => {
      const result = await card(prices);

      expect(result).toEqual({ rows: 2, problems: [] });
      expect(
        await ledgerRows(
          ledger,
          `SELECT "ChargePeriodStart", "ResourceName", "EffectiveCost", instance_type, "Tags" FROM billing_row ORDER BY 1`,
        ),
      ).toEqual([
        ['2026-10-01 00:00:00', 'node-1', '5.0000000000', `2 x ${model}`, '{"k8s-cluster-name":"prod"}'],
        ['2026-10-01 01:00:00', 'node-1', '2.5000000000', `1 x ${model}`, '{"k8s-cluster-name":"prod"}'],
      ]);
    });
  });

  test('reaches the workload that held the GPUs', async () => {
    await withNodes(twoGpus, async (ledger, card) => {
      await card(prices);

      const { cost } = await attributeMonth(ledger, [aWorkload()]);

      const total = [...cost.values()][0]?.days.reduce((sum, day) => sum + Number(day.effective.micros), 0);
      expect(total).toBe(7_500_000);
    });
  });

  test('counts a GPU that two pods share once, and is made anew on every run', async () => {
    const shared = [...hourly([0], gpuLabels()), ...hourly([0], gpuLabels({ pod: 'other-6d4f9c7b8-aaaaa' }))];
    await withNodes(shared, async (ledger, card) => {
      await card(prices);
      await card(prices.replace('2.5', '3'));

      expect((await costSums(ledger))[1]).toBe('3');
    });
  });

  test('adds the energy that DCGM counted, by the price of power and the site’s effectiveness', async () => {
    const energy = (megajoules: number, minute: number): Sample => ({
      metric: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
      labels: gpuLabels(),
      value: megajoules * 1e9,
      at: start + (minute * hour) / 60,
    });
    const power = hourly([1], gpuLabels(), 500, 'DCGM_FI_DEV_POWER_USAGE');
    await withNodes([energy(10, 1), energy(11.8, 59), ...power], async (ledger, card) => {
      await card(`${prices}power: { pricePerKwh: 0.2, pueRatio: 1.5 }\n`);

      expect(await ledgerRows(ledger, `SELECT "EffectiveCost" FROM billing_row ORDER BY "ChargePeriodStart"`)).toEqual([
        ['2.6500000000'],
        ['2.6500000000'],
      ]);
    });
  });

  test('is for the clusters it lists, and names models without a price', async () => {
    const samples = [
      ...hourly([0], gpuLabels()),
      ...hourly([0], gpuLabels({ cluster: 'owned', modelName: 'NVIDIA L40S', UUID: 'GPU-2', Hostname: 'node-2' })),
    ];
    await withNodes(samples, async (ledger, card) => {
      const result = await card(`${prices}clusters: [owned]\n`);

      expect(result.rows).toBe(0);
      expect(result.problems).toMatchObject([{ code: 'RATE_CARD_MODEL_UNPRICED', severity: 'warning' }]);
      expect(result.problems[0]?.message).toContain('NVIDIA L40S');
      expect(await costSums(ledger)).toEqual(['0', '0', '0']);
    });
  });

  test('is used as docs/billing.md writes it', async () => {
    const page = await readFile(new URL('../../docs/billing.md', import.meta.url), 'utf8');
    const example = /# rates\.yml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const owned = twoGpus.map((sample) => ({ ...sample, labels: { ...sample.labels, cluster: 'dc-1' } }));
    await withNodes(owned, async (ledger, card) => {
      expect(await card(example)).toEqual({ rows: 2, problems: [] });
      expect((await costSums(ledger, `"BillingCurrency" = 'EUR'`))[1]).toBe('6.3');
    });
  });

  test.each([
    ['currency: dollars\ngpuHourPrices: []\n', 'rates.yml:1:11'],
    [prices.replace('2.5', '-1'), 'rates.yml:3:51'],
    [`${prices}power: { pricePerKWh: 1 }\n`, 'pricePerKwh'],
    [`${prices}  - { model: ${model}, pricePerHour: 3 }\n`, 'two prices'],
    ['', 'empty'],
  ])('%j is refused with its place', async (text, told) => {
    await withNodes(twoGpus, async (ledger, card) => {
      const result = await card(text);

      expect(result.problems.map(({ code }) => code)).toContain('RATE_CARD_INVALID');
      expect(result.problems.map(formatProblem).join('\n')).toContain(told);
      expect(await costSums(ledger)).toEqual(['0', '0', '0']);
    });
  });
});

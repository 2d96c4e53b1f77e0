import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dayMs, epochMs, hourMs, type UsageHour, type WorkloadId } from '../../src/domain/index.ts';
import {
  chooseBackend,
  featurize,
  scoreAll,
  scoreWorkload,
  trainAutoencoder,
  type AutoencoderModel,
} from '../../src/scoring/index.ts';
import { roundShares } from '../../src/scoring/round-shares.ts';
import { aCost, aSeries, start } from './series.ts';

const days = 21;
const window = { windowStart: start, windowEnd: epochMs(start + days * dayMs) };
let model: AutoencoderModel;

beforeAll(async () => {
  await chooseBackend({ preference: 'wasm' });
  const matrices = [featurize(aSeries(days), aCost(days))];
  model = await trainAutoencoder({ matrices, dataDigest: 'd'.repeat(64), seed: 1, epochsMax: 40 });
}, 60_000);

const score = (change: (hour: UsageHour, index: number) => UsageHour | undefined, cost = aCost(days)) =>
  scoreWorkload(model, featurize(aSeries(days, change), cost), window);

describe('scores', () => {
  test('many workloads in one pass have the scores that each has alone', async () => {
    const matrices = Array.from({ length: 40 }, (_, index) => ({
      ...featurize(
        aSeries(days - (index % 7), (hour, at) => (at === 100 + 7 * index ? { ...hour, gpuCount: 9 } : hour)),
        index % 3 === 0 ? undefined : aCost(days),
      ),
      workload: `w${index}` as WorkloadId,
    }));
    const together = await scoreAll(model, matrices, window);

    expect(matrices.reduce((sum, { hours }) => sum + hours.length, 0)).toBeGreaterThan(2 * 8192);
    expect(together.size).toBe(matrices.length);
    for (const matrix of matrices)
      expect(together.get(matrix.workload)).toEqual(await scoreWorkload(model, matrix, window));
  });

  test('the window holds its first hour and not its end', async () => {
    const found = await scoreWorkload(model, featurize(aSeries(days), aCost(days)), {
      windowStart: epochMs(start + 48 * hourMs),
      windowEnd: epochMs(start + 72 * hourMs),
    });

    expect(found?.hoursScored).toBe(24);
    expect(found?.peakHour).toBeGreaterThanOrEqual(start + 48 * hourMs);
    expect(found?.peakHour).toBeLessThan(start + 72 * hourMs);
  });

  test('shares add up to one exactly, largest first', async () => {
    const found = await score((hour, index) => (index === 300 ? { ...hour, gpuCount: 40, queueLength: 50 } : hour));
    const shares = found?.contributions.map(({ shareRatio }) => Math.round(shareRatio * 100)) ?? [];

    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(100);
    expect(shares).toEqual(shares.toSorted((left, right) => right - left));
  });

  test.each<[string, (hour: UsageHour) => UsageHour, readonly string[]]>([
    [
      'power and framebuffer',
      (hour) => ({ ...hour, powerWatts: undefined, framebufferUsedGibMax: undefined, framebufferTotalGib: undefined }),
      ['power_ratio', 'power_ratio_mean_24h', 'framebuffer_used_ratio'],
    ],
    [
      'profiling counters',
      (hour) => ({ ...hour, tensorActiveRatio: undefined, dramActiveRatio: undefined }),
      ['tensor_active', 'dram_active'],
    ],
  ])('an exporter without %s does not make a workload look like one that stands still', async (_, change, names) => {
    const still = (hour: UsageHour): UsageHour => ({
      ...change(hour),
      powerWatts: 0,
      framebufferUsedGibMax: 0,
      framebufferTotalGib: 22.5,
      tensorActiveRatio: 0,
      dramActiveRatio: 0,
    });
    const [lacking, standing] = [await score(change), await score(still)];

    expect(lacking?.peakToThreshold).toBeLessThan((standing?.peakToThreshold ?? 0) / 2);
    expect(names).not.toContain(lacking?.contributions[0]?.feature);
  });

  test('of hours that differ by no more than rounding the first is the peak', async () => {
    const matrix = featurize(
      aSeries(days, (hour, index) => (index === 400 ? { ...hour, queueLength: 60, gpuCount: 9 } : hour)),
      aCost(days),
    );
    const width = matrix.names.length;
    const rows = matrix.rows.slice();
    const strange = rows.subarray(400 * width, 401 * width);
    rows.set(
      strange.map((value) => value * (1 + 1e-6)),
      450 * width,
    );
    rows.set(
      strange.map((value) => value * (1 - 1e-6)),
      480 * width,
    );
    const found = await scoreWorkload(model, { ...matrix, rows }, window);

    expect(found?.peakHour).toBe(start + 400 * hourMs);
  });

  test('a model of other features is refused with the names that differ', async () => {
    const other = { ...model, featureNames: [...model.featureNames.slice(1), 'mystery'] };
    const swapped = { ...model, featureNames: model.featureNames.toReversed() };
    const matrix = featurize(aSeries(2), undefined);

    await expect(scoreWorkload(other, matrix, window)).rejects.toThrow(/model has mystery.*version has gpu_util/);
    await expect(scoreWorkload(swapped, matrix, window)).rejects.toThrow(/another order/);
  });
});

const reading = fc.option(fc.double({ noNaN: false }), { nil: undefined });

test('whatever was measured, no score and no share is NaN or infinite', async () => {
  await fc.assert(
    fc.asyncProperty(reading, reading, reading, reading, async (sm, power, queue, framebuffer) => {
      const found = await score((hour, index) =>
        index % 3 === 0
          ? {
              ...hour,
              smActiveRatio: sm,
              powerWatts: power,
              queueLength: queue,
              framebufferUsedGibMax: framebuffer,
            }
          : hour,
      );

      expect(Number.isFinite(found?.peakToThreshold)).toBe(true);
      expect(found?.contributions.every(({ shareRatio }) => shareRatio > 0 && shareRatio <= 1)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('rounded shares are whole, add up to the total, and are off by less than one', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (amounts) => {
      const sum = amounts.reduce((all, amount) => all + amount, 0);
      const parts = roundShares(amounts, 100);
      const exact = amounts.map((amount) => (sum > 0 ? (amount / sum) * 100 : 0));

      expect(parts.reduce((all, part) => all + part, 0)).toBe(sum > 0 ? 100 : 0);
      expect(parts.every(Number.isInteger)).toBe(true);
      parts.forEach((part, index) => expect(Math.abs(part - (exact[index] ?? 0))).toBeLessThan(1.000001));
    }),
  );
});

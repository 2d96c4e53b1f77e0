import { median } from 'd3-array';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs, hourMs, type UsageHour } from '../../src/domain/index.ts';
import { featurize } from '../../src/scoring/index.ts';
import { TrailingMedian } from '../../src/scoring/trailing-median.ts';
import { aCost, aSeries, start } from './series.ts';

type Matrix = ReturnType<typeof featurize>;

/** One cell; undefined where the matrix says that it is missing. */
function cell(matrix: Matrix, feature: string, row: number): number | undefined {
  const column = matrix.names.indexOf(feature);
  if (column === -1) throw new Error(`there is no feature ${feature}`);
  const at = row * matrix.names.length + column;
  return matrix.missing[at] === 1 ? undefined : matrix.rows[at];
}

describe('features', () => {
  const row = 20 * 24 + 6;
  const matrix = featurize(
    aSeries(28, (hour, index) => (index === row ? { ...hour, gpuCount: 6, queueLength: 3, smActiveRatio: 0.9 } : hour)),
    aCost(28, (day) => (day === 20 ? 100 : 80)),
  );

  test.each([
    ['gpu_count_ratio', 6 / 4],
    ['cost_per_day_ratio', 100 / 80],
    ['queue_log1p', Math.log(4)],
    ['framebuffer_used_ratio', 15 / 22.5],
    ['sm_active', 0.9],
    // 2026-09-21 is a Monday.
    ['hour_sin', 1],
    ['weekday_sin', Math.sin((2 * Math.PI) / 7)],
  ])('%s is relative as its name says', (feature, expected) => {
    expect(cell(matrix, feature, row)).toBeCloseTo(expected, 5);
  });

  test('a difference is to the same hour one day and seven days before', () => {
    const sm = (at: number): number => cell(matrix, 'sm_active', at) ?? Number.NaN;

    expect(cell(matrix, 'sm_active_minus_day_before', row)).toBeCloseTo(sm(row) - sm(row - 24), 5);
    expect(cell(matrix, 'sm_active_minus_week_before', row)).toBeCloseTo(sm(row) - sm(row - 168), 5);
    expect(cell(matrix, 'sm_active_minus_day_before', 3)).toBe(0);
  });

  test('the same input gives the same bytes, and the input is left as it was', () => {
    const [series, cost] = [aSeries(9), aCost(9)];
    const before = structuredClone(series);

    expect(featurize(series, cost)).toEqual(featurize(series, cost));
    expect(series).toEqual(before);
  });

  test("one hour's power spike leaves the other hours' power ratio as it was", () => {
    const calm = featurize(aSeries(28), undefined);
    const spiked = featurize(
      aSeries(28, (hour, index) => (index === 600 ? { ...hour, powerWatts: 700 } : hour)),
      undefined,
    );

    expect(cell(spiked, 'power_ratio', 300)).toBeCloseTo(cell(calm, 'power_ratio', 300) ?? Number.NaN, 2);
    expect(cell(spiked, 'power_ratio', 600)).toBeGreaterThan(5);
  });
});

describe('missing values', () => {
  test.each<[string, string, (hour: UsageHour) => UsageHour]>([
    ['power', 'power_ratio', (hour) => ({ ...hour, powerWatts: undefined })],
    ['framebuffer', 'framebuffer_used_ratio', (hour) => ({ ...hour, framebufferTotalGib: undefined })],
    ['a queue', 'queue_log1p', (hour) => ({ ...hour, queueLength: undefined })],
    ['tensor activity', 'tensor_active', (hour) => ({ ...hour, tensorActiveRatio: undefined })],
    ['DRAM activity', 'dram_active', (hour) => ({ ...hour, dramActiveRatio: Number.NaN })],
  ])('a workload that never had %s has it marked as missing, not as zero', (_, feature, change) => {
    const matrix = featurize(aSeries(3, change), aCost(3));

    expect(matrix.hours.map((__, row) => cell(matrix, feature, row)).every((value) => value === undefined)).toBe(true);
  });

  test('a workload without cost has no cost ratio', () => {
    expect(cell(featurize(aSeries(3), undefined), 'cost_per_day_ratio', 40)).toBeUndefined();
  });

  test('a gap is filled with the median of the last 24 known hours', () => {
    const matrix = featurize(
      aSeries(4, (hour, index) => ({ ...hour, queueLength: index >= 50 && index < 53 ? undefined : index % 5 })),
      undefined,
    );
    const past = Array.from({ length: 24 }, (_, back) => cell(matrix, 'queue_log1p', 49 - back));

    expect(cell(matrix, 'queue_log1p', 50)).toBeCloseTo(median(past) ?? Number.NaN, 6);
  });

  test('where SM activity is missing, GR_ENGINE stands in for it, then GPU_UTIL', () => {
    const matrix = featurize(
      aSeries(2, (hour, index) => ({
        ...hour,
        smActiveRatio: undefined,
        grEngineActiveRatio: index === 30 ? undefined : 0.25,
        gpuUtilRatio: 0.75,
      })),
      undefined,
    );

    expect(cell(matrix, 'sm_active', 29)).toBe(0.25);
    expect(cell(matrix, 'sm_active', 30)).toBe(0.75);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300])('one reading of %s does not touch other hours', (watts) => {
    const calm = featurize(aSeries(10), undefined);
    const spoiled = featurize(
      aSeries(10, (hour, index) => (index === 30 ? { ...hour, powerWatts: watts } : hour)),
      undefined,
    );

    for (const row of [0, 29, 31, 100, 239])
      expect(cell(spoiled, 'power_ratio', row)).toBeCloseTo(cell(calm, 'power_ratio', row) ?? Number.NaN, 2);
  });
});

const reading = fc.option(fc.double({ noNaN: false }), { nil: undefined });
const anyHours = fc
  .array(
    fc.record({
      gpuCount: fc.integer({ min: 0, max: 1000 }),
      gpuUtilRatio: reading,
      grEngineActiveRatio: reading,
      smActiveRatio: reading,
      busiestGpuRatio: reading,
      tensorActiveRatio: reading,
      dramActiveRatio: reading,
      framebufferUsedGibMax: reading,
      framebufferTotalGib: reading,
      powerWatts: reading,
      xidErrors: reading,
      queueLength: reading,
      requestsPerSecond: reading,
    }),
    { maxLength: 40 },
  )
  .map((hours) => hours.map((hour, index): UsageHour => ({ ...hour, hour: epochMs(start + index * hourMs) })));

test('whatever was measured, every cell is a finite number, and every hour is kept or counted', () => {
  fc.assert(
    fc.property(anyHours, (hours) => {
      const matrix = featurize({ ...aSeries(0), hours }, aCost(2));

      expect(matrix.rows.every(Number.isFinite)).toBe(true);
      expect(matrix.hours.length + matrix.droppedHours).toBe(hours.length);
      expect(matrix.rows).toHaveLength(matrix.hours.length * matrix.names.length);
      expect(matrix.missing).toHaveLength(matrix.rows.length);
    }),
  );
});

test('a trailing median is the median of the last values', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), fc.integer({ min: 1, max: 9 }), (values, size) => {
      const trailing = new TrailingMedian(size);
      values.forEach((value, index) => {
        trailing.push(value);
        expect(trailing.median()).toEqual(median(values.slice(Math.max(0, index + 1 - size), index + 1)));
      });
    }),
  );
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateDetector, type DetectorQuality } from '../../src/scoring/index.ts';

interface GoldenCase {
  readonly name: string;
  readonly threshold: number;
  readonly labels: readonly number[];
  readonly scores: readonly number[];
  readonly quality: Readonly<Record<keyof DetectorQuality, number | null>>;
}

const golden = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../fixtures/scoring/detector-quality.json'), 'utf8'),
) as { readonly cases: readonly GoldenCase[] };

const samplesOf = (labels: readonly number[], scores: readonly number[]) =>
  labels.map((label, index) => ({ isAnomalous: label === 1, score: scores[index] ?? Number.NaN }));

/** What scikit-learn leaves undefined, or warns about, is null in the fixture. */
const about = (value: number | null): unknown => (value === null ? undefined : expect.closeTo(value, 12));

describe('the quality of a detector is what scikit-learn says it is', () => {
  test.each(golden.cases)('$name', ({ labels, scores, threshold, quality }) => {
    const found = evaluateDetector(samplesOf(labels, scores), threshold);

    const expected = Object.entries(quality).map(([measure, value]) => [measure, about(value)]);
    expect(found).toEqual(Object.fromEntries(expected));
  });
});

const labelled = fc.array(fc.record({ isAnomalous: fc.boolean(), score: fc.integer({ min: 0, max: 9 }) }), {
  maxLength: 60,
});

test('the order of the windows does not matter, and a stretched score has the same curves', () => {
  fc.assert(
    fc.property(labelled, (samples) => {
      const quality = evaluateDetector(samples, 5);

      expect(evaluateDetector(samples.toReversed(), 5)).toEqual(quality);
      expect(
        evaluateDetector(
          samples.map(({ isAnomalous, score }) => ({ isAnomalous, score: Math.exp(score) })),
          Math.exp(5),
        ),
      ).toEqual(quality);
    }),
  );
});

test('every measure is a share, or is not defined', () => {
  fc.assert(
    fc.property(labelled, fc.integer({ min: -1, max: 10 }), (samples, threshold) => {
      const { precision, recall, rocAuc, averagePrecision, prAuc } = evaluateDetector(samples, threshold);
      const defined = [precision, recall, rocAuc, averagePrecision, prAuc].filter((value) => value !== undefined);

      expect(defined.every((value) => value >= 0 && value <= 1 + 1e-12)).toBe(true);
    }),
  );
});

test('a score that is no number is refused, not sorted somewhere', () => {
  expect(() => evaluateDetector([{ isAnomalous: true, score: Number.NaN }], 1)).toThrow(/no finite number/);
});

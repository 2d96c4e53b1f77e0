import { assert } from '../domain/index.ts';

/** One hour or window with a known truth and what a detector said of it. */
export interface LabelledScore {
  readonly isAnomalous: boolean;
  /** Larger is stranger; must be finite. */
  readonly score: number;
}

/**
 * How well scores tell anomalous windows from ordinary ones, as scikit-learn defines it. Undefined where the measure is:
 * precision when nothing was reported, recall when nothing was there to find, curves when only one class is present.
 */
export interface DetectorQuality {
  readonly windows: number;
  readonly anomalous: number;
  readonly precision: number | undefined;
  readonly recall: number | undefined;
  /** Area under the ROC curve: the chance that an anomalous window scores above an ordinary one, ties counting half. */
  readonly rocAuc: number | undefined;
  /** Σ (recallₙ − recallₙ₋₁) · precisionₙ, without interpolation: `average_precision_score`. */
  readonly averagePrecision: number | undefined;
  /** Trapezoids under the precision–recall curve: `auc(recall, precision)`; more optimistic than the above. */
  readonly prAuc: number | undefined;
}

/** Measures a detector on labelled windows; a score above the threshold is a report. O(n log n). */
export function evaluateDetector(samples: readonly LabelledScore[], threshold: number): DetectorQuality {
  assert(
    samples.every(({ score }) => Number.isFinite(score)),
    'a score is no finite number',
  );
  const anomalous = samples.filter(({ isAnomalous }) => isAnomalous).length;
  const reported = samples.filter(({ score }) => score > threshold);
  const found = reported.filter(({ isAnomalous }) => isAnomalous).length;
  const hasBoth = anomalous > 0 && anomalous < samples.length;
  const steps = hasBoth ? operatingPoints(samples) : [];
  return {
    windows: samples.length,
    anomalous,
    precision: reported.length === 0 ? undefined : found / reported.length,
    recall: anomalous === 0 ? undefined : found / anomalous,
    rocAuc: hasBoth ? rocAuc(steps, anomalous, samples.length - anomalous) : undefined,
    averagePrecision: hasBoth ? averagePrecision(steps, anomalous) : undefined,
    prAuc: hasBoth ? prAuc(steps, anomalous) : undefined,
  };
}

interface OperatingPoint {
  readonly truePositives: number;
  readonly falsePositives: number;
}

/** Counts at each distinct score taken as the threshold, from the strictest; equal scores fall together. */
function operatingPoints(samples: readonly LabelledScore[]): readonly OperatingPoint[] {
  const sorted = samples.toSorted((left, right) => right.score - left.score);
  const points: OperatingPoint[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  for (const [index, { score, isAnomalous }] of sorted.entries()) {
    if (isAnomalous) truePositives += 1;
    else falsePositives += 1;
    if (sorted[index + 1]?.score !== score) points.push({ truePositives, falsePositives });
  }
  return points;
}

function rocAuc(points: readonly OperatingPoint[], positives: number, negatives: number): number {
  let area = 0;
  let before: OperatingPoint = { truePositives: 0, falsePositives: 0 };
  for (const point of points) {
    area += ((point.falsePositives - before.falsePositives) * (point.truePositives + before.truePositives)) / 2;
    before = point;
  }
  return area / (positives * negatives);
}

function averagePrecision(points: readonly OperatingPoint[], positives: number): number {
  let area = 0;
  let before = 0;
  for (const point of points) {
    area += ((point.truePositives - before) / positives) * precisionAt(point);
    before = point.truePositives;
  }
  return area;
}

/** The curve starts at recall 0 with precision 1, as in `precision_recall_curve`. */
function prAuc(points: readonly OperatingPoint[], positives: number): number {
  let area = 0;
  let before = { recall: 0, precision: 1 };
  for (const point of points) {
    const here = { recall: point.truePositives / positives, precision: precisionAt(point) };
    area += ((here.recall - before.recall) * (here.precision + before.precision)) / 2;
    before = here;
  }
  return area;
}

function precisionAt({ truePositives, falsePositives }: OperatingPoint): number {
  return truePositives / (truePositives + falsePositives);
}

import { ProblemError, type AnomalyScore, type EpochMs, type WorkloadId } from '../domain/index.ts';
import type { FeatureMatrix } from './features.ts';
import { normalise, rowMeans, squaredErrors, type AutoencoderModel } from './model.ts';

/**
 * Scores the hours of every workload inside a half-open window. Scores are rounded to two significant digits: backends
 * agree to about six, so that the same data reads the same on all of them.
 * @throws ProblemError MODEL_FEATURES_DIFFER when the model was trained on other features.
 */
export async function scoreAll(
  model: AutoencoderModel,
  matrices: readonly FeatureMatrix[],
  window: { readonly windowStart: EpochMs; readonly windowEnd: EpochMs },
): Promise<ReadonlyMap<WorkloadId, AnomalyScore>> {
  const scores = new Map<WorkloadId, AnomalyScore>();
  for (const matrix of matrices) {
    checkFeatures(model, matrix);
    const width = matrix.names.length;
    const from = matrix.hours.findIndex((hour) => hour >= window.windowStart);
    const to = matrix.hours.findLastIndex((hour) => hour < window.windowEnd) + 1;
    if (from === -1 || to <= from) continue;
    const errors = await squaredErrors(
      model,
      normalise(matrix.rows.subarray(from * width, to * width), model.medians, model.scales),
    );
    scores.set(matrix.workload, summarise(model, { matrix, errors, from, width }));
  }
  return scores;
}

function checkFeatures(model: AutoencoderModel, matrix: FeatureMatrix): void {
  if (
    model.featureNames.length === matrix.names.length &&
    model.featureNames.every((name, index) => name === matrix.names[index])
  )
    return;
  throw new ProblemError({
    code: 'MODEL_FEATURES_DIFFER',
    severity: 'error',
    place: { kind: 'none' },
    message: `The model was trained on ${model.featureNames.length} features that are not the ${matrix.names.length} of this version; nothing was scored.`,
    remedy: 'Train it again: flyball train --out FOLDER.',
  });
}

function summarise(
  model: AutoencoderModel,
  of: { readonly matrix: FeatureMatrix; readonly errors: Float32Array; readonly from: number; readonly width: number },
): AnomalyScore {
  const { matrix, errors, from, width } = of;
  const means = rowMeans(errors, width);
  let peak = 0;
  let above = 0;
  means.forEach((error, row) => {
    if (error > (means[peak] ?? 0)) peak = row;
    if (error > model.threshold) above += 1;
  });
  const peakErrors = errors.subarray(peak * width, (peak + 1) * width);
  const total = peakErrors.reduce((sum, error) => sum + error, 0);
  const contributions = matrix.names
    .map((feature, index) => ({
      feature,
      shareRatio: total > 0 ? Math.round((100 * (peakErrors[index] ?? 0)) / total) / 100 : 0,
    }))
    .filter(({ shareRatio }) => shareRatio > 0)
    .toSorted((left, right) => right.shareRatio - left.shareRatio || (left.feature < right.feature ? -1 : 1));
  return {
    workload: matrix.workload,
    peakToThreshold: twoDigits((means[peak] ?? 0) / model.threshold),
    peakHour: matrix.hours[from + peak] ?? (0 as EpochMs),
    hoursScored: means.length,
    hoursAboveThreshold: above,
    contributions,
  };
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}

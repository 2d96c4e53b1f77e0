import { ProblemError, type AnomalyScore, type EpochMs, type WorkloadId } from '../domain/index.ts';
import type { FeatureMatrix, FeatureRows } from './features.ts';
import { concatenate, Network, normalise, rowMeans, rowsPerPass, type AutoencoderModel } from './model.ts';
import { roundShares } from './round-shares.ts';

/** Half-open. */
interface Window {
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
}

/** Hours whose errors differ by less are equally strange, so that rounding of a backend does not choose the peak. */
const peakTolerance = 1e-4;

/**
 * Scores the hours of every workload inside a half-open window; a workload without hours in it has no score. Scores are
 * rounded to two significant digits and shares to hundredths: backends agree to about six digits, so that the same data
 * reads the same on all of them. A feature's share is its part of the squared error in the peak hour; it says what the
 * network could not reproduce, and is no SHAP value.
 * @throws ProblemError MODEL_FEATURES_DIFFER when the model was trained on other features.
 */
export async function scoreAll(
  model: AutoencoderModel,
  matrices: readonly FeatureMatrix[],
  window: Window,
): Promise<ReadonlyMap<WorkloadId, AnomalyScore>> {
  for (const { names } of matrices) checkFeatures(model, names);
  const parts = matrices.map((matrix) => partInWindow(matrix, window)).filter(({ hours }) => hours.length > 0);
  const scores = new Map<WorkloadId, AnomalyScore>();
  const network = new Network(model.layers);
  try {
    for (const group of passes(parts)) {
      const errors = await network.squaredErrors(concatenate(group.map((part) => normalise(part, model))));
      let at = 0;
      for (const part of group) {
        scores.set(part.workload, summarise(model, part, errors.subarray(at, at + part.rows.length)));
        at += part.rows.length;
      }
    }
  } finally {
    network.dispose();
  }
  return scores;
}

/** Scores one workload, as {@link scoreAll} does; undefined when it has no hours in the window. */
export async function scoreWorkload(
  model: AutoencoderModel,
  matrix: FeatureMatrix,
  window: Window,
): Promise<AnomalyScore | undefined> {
  return (await scoreAll(model, [matrix], window)).get(matrix.workload);
}

function checkFeatures(model: AutoencoderModel, names: readonly string[]): void {
  if (model.featureNames.join() === names.join()) return;
  const unknown = model.featureNames.filter((name) => !names.includes(name));
  const lacking = names.filter((name) => !model.featureNames.includes(name));
  const differences = [
    ...(unknown.length > 0 ? [`only the model has ${unknown.join(', ')}`] : []),
    ...(lacking.length > 0 ? [`only this version has ${lacking.join(', ')}`] : []),
  ];
  throw new ProblemError({
    code: 'MODEL_FEATURES_DIFFER',
    severity: 'error',
    place: { kind: 'none' },
    message:
      `The model knows ${model.featureNames.length} features, this version computes ${names.length}` +
      ` (${differences.join('; ') || 'in another order'}); nothing was scored.`,
    remedy: 'Train it again: flyball train --out FOLDER.',
  });
}

interface Part extends FeatureRows {
  readonly workload: WorkloadId;
  readonly hours: readonly EpochMs[];
}

function partInWindow({ workload, names, hours, rows, missing }: FeatureMatrix, window: Window): Part {
  const first = hours.findIndex((hour) => hour >= window.windowStart);
  const from = first === -1 ? hours.length : first;
  const to = Math.max(from, hours.findLastIndex((hour) => hour < window.windowEnd) + 1);
  const cells = [from * names.length, to * names.length] as const;
  return { workload, hours: hours.slice(from, to), rows: rows.subarray(...cells), missing: missing.subarray(...cells) };
}

/** Groups small workloads, so that the network runs on batches that are nearly full. */
function* passes(parts: readonly Part[]): Generator<readonly Part[]> {
  let group: Part[] = [];
  let hours = 0;
  for (const part of parts) {
    if (group.length > 0 && hours + part.hours.length > rowsPerPass) {
      yield group;
      group = [];
      hours = 0;
    }
    group.push(part);
    hours += part.hours.length;
  }
  if (group.length > 0) yield group;
}

function summarise(model: AutoencoderModel, { workload, hours }: Part, errors: Float32Array): AnomalyScore {
  const width = model.featureNames.length;
  const means = rowMeans(errors, width);
  const largest = means.reduce((most, error) => Math.max(most, error), 0);
  const peak = means.findIndex((error) => error >= largest * (1 - peakTolerance));
  const peakErrors = errors.subarray(peak * width, (peak + 1) * width);
  const shares = roundShares(peakErrors, 100);
  return {
    workload,
    peakToThreshold: Number((largest / model.threshold).toPrecision(2)),
    peakHour: hours[peak] ?? (0 as EpochMs),
    hoursScored: hours.length,
    hoursAboveThreshold: means.filter((error) => error > model.threshold).length,
    contributions: model.featureNames
      .map((feature, index) => ({ feature, shareRatio: (shares[index] ?? 0) / 100 }))
      .filter(({ shareRatio }) => shareRatio > 0)
      .toSorted((left, right) => right.shareRatio - left.shareRatio || (left.feature < right.feature ? -1 : 1)),
  };
}

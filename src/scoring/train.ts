import { quantileSorted } from 'd3-array';
import * as tf from '@tensorflow/tfjs-core';
import { assert, formatUtc, ProblemError, silentProgress, type Progress } from '../domain/index.ts';
import type { FeatureMatrix, FeatureRows } from './features.ts';
import { fit } from './fit.ts';
import {
  concatenate,
  Network,
  normalise,
  rowMeans,
  type AutoencoderModel,
  type DenseLayer,
  type Hyperparameters,
} from './model.ts';
import { seededRandom } from './random.ts';
import { robustScale } from './robust-scale.ts';

const hiddenUnits = [16, 8, 16] as const;

const defaults: Hyperparameters = {
  batchSize: 256,
  learningRate: 0.003,
  epochsMax: 120,
  patienceEpochs: 12,
  validationRatio: 0.2,
  // The share of the validation hours that stay below the threshold.
  thresholdQuantile: 0.995,
};

/** Validation hours that are copied without error would otherwise make every later hour infinitely strange. */
const thresholdMin = 1e-6;

/**
 * Trains a dense autoencoder (features → 16 → 8 → 16 → features, ReLU, linear out) by Adam on the mean squared error. The
 * last fifth of every workload's hours validates; training stops when its error has not fallen for twelve epochs. The same
 * seed, data and backend give the same weights, in whatever order the workloads come.
 * @throws ProblemError WORKLOAD_WITHOUT_METRICS when there are too few hours to train on.
 */
export async function trainAutoencoder(options: {
  readonly matrices: readonly FeatureMatrix[];
  readonly dataDigest: string;
  readonly seed: number;
  readonly epochsMax?: number;
  readonly progress?: Progress;
}): Promise<AutoencoderModel> {
  const hyperparameters = { ...defaults, epochsMax: options.epochsMax ?? defaults.epochsMax };
  const matrices = options.matrices.toSorted((left, right) => (left.workload < right.workload ? -1 : 1));
  const featureNames = matrices[0]?.names ?? [];
  const width = featureNames.length;
  assert(
    matrices.every(({ names }) => names.join() === featureNames.join()),
    'matrices differ in their features',
  );
  const { train, validation } = split(matrices, hyperparameters.validationRatio);
  if (train.rows.length === 0 || validation.rows.length === 0) throw tooFewHours();
  const scaling = robustScale(train, width);
  const validationRows = normalise(validation, scaling);
  const fitted = await fit({
    trainRows: normalise(train, scaling),
    validationRows,
    width,
    hiddenUnits,
    hyperparameters,
    random: seededRandom(options.seed),
    progress: options.progress ?? silentProgress,
  });
  assert(Number.isFinite(fitted.validationError), 'training ended with an error that is no number');
  return {
    featureNames,
    ...scaling,
    layers: fitted.layers,
    threshold: await thresholdOf(fitted.layers, validationRows, {
      width,
      quantile: hyperparameters.thresholdQuantile,
    }),
    seed: options.seed,
    backend: tf.getBackend(),
    hyperparameters,
    epochs: fitted.epochs,
    trainHours: train.rows.length / width,
    validationHours: validationRows.length / width,
    validationError: fitted.validationError,
    dataDigest: options.dataDigest,
    ...timeRange(matrices),
  };
}

function tooFewHours(): ProblemError {
  return new ProblemError({
    code: 'WORKLOAD_WITHOUT_METRICS',
    severity: 'error',
    place: { kind: 'none' },
    message: 'There are too few hours with GPU metrics to train on: a workload needs at least two.',
    remedy: 'Train on a longer window, or check that the metrics cover the workloads of the repository.',
  });
}

/** Cuts every workload in time: the first part trains, the rest validates. */
function split(
  matrices: readonly FeatureMatrix[],
  validationRatio: number,
): { readonly train: FeatureRows; readonly validation: FeatureRows } {
  const parts = matrices.map(({ rows, missing, hours, names }) => {
    const cut = Math.floor(hours.length * (1 - validationRatio)) * names.length;
    return {
      train: { rows: rows.subarray(0, cut), missing: missing.subarray(0, cut) },
      validation: { rows: rows.subarray(cut), missing: missing.subarray(cut) },
    };
  });
  return { train: join(parts.map(({ train }) => train)), validation: join(parts.map((part) => part.validation)) };
}

function join(parts: readonly FeatureRows[]): FeatureRows {
  return {
    rows: concatenate(parts.map(({ rows }) => rows)),
    missing: Uint8Array.from(Buffer.concat(parts.map(({ missing }) => missing))),
  };
}

async function thresholdOf(
  layers: readonly DenseLayer[],
  validationRows: Float32Array,
  { width, quantile }: { readonly width: number; readonly quantile: number },
): Promise<number> {
  const network = new Network(layers);
  try {
    const errors = Array.from(rowMeans(await network.squaredErrors(validationRows), width).sort());
    return Math.max(quantileSorted(errors, quantile) ?? 0, thresholdMin);
  } finally {
    network.dispose();
  }
}

function timeRange(matrices: readonly FeatureMatrix[]): Pick<AutoencoderModel, 'trainedFrom' | 'trainedTo'> {
  const times = matrices.flatMap(({ hours }) => [hours.at(0), hours.at(-1)]).filter((time) => time !== undefined);
  return {
    trainedFrom: formatUtc(times.reduce((least, time) => (time < least ? time : least))),
    trainedTo: formatUtc(times.reduce((most, time) => (time > most ? time : most))),
  };
}

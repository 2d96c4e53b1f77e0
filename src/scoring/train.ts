import { quantileSorted } from 'd3-array';
import * as tf from '@tensorflow/tfjs-core';
import { assert, formatUtc, silentProgress, type Progress } from '../domain/index.ts';
import type { FeatureMatrix } from './features.ts';
import { forward, normalise, rowMeans, squaredErrors, type AutoencoderModel, type DenseLayer } from './model.ts';
import { seededRandom, shuffled } from './random.ts';

const hiddenUnits = [16, 8, 16] as const;
const batchSize = 256;
const validationRatio = 0.2;
const patienceEpochs = 12;
const learningRate = 0.003;
/** Share of the validation hours that stay below the threshold. */
const thresholdQuantile = 0.995;

type Weights = {
  readonly kernel: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly activation: DenseLayer['activation'];
};

/**
 * Trains a dense autoencoder (features → 16 → 8 → 16 → features, ReLU, linear out) by Adam on the mean squared error. The last
 * fifth of every workload's hours validates; training stops when its error has not fallen for twelve epochs. The same seed,
 * data and backend give the same weights.
 */
export async function trainAutoencoder(options: {
  readonly matrices: readonly FeatureMatrix[];
  readonly dataDigest: string;
  readonly seed: number;
  readonly epochsMax?: number;
  readonly progress?: Progress;
}): Promise<AutoencoderModel> {
  const { matrices, seed } = options;
  const [first] = matrices;
  assert(first !== undefined && matrices.some(({ hours }) => hours.length > 0), 'nothing to train on');
  const width = first.names.length;
  const parts = matrices.map((matrix) => {
    const cut = Math.floor(matrix.hours.length * (1 - validationRatio)) * width;
    return { train: matrix.rows.subarray(0, cut), validation: matrix.rows.subarray(cut) };
  });
  const train = join(parts.map((part) => part.train));
  const { medians, scales } = robustScale(train, width);
  const trainRows = normalise(train, medians, scales);
  const validationRows = normalise(join(parts.map((part) => part.validation)), medians, scales);
  const random = seededRandom(seed);
  const weights = initialWeights(width, random);
  try {
    const fitted = await fit(weights, {
      trainRows,
      validationRows,
      width,
      random,
      epochsMax: options.epochsMax ?? 120,
      progress: options.progress ?? silentProgress,
    });
    const times = matrices.flatMap(({ hours }) => [hours.at(0), hours.at(-1)]).filter((time) => time !== undefined);
    const model: AutoencoderModel = {
      featureNames: first.names,
      medians,
      scales,
      layers: fitted.layers,
      threshold: 0,
      seed,
      epochs: fitted.epochs,
      trainHours: trainRows.length / width,
      validationHours: validationRows.length / width,
      validationError: fitted.validationError,
      dataDigest: options.dataDigest,
      trainedFrom: formatUtc(times.reduce((least, time) => (time < least ? time : least))),
      trainedTo: formatUtc(times.reduce((most, time) => (time > most ? time : most))),
    };
    const errors = rowMeans(await squaredErrors(model, validationRows), width).toSorted();
    return { ...model, threshold: quantileSorted([...errors], thresholdQuantile) ?? 1 };
  } finally {
    for (const { kernel, bias } of weights) tf.dispose([kernel, bias]);
  }
}

function join(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Median and interquartile range; a feature that hardly varies keeps a scale that does not blow noise up. */
function robustScale(
  rows: Float32Array,
  width: number,
): { readonly medians: readonly number[]; readonly scales: readonly number[] } {
  const medians: number[] = [];
  const scales: number[] = [];
  for (let feature = 0; feature < width; feature += 1) {
    const column = Float32Array.from(
      { length: rows.length / width },
      (_, row) => rows[row * width + feature] ?? 0,
    ).toSorted();
    const quartile = (q: number): number => quantileSorted([...column], q) ?? 0;
    medians.push(quartile(0.5));
    scales.push(Math.max(quartile(0.75) - quartile(0.25), 0.05));
  }
  return { medians, scales };
}

/** Glorot uniform from the seeded stream; biases start at zero. */
function initialWeights(width: number, random: () => number): readonly Weights[] {
  const sizes = [width, ...hiddenUnits, width];
  return sizes.slice(1).map((units, index) => {
    const inputs = sizes[index] ?? width;
    const limit = Math.sqrt(6 / (inputs + units));
    const kernel = Float32Array.from({ length: inputs * units }, () => (2 * random() - 1) * limit);
    return {
      kernel: variableOf(tf.tensor2d(kernel, [inputs, units])),
      bias: variableOf(tf.zeros<tf.Rank.R1>([units])),
      activation: index === sizes.length - 2 ? 'linear' : 'relu',
    };
  });
}

/** A variable keeps its own handle on the data; the tensor it was made from would stay allocated. */
function variableOf<Rank extends tf.Rank>(tensor: tf.Tensor<Rank>): tf.Variable<Rank> {
  const variable = tf.variable(tensor);
  tensor.dispose();
  return variable;
}

interface Fit {
  readonly trainRows: Float32Array;
  readonly validationRows: Float32Array;
  readonly width: number;
  readonly random: () => number;
  readonly epochsMax: number;
  readonly progress: Progress;
}

async function fit(
  weights: readonly Weights[],
  of: Fit,
): Promise<{ readonly layers: readonly DenseLayer[]; readonly epochs: number; readonly validationError: number }> {
  const optimizer = tf.train.adam(learningRate);
  let best = { layers: await readLayers(weights), epochs: 0, validationError: Number.POSITIVE_INFINITY };
  try {
    for (let epoch = 1; epoch <= of.epochsMax && epoch - best.epochs <= patienceEpochs; epoch += 1) {
      trainEpoch(weights, optimizer, of);
      const validationError = await validate(weights, of);
      of.progress.step(epoch, of.epochsMax, `validation error ${validationError.toFixed(4)}`);
      if (validationError < best.validationError)
        best = { layers: await readLayers(weights), epochs: epoch, validationError };
    }
  } finally {
    optimizer.dispose();
  }
  return best;
}

function trainEpoch(weights: readonly Weights[], optimizer: tf.Optimizer, { trainRows, width, random }: Fit): void {
  const order = shuffled(trainRows.length / width, random);
  for (let from = 0; from < order.length; from += batchSize) {
    const chosen = order.subarray(from, from + batchSize);
    const batch = new Float32Array(chosen.length * width);
    chosen.forEach((row, index) => batch.set(trainRows.subarray(row * width, (row + 1) * width), index * width));
    tf.tidy(() => {
      const input = tf.tensor2d(batch, [chosen.length, width]);
      optimizer.minimize(() => tf.mean<tf.Scalar>(tf.square(tf.sub(forward(input, weights), input))));
    });
  }
}

async function validate(weights: readonly Weights[], { validationRows, width }: Fit): Promise<number> {
  const error = tf.tidy(() => {
    const input = tf.tensor2d(validationRows, [validationRows.length / width, width]);
    return tf.mean(tf.square(tf.sub(forward(input, weights), input)));
  });
  const [value] = await error.data<'float32'>();
  error.dispose();
  return value ?? Number.POSITIVE_INFINITY;
}

async function readLayers(weights: readonly Weights[]): Promise<readonly DenseLayer[]> {
  const layers: DenseLayer[] = [];
  for (const { kernel, bias, activation } of weights) {
    layers.push({
      units: bias.shape[0] ?? 0,
      activation,
      kernel: new Float32Array(await kernel.data<'float32'>()),
      bias: new Float32Array(await bias.data<'float32'>()),
    });
  }
  return layers;
}

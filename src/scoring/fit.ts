import * as tf from '@tensorflow/tfjs-core';
import type { Progress } from '../domain/index.ts';
import { forward, rowsPerPass, type DenseLayer, type Hyperparameters } from './model.ts';
import { shuffled } from './random.ts';

interface LayerVariables {
  readonly kernel: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly activation: DenseLayer['activation'];
}

interface FitOptions {
  /** Normalised, row-major. */
  readonly trainRows: Float32Array;
  readonly validationRows: Float32Array;
  readonly width: number;
  readonly hiddenUnits: readonly number[];
  readonly hyperparameters: Hyperparameters;
  readonly random: () => number;
  readonly progress: Progress;
}

/** The weights of the epoch with the least validation error. */
interface Fitted {
  readonly layers: readonly DenseLayer[];
  readonly epochs: number;
  readonly validationError: number;
}

/** Fits the weights by Adam; stops when the validation error has not fallen for some epochs. Leaves no tensor behind. */
export async function fit(options: FitOptions): Promise<Fitted> {
  const { epochsMax, patienceEpochs, learningRate } = options.hyperparameters;
  const weights = initialWeights(options);
  const optimizer = tf.train.adam(learningRate);
  try {
    let best = { layers: await readLayers(weights), epochs: 0, validationError: await validate(weights, options) };
    for (let epoch = 1; epoch <= epochsMax && epoch - best.epochs <= patienceEpochs; epoch += 1) {
      trainEpoch(weights, optimizer, options);
      const validationError = await validate(weights, options);
      options.progress.step(epoch, epochsMax, `validation error ${validationError.toFixed(4)}`);
      if (validationError < best.validationError)
        best = { layers: await readLayers(weights), epochs: epoch, validationError };
    }
    return best;
  } finally {
    optimizer.dispose();
    for (const { kernel, bias } of weights) tf.dispose([kernel, bias]);
  }
}

/** Glorot uniform from the seeded stream; biases start at zero. */
function initialWeights({ width, hiddenUnits, random }: FitOptions): readonly LayerVariables[] {
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

function trainEpoch(
  weights: readonly LayerVariables[],
  optimizer: tf.Optimizer,
  { trainRows, width, random, hyperparameters: { batchSize } }: FitOptions,
): void {
  const order = shuffled(trainRows.length / width, random);
  for (let from = 0; from < order.length; from += batchSize) {
    const chosen = order.subarray(from, from + batchSize);
    const batch = new Float32Array(chosen.length * width);
    chosen.forEach((row, index) => batch.set(trainRows.subarray(row * width, (row + 1) * width), index * width));
    tf.tidy(() => {
      const input = tf.tensor2d(batch, [chosen.length, width]);
      optimizer.minimize(() => meanSquaredError(input, weights));
    });
  }
}

function meanSquaredError(input: tf.Tensor2D, weights: readonly LayerVariables[]): tf.Scalar {
  return tf.mean<tf.Scalar>(tf.square(tf.sub(forward(input, weights), input)));
}

async function validate(
  weights: readonly LayerVariables[],
  { validationRows, width }: Pick<FitOptions, 'validationRows' | 'width'>,
): Promise<number> {
  let sum = 0;
  for (let from = 0; from < validationRows.length; from += rowsPerPass * width) {
    const batch = validationRows.subarray(from, from + rowsPerPass * width);
    const error = tf.tidy(() => meanSquaredError(tf.tensor2d(batch, [batch.length / width, width]), weights));
    const [value] = await error.data<'float32'>();
    error.dispose();
    sum += (value ?? 0) * batch.length;
  }
  return sum / validationRows.length;
}

async function readLayers(weights: readonly LayerVariables[]): Promise<readonly DenseLayer[]> {
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

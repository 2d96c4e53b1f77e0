import * as tf from '@tensorflow/tfjs-core';
import type { FeatureRows } from './features.ts';

/** One dense layer; `kernel` is row-major, inputs × units. */
export interface DenseLayer {
  readonly units: number;
  readonly activation: 'relu' | 'linear';
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** A trained autoencoder as plain data: no tensor outlives a call. */
export interface AutoencoderModel {
  readonly featureNames: readonly string[];
  /** Features are (value − median) / scale, clipped to ±5. */
  readonly medians: readonly number[];
  readonly scales: readonly number[];
  readonly layers: readonly DenseLayer[];
  /** Reconstruction error (mean squared, normalised features) above which an hour is anomalous; above 0. */
  readonly threshold: number;
  readonly seed: number;
  /** The tfjs backend that it was trained on, such as `wasm`; undefined where that was not recorded. */
  readonly backend: string | undefined;
  readonly hyperparameters: Hyperparameters;
  /** The epoch whose weights were kept. */
  readonly epochs: number;
  readonly trainHours: number;
  readonly validationHours: number;
  readonly validationError: number;
  /** SHA-256 of the data it was trained on. */
  readonly dataDigest: string;
  /** RFC 3339. */
  readonly trainedFrom: string;
  readonly trainedTo: string;
}

/** What a training run was set to; recorded, so that it can be repeated. */
export interface Hyperparameters {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly epochsMax: number;
  readonly patienceEpochs: number;
  readonly validationRatio: number;
  readonly thresholdQuantile: number;
}

const clip = 5;

/** Normalises rows of features; what is missing becomes 0, the training median of its feature. */
export function normalise(
  { rows, missing }: FeatureRows,
  { medians, scales }: Pick<AutoencoderModel, 'medians' | 'scales'>,
): Float32Array {
  const width = medians.length;
  return rows.map((value, index) => {
    if (missing[index] === 1) return 0;
    const feature = index % width;
    const normal = (value - (medians[feature] ?? 0)) / (scales[feature] ?? 1);
    return Math.max(-clip, Math.min(clip, normal));
  });
}

/** Runs the network on a batch; call inside `tf.tidy`. */
export function forward(
  input: tf.Tensor2D,
  layers: readonly {
    readonly kernel: tf.Tensor2D;
    readonly bias: tf.Tensor1D;
    readonly activation: DenseLayer['activation'];
  }[],
): tf.Tensor2D {
  return layers.reduce<tf.Tensor2D>((value, layer) => {
    const sum = tf.add(tf.matMul(value, layer.kernel), layer.bias);
    return (layer.activation === 'relu' ? tf.relu(sum) : sum) as tf.Tensor2D;
  }, input);
}

/** Rows that one pass takes; more per pass is no faster, and memory stays flat. */
export const rowsPerPass = 8192;

/** A network's weights as tensors, until it is disposed. */
export class Network {
  private readonly width: number;
  private readonly weights: Parameters<typeof forward>[1];

  constructor(layers: readonly DenseLayer[]) {
    this.width = layers.at(-1)?.units ?? 0;
    this.weights = layers.map(({ units, kernel, bias, activation }) => ({
      kernel: tf.tensor2d(kernel, [kernel.length / units, units]),
      bias: tf.tensor1d(bias),
      activation,
    }));
  }

  /** Squared error of each normalised feature, row-major as the input. */
  async squaredErrors(normalised: Float32Array): Promise<Float32Array> {
    const errors = new Float32Array(normalised.length);
    for (let from = 0; from < normalised.length; from += rowsPerPass * this.width) {
      const batch = normalised.subarray(from, from + rowsPerPass * this.width);
      const result = tf.tidy(() => {
        const input = tf.tensor2d(batch, [batch.length / this.width, this.width]);
        return tf.square(tf.sub(forward(input, this.weights), input));
      });
      try {
        errors.set(await result.data<'float32'>(), from);
      } finally {
        result.dispose();
      }
    }
    return errors;
  }

  dispose(): void {
    for (const { kernel, bias } of this.weights) tf.dispose([kernel, bias]);
  }
}

/** One array of all the parts. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Mean of each row. */
export function rowMeans(values: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: values.length / width }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < width; column += 1) sum += values[row * width + column] ?? 0;
    return sum / width;
  });
}

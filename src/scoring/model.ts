import * as tf from '@tensorflow/tfjs-core';

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
  /** Reconstruction error (mean squared, normalised features) above which an hour is anomalous. */
  readonly threshold: number;
  readonly seed: number;
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

const clip = 5;

/** Normalises rows of features; the result is as long as the input. */
export function normalise(rows: Float32Array, medians: readonly number[], scales: readonly number[]): Float32Array {
  const width = medians.length;
  return rows.map((value, index) => {
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

const batchRows = 8192;

/** Squared error of each normalised feature, row-major as the input. Memory: one batch of 8,192 rows. */
export async function squaredErrors(model: AutoencoderModel, normalised: Float32Array): Promise<Float32Array> {
  const width = model.featureNames.length;
  const total = normalised.length / width;
  const errors = new Float32Array(normalised.length);
  const weights = model.layers.map((layer, index) => ({
    kernel: tf.tensor2d(layer.kernel, [index === 0 ? width : (model.layers[index - 1]?.units ?? width), layer.units]),
    bias: tf.tensor1d(layer.bias),
    activation: layer.activation,
  }));
  try {
    for (let from = 0; from < total; from += batchRows) {
      const to = Math.min(total, from + batchRows);
      const result = tf.tidy(() => {
        const input = tf.tensor2d(normalised.subarray(from * width, to * width), [to - from, width]);
        return tf.square(tf.sub(forward(input, weights), input));
      });
      errors.set(await result.data<'float32'>(), from * width);
      result.dispose();
    }
  } finally {
    for (const { kernel, bias } of weights) tf.dispose([kernel, bias]);
  }
  return errors;
}

/** Mean of each row. */
export function rowMeans(values: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: values.length / width }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < width; column += 1) sum += values[row * width + column] ?? 0;
    return sum / width;
  });
}

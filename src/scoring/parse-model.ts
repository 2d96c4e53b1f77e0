import type { AutoencoderModel, DenseLayer, Hyperparameters } from './model.ts';

export const modelFormat = 'flyball-autoencoder/1';

/** Far above any network that is of use here; keeps a hostile file from asking for gigabytes. */
const unitsMax = 4096;

/**
 * Checks what was read from `metadata.json` against the bytes of `weights.bin`.
 * @throws Error whose message says what is wrong, for the reader of a Problem.
 */
export function parseModel(metadata: unknown, weights: Buffer, weightsDigest: string): AutoencoderModel {
  const fields = record(metadata, 'metadata.json');
  if (fields['format'] !== modelFormat) throw new Error(`metadata.json is not of the format ${modelFormat}`);
  if (text(fields, 'weightsDigest') !== weightsDigest)
    throw new Error('weights.bin is not the file that metadata.json was written for: their digests differ');
  const featureNames = list(fields, 'featureNames').map((name) => text({ featureNames: name }, 'featureNames'));
  if (new Set(featureNames).size !== featureNames.length) throw new Error('metadata.json names a feature twice');
  const layers = parseLayers(list(fields, 'layers'), featureNames.length, weights);
  const perFeature = (key: string): readonly number[] => {
    const values = list(fields, key).map((value) => number({ [key]: value }, key));
    if (values.length !== featureNames.length) throw new Error(`metadata.json: ${key} does not fit the features`);
    return values;
  };
  const scales = perFeature('scales');
  scales.forEach((scale) => positive({ scales: scale }, 'scales'));
  return {
    featureNames,
    layers,
    medians: perFeature('medians'),
    scales,
    threshold: positive(fields, 'threshold'),
    seed: number(fields, 'seed'),
    backend: fields['backend'] === undefined ? undefined : text(fields, 'backend'),
    hyperparameters: parseHyperparameters(record(fields['hyperparameters'], 'hyperparameters')),
    epochs: number(fields, 'epochs'),
    trainHours: number(fields, 'trainHours'),
    validationHours: number(fields, 'validationHours'),
    validationError: number(fields, 'validationError'),
    dataDigest: text(fields, 'dataDigest'),
    trainedFrom: text(fields, 'trainedFrom'),
    trainedTo: text(fields, 'trainedTo'),
  };
}

function parseLayers(shapes: readonly unknown[], width: number, weights: Buffer): readonly DenseLayer[] {
  let offset = 0;
  const take = (count: number): Float32Array => {
    if (offset + count * 4 > weights.length) throw new Error('weights.bin is too short for the layers');
    const values = Float32Array.from({ length: count }, (_, index) => weights.readFloatLE(offset + index * 4));
    offset += count * 4;
    if (!values.every(Number.isFinite)) throw new Error('weights.bin holds values that are no numbers');
    return values;
  };
  let inputs = width;
  const layers = shapes.map((value): DenseLayer => {
    const shape = record(value, 'layers');
    const units = positive(shape, 'units');
    if (!Number.isInteger(units) || units > unitsMax) throw new Error(`metadata.json: a layer has ${units} units`);
    const activation = text(shape, 'activation');
    if (activation !== 'relu' && activation !== 'linear')
      throw new Error('metadata.json: an activation is neither relu nor linear');
    const layer = { units, activation, kernel: take(inputs * units), bias: take(units) } as const;
    inputs = units;
    return layer;
  });
  if (layers.length === 0 || offset !== weights.length || inputs !== width)
    throw new Error('weights.bin does not fit the layers');
  return layers;
}

function parseHyperparameters(fields: Fields): Hyperparameters {
  return {
    batchSize: number(fields, 'batchSize'),
    learningRate: number(fields, 'learningRate'),
    epochsMax: number(fields, 'epochsMax'),
    patienceEpochs: number(fields, 'patienceEpochs'),
    validationRatio: number(fields, 'validationRatio'),
    thresholdQuantile: number(fields, 'thresholdQuantile'),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is no object`);
  return Object.fromEntries(Object.entries(value));
}

function list(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw new Error(`metadata.json: ${key} is no list`);
  return value;
}

function number(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`metadata.json: ${key} is no number`);
  return value;
}

function positive(fields: Fields, key: string): number {
  const value = number(fields, key);
  if (value <= 0) throw new Error(`metadata.json: ${key} is not above 0`);
  return value;
}

function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new Error(`metadata.json: ${key} is no text`);
  return value;
}

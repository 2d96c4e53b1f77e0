import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../domain/index.ts';
import { modelCard } from './model-card.ts';
import type { AutoencoderModel, DenseLayer } from './model.ts';

/** A model with the name of its folder and the digest of its files. */
export interface StoredModel {
  readonly model: AutoencoderModel;
  readonly name: string;
  /** SHA-256 over weights and metadata, hex. */
  readonly digest: string;
}

/**
 * Writes `model.json` and `weights.bin` (tfjs layers-model format, which `tf.loadLayersModel` reads), `metadata.json` and
 * `MODEL_CARD.md`. The same model gives the same bytes. Files are replaced whole, the metadata last.
 */
export async function saveModel(model: AutoencoderModel, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const weights = Buffer.concat(model.layers.flatMap(({ kernel, bias }) => [bytesOf(kernel), bytesOf(bias)]));
  const metadata = `${JSON.stringify(metadataOf(model), null, 2)}\n`;
  await replace(path.join(directory, 'weights.bin'), weights);
  await replace(path.join(directory, 'model.json'), `${JSON.stringify(topologyOf(model), null, 2)}\n`);
  await replace(
    path.join(directory, 'MODEL_CARD.md'),
    modelCard(model, path.basename(directory), digestOf(weights, metadata)),
  );
  await replace(path.join(directory, 'metadata.json'), metadata);
}

/** Reads a model that {@link saveModel} wrote. @throws ProblemError MODEL_UNREADABLE. */
export async function loadModel(directory: string): Promise<StoredModel> {
  try {
    const weights = await readFile(path.join(directory, 'weights.bin'));
    const metadata = await readFile(path.join(directory, 'metadata.json'), 'utf8');
    return {
      model: parseModel(JSON.parse(metadata), weights),
      name: path.basename(directory),
      digest: digestOf(weights, metadata),
    };
  } catch (cause) {
    throw new ProblemError(
      {
        code: 'MODEL_UNREADABLE',
        severity: 'error',
        place: { kind: 'file', path: directory },
        message: `The model cannot be read (${cause instanceof Error ? (cause.message.split('\n')[0] ?? '').slice(0, 160) : 'unknown error'}); nothing was scored.`,
        remedy: 'Name another model in the configuration, or make this one again: flyball train --out FOLDER.',
      },
      { cause },
    );
  }
}

function bytesOf(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes;
}

function digestOf(weights: Buffer, metadata: string): string {
  return createHash('sha256').update(weights).update(metadata).digest('hex');
}

function metadataOf(model: AutoencoderModel): object {
  const { layers, ...rest } = model;
  return {
    format: 'flyball-autoencoder/1',
    ...rest,
    layers: layers.map(({ units, activation }) => ({ units, activation })),
  };
}

function topologyOf(model: AutoencoderModel): object {
  const width = model.featureNames.length;
  const layers = model.layers.map(({ units, activation }, index) => ({
    class_name: 'Dense',
    config: {
      name: `dense_${index + 1}`,
      units,
      activation,
      use_bias: true,
      ...(index === 0 ? { batch_input_shape: [null, width], dtype: 'float32' } : {}),
    },
  }));
  const weights = model.layers.flatMap(({ units }, index) => [
    {
      name: `dense_${index + 1}/kernel`,
      shape: [index === 0 ? width : (model.layers[index - 1]?.units ?? width), units],
      dtype: 'float32',
    },
    { name: `dense_${index + 1}/bias`, shape: [units], dtype: 'float32' },
  ]);
  return {
    format: 'layers-model',
    generatedBy: 'flyball',
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'autoencoder', layers },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
}

function parseModel(metadata: unknown, weights: Buffer): AutoencoderModel {
  const fields = record(metadata, 'metadata');
  if (fields['format'] !== 'flyball-autoencoder/1') throw new Error('metadata.json is of another format');
  const featureNames = list(fields['featureNames'], 'featureNames').map((name) => text(name, 'featureNames'));
  const shapes = list(fields['layers'], 'layers').map((layer) => record(layer, 'layers'));
  let offset = 0;
  const take = (count: number): Float32Array => {
    if (offset + count * 4 > weights.length) throw new Error('weights.bin is too short');
    const values = Float32Array.from({ length: count }, (_, index) => weights.readFloatLE(offset + index * 4));
    offset += count * 4;
    if (!values.every(Number.isFinite)) throw new Error('weights.bin holds values that are no numbers');
    return values;
  };
  let inputs = featureNames.length;
  const layers = shapes.map((shape): DenseLayer => {
    const units = number(shape['units'], 'units');
    const activation = shape['activation'] === 'relu' ? 'relu' : 'linear';
    const layer = { units, activation, kernel: take(inputs * units), bias: take(units) } as const;
    inputs = units;
    return layer;
  });
  if (offset !== weights.length || inputs !== featureNames.length)
    throw new Error('weights.bin does not fit the layers');
  const numbers = (key: string): readonly number[] => list(fields[key], key).map((value) => number(value, key));
  return {
    featureNames,
    layers,
    medians: numbers('medians'),
    scales: numbers('scales'),
    threshold: number(fields['threshold'], 'threshold'),
    seed: number(fields['seed'], 'seed'),
    epochs: number(fields['epochs'], 'epochs'),
    trainHours: number(fields['trainHours'], 'trainHours'),
    validationHours: number(fields['validationHours'], 'validationHours'),
    validationError: number(fields['validationError'], 'validationError'),
    dataDigest: text(fields['dataDigest'], 'dataDigest'),
    trainedFrom: text(fields['trainedFrom'], 'trainedFrom'),
    trainedTo: text(fields['trainedTo'], 'trainedTo'),
  };
}

function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is no object`);
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name} is no list`);
  return value;
}

function number(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`${name} is no number`);
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} is no text`);
  return value;
}

async function replace(file: string, content: string | Buffer): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, content, { flag: 'wx' });
  await rename(temporary, file);
}

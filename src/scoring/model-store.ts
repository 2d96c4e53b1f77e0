import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../domain/index.ts';
import { layersModel } from './layers-model.ts';
import { modelCard } from './model-card.ts';
import type { AutoencoderModel } from './model.ts';
import { modelFormat, parseModel } from './parse-model.ts';

/** A model with the name of its folder and the digest of its files. */
export interface StoredModel {
  readonly model: AutoencoderModel;
  readonly name: string;
  /** SHA-256 over weights and metadata, hex. */
  readonly digest: string;
}

/**
 * Writes `model.json` and `weights.bin` (tfjs layers-model format, which `tf.loadLayersModel` reads), `metadata.json` and
 * `MODEL_CARD.md`. The same model gives the same bytes. Each file is replaced whole, the metadata last: it holds the digest
 * of the weights, so that a run that was cut off in between is noticed by {@link loadModel}.
 */
export async function saveModel(model: AutoencoderModel, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const weights = Buffer.concat(model.layers.flatMap(({ kernel, bias }) => [bytesOf(kernel), bytesOf(bias)]));
  const metadata = jsonText(metadataOf(model, sha256(weights)));
  await replace(path.join(directory, 'weights.bin'), weights);
  await replace(path.join(directory, 'model.json'), jsonText(layersModel(model)));
  await replace(
    path.join(directory, 'MODEL_CARD.md'),
    modelCard(model, path.basename(directory), sha256(weights, metadata)),
  );
  await replace(path.join(directory, 'metadata.json'), metadata);
}

/** Reads a model that {@link saveModel} wrote. @throws ProblemError MODEL_UNREADABLE. */
export async function loadModel(directory: string): Promise<StoredModel> {
  try {
    const weights = await read(directory, 'weights.bin');
    const metadata = (await read(directory, 'metadata.json')).toString('utf8');
    return {
      model: parseModel(parseJson(metadata), weights, sha256(weights)),
      name: path.basename(directory),
      digest: sha256(weights, metadata),
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

async function read(directory: string, file: string): Promise<Buffer> {
  try {
    return await readFile(path.join(directory, file));
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw isAbsent ? new Error(`${file} is missing`, { cause }) : cause;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('metadata.json is no JSON', { cause });
  }
}

/** Little-endian on every machine. */
function bytesOf(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes;
}

function sha256(...parts: readonly (Buffer | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function metadataOf(model: AutoencoderModel, weightsDigest: string): object {
  const { layers, ...rest } = model;
  return {
    format: modelFormat,
    weightsDigest,
    ...rest,
    layers: layers.map(({ units, activation }) => ({ units, activation })),
  };
}

async function replace(file: string, content: string | Buffer): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, content, { flag: 'wx' });
  await rename(temporary, file);
}

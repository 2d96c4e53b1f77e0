import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { dayMs, epochMs, hourMs, type UsageHour } from '../../src/domain/index.ts';
import {
  chooseBackend,
  featurize,
  loadModel,
  saveModel,
  scoreAll,
  trainAutoencoder,
  type AutoencoderModel,
} from '../../src/scoring/index.ts';
import { aCost, aSeries, start } from './series.ts';

const days = 28;
const window = { windowStart: epochMs(start + 21 * dayMs), windowEnd: epochMs(start + days * dayMs) };
let model: AutoencoderModel;

const train = (seed: number) =>
  trainAutoencoder({
    matrices: [featurize(aSeries(days), aCost(days))],
    dataDigest: 'd'.repeat(64),
    seed,
    epochsMax: 40,
  });

async function score(change: (hour: UsageHour, index: number) => UsageHour | undefined, cost = aCost(days)) {
  const matrix = featurize(aSeries(days, change), cost);
  const found = (await scoreAll(model, [matrix], window)).get(matrix.workload);
  if (found === undefined) throw new Error('nothing was scored');
  return found;
}

beforeAll(async () => {
  await chooseBackend({ preference: 'wasm' });
  model = await train(1);
}, 60_000);

describe('detection', () => {
  test('a healthy daily rhythm stays at or below the threshold', async () => {
    const found = await score((hour) => hour);

    expect(found.peakToThreshold).toBeLessThanOrEqual(1.2);
    expect(found.hoursAboveThreshold).toBeLessThan(4);
  });

  test.each([
    [
      'a spike of three busy hours at night',
      (hour: UsageHour, index: number) =>
        index >= 600 && index < 603 ? { ...hour, smActiveRatio: 1, busiestGpuRatio: 1, powerWatts: 72 } : hour,
    ],
    [
      'a flat line at zero',
      (hour: UsageHour, index: number) =>
        index >= 600
          ? {
              ...hour,
              smActiveRatio: 0,
              busiestGpuRatio: 0,
              gpuUtilRatio: 0,
              grEngineActiveRatio: 0,
              tensorActiveRatio: 0,
              powerWatts: 17,
            }
          : hour,
    ],
    ['three times the GPUs', (hour: UsageHour, index: number) => (index >= 600 ? { ...hour, gpuCount: 12 } : hour)],
  ])('%s is above it, at the right time', async (_, change) => {
    const found = await score(change);

    expect(found.peakToThreshold).toBeGreaterThan(2);
    expect(found.peakHour).toBeGreaterThanOrEqual(start + 600 * hourMs);
  });

  test('a cost that triples is pinned to the cost', async () => {
    const found = await score(
      (hour) => hour,
      aCost(days, (day) => (day < 26 ? 80 : 240)),
    );

    expect(found.peakToThreshold).toBeGreaterThan(2);
    expect(found.contributions[0]?.feature).toBe('cost_per_day_ratio');
  });

  test('shares of the signals add up to one', async () => {
    const found = await score((hour) => hour);

    expect(found.contributions.reduce((sum, { shareRatio }) => sum + shareRatio, 0)).toBeCloseTo(1, 1);
  });
});

describe('missing data', () => {
  test('gaps, absent signals and absurd values never give a score that is no number', async () => {
    const found = await score((hour, index) =>
      index % 5 === 0
        ? undefined
        : {
            ...hour,
            powerWatts: undefined,
            framebufferTotalGib: 0,
            dramActiveRatio: index % 3 === 0 ? undefined : Number.NaN,
            queueLength: Number.POSITIVE_INFINITY,
          },
    );

    expect(Number.isFinite(found.peakToThreshold)).toBe(true);
    expect(found.contributions.every(({ shareRatio }) => Number.isFinite(shareRatio))).toBe(true);
  });

  test('hours without any busy signal are dropped and counted, not filled with zeros', () => {
    const matrix = featurize(
      aSeries(10, (hour, index) =>
        index < 48
          ? { ...hour, smActiveRatio: undefined, grEngineActiveRatio: undefined, gpuUtilRatio: undefined }
          : hour,
      ),
      undefined,
    );

    expect(matrix.droppedHours).toBe(48);
    expect(matrix.hours).toHaveLength(192);
    expect(matrix.rows).toHaveLength(192 * matrix.names.length);
  });
});

describe('training', () => {
  test('the same seed gives the same weights, another seed others', async () => {
    const [again, other] = [await train(1), await train(2)];

    expect(again.layers).toEqual(model.layers);
    expect(other.layers).not.toEqual(model.layers);
  }, 60_000);

  test('no tensor is left behind', async () => {
    const before = tf.memory().numTensors;
    await train(3);
    await score((hour) => hour);

    expect(tf.memory().numTensors).toBe(before);
  }, 60_000);

  test('wasm, with its transposes materialised, gives the gradients of plain JavaScript', async () => {
    const gradients = async (): Promise<readonly number[]> => {
      const values = tf.tidy(() => {
        const x = tf.tensor2d(
          Array.from({ length: 24 }, (_, index) => Math.sin(index)),
          [6, 4],
        );
        const weights = tf.tensor2d(
          Array.from({ length: 12 }, (_, index) => Math.cos(index)),
          [4, 3],
        );
        return tf.grads((a: tf.Tensor, b: tf.Tensor) =>
          tf.mean(tf.square(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D))),
        )([x, weights]);
      });
      const data = await Promise.all(values.map((value) => value.data()));
      tf.dispose(values);
      return data.flatMap((part) => Array.from(part));
    };
    const onWasm = await gradients();
    await chooseBackend({ preference: 'cpu' });
    const onCpu = await gradients();
    await chooseBackend({ preference: 'wasm' });

    onWasm.forEach((value, index) => expect(value).toBeCloseTo(onCpu[index] ?? Number.NaN, 4));
  });

  test('a backend that is asked for and cannot run is refused with the reason', async () => {
    await expect(chooseBackend({ preference: 'webgpu' })).rejects.toThrow(/webgpu cannot run here/);
    await chooseBackend({ preference: 'wasm' });
  });
});

describe('the model store', () => {
  function folder(): string {
    const directory = mkdtempSync(path.join(tmpdir(), 'flyball-model-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }

  test('what is saved scores the same after it is loaded, and the bytes are the same each time', async () => {
    const [first, second] = [folder(), folder()];
    await saveModel(model, path.join(first, 'm'));
    await saveModel(model, path.join(second, 'm'));
    const loaded = await loadModel(path.join(first, 'm'));

    expect(loaded.model).toEqual(model);
    for (const file of ['model.json', 'weights.bin', 'metadata.json', 'MODEL_CARD.md']) {
      expect(readFileSync(path.join(first, 'm', file))).toEqual(readFileSync(path.join(second, 'm', file)));
    }
  });

  test('tfjs itself loads the files as a layers model with the same output', async () => {
    const directory = path.join(folder(), 'm');
    await saveModel(model, directory);
    const topology: unknown = JSON.parse(readFileSync(path.join(directory, 'model.json'), 'utf8'));
    const { modelTopology, weightsManifest } = topology as {
      modelTopology: object;
      weightsManifest: [{ weights: tf.io.WeightsManifestEntry[] }];
    };
    const bytes = readFileSync(path.join(directory, 'weights.bin'));
    const network = await loadLayersModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest[0].weights,
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      }),
    );
    const row = tf.zeros([1, model.featureNames.length]);
    const output = network.predict(row) as tf.Tensor;

    expect(output.shape).toEqual([1, model.featureNames.length]);
    expect([...(await output.data())].every(Number.isFinite)).toBe(true);
    tf.dispose([row, output]);
    network.dispose();
  });

  test.each([
    ['weights cut short', 'weights.bin', (bytes: Buffer) => bytes.subarray(0, bytes.length - 8)],
    ['weights that are no numbers', 'weights.bin', (bytes: Buffer) => Buffer.alloc(bytes.length, 0xff)],
    ['metadata of another format', 'metadata.json', () => Buffer.from('{"format":"other"}')],
    ['metadata that is no JSON', 'metadata.json', () => Buffer.from('{')],
  ])('%s are told as MODEL_UNREADABLE', async (_, file, spoil) => {
    const directory = path.join(folder(), 'm');
    await saveModel(model, directory);
    writeFileSync(path.join(directory, file), spoil(readFileSync(path.join(directory, file))));

    await expect(loadModel(directory)).rejects.toMatchObject({ problem: { code: 'MODEL_UNREADABLE' } });
  });

  test('a model of other features is refused, not misread', async () => {
    const other = { ...model, featureNames: [...model.featureNames.slice(1), 'something_else'] };
    const matrix = featurize(aSeries(days), undefined);

    await expect(scoreAll(other, [matrix], window)).rejects.toMatchObject({
      problem: { code: 'MODEL_FEATURES_DIFFER' },
    });
  });
});

test("the shipped model can be loaded and has this version's features", async () => {
  const shipped = await loadModel(path.resolve(import.meta.dirname, '../../models/gpu-hourly'));

  expect(shipped.model.featureNames).toEqual(featurize(aSeries(1), undefined).names);
});

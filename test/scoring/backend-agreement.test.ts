import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { dayMs, epochMs } from '../../src/domain/index.ts';
import {
  backendNames,
  chooseBackend,
  featurize,
  saveModel,
  scoreAll,
  trainAutoencoder,
  type AutoencoderModel,
} from '../../src/scoring/index.ts';
import { aCost, aSeries, start } from './series.ts';

const days = 28;
const window = { windowStart: epochMs(start + 21 * dayMs), windowEnd: epochMs(start + days * dayMs) };
const matrix = featurize(
  aSeries(days, (hour, index) => (index >= 600 && index < 603 ? { ...hour, smActiveRatio: 1, powerWatts: 72 } : hour)),
  aCost(days),
);
let model: AutoencoderModel;

beforeAll(async () => {
  await chooseBackend({ preference: 'wasm' });
  model = await trainAutoencoder({
    matrices: [featurize(aSeries(days), aCost(days))],
    dataDigest: 'd'.repeat(64),
    seed: 1,
    epochsMax: 20,
  });
}, 60_000);

beforeEach(async () => {
  await chooseBackend({ preference: 'wasm' });
});

/** Mean squared error of each hour in the window, by tfjs's own reading of the saved files. */
async function errorsByLayersModel(directory: string): Promise<readonly number[]> {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(path.join(directory, 'model.json'), 'utf8')) as {
    readonly modelTopology: object;
    readonly weightsManifest: readonly [{ readonly weights: tf.io.WeightsManifestEntry[] }];
  };
  const bytes = Uint8Array.from(readFileSync(path.join(directory, 'weights.bin')));
  const network = await loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData: bytes.buffer }),
  );
  const width = matrix.names.length;
  const from = matrix.hours.findIndex((hour) => hour >= window.windowStart);
  const normal = Array.from(matrix.rows.subarray(from * width), (value, index) => {
    const feature = index % width;
    return Math.max(-5, Math.min(5, (value - (model.medians[feature] ?? 0)) / (model.scales[feature] ?? 1)));
  });
  const errors = tf.tidy(() => {
    const input = tf.tensor2d(normal, [normal.length / width, width]);
    return tf.mean(tf.square(tf.sub(network.predict(input) as tf.Tensor2D, input)), 1);
  });
  const values = await errors.data();
  errors.dispose();
  network.dispose();
  return [...values];
}

describe('backends', () => {
  test('plain JavaScript and wasm print the same score for the same model', async () => {
    const onWasm = await scoreAll(model, [matrix], window);
    await chooseBackend({ preference: 'cpu' });
    const onCpu = await scoreAll(model, [matrix], window);

    expect(onCpu.get(matrix.workload)).toEqual(onWasm.get(matrix.workload));
  });

  test('the choice names, in order, every backend it passed over, with a reason for each', async () => {
    const backend = await chooseBackend();

    expect(backend.passedOver.map(({ name }) => name)).toEqual(
      backendNames.slice(0, backendNames.indexOf(backend.name)),
    );
    expect(backend.passedOver.every(({ why }) => why.length > 0)).toBe(true);
    expect(backend.device).not.toBe('');
  });

  test('choosing wasm again and again leaves its gradients as they are', async () => {
    const slope = async (): Promise<readonly number[]> => {
      const gradient = tf.tidy(() => {
        const fixed = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
        return tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.matMul(fixed, x as tf.Tensor2D))))(
          tf.tensor2d([1, -1, 2, 0.5], [2, 2]),
        );
      });
      const values = await gradient.data();
      gradient.dispose();
      return [...values];
    };
    const once = await slope();
    await chooseBackend({ preference: 'cpu' });
    await chooseBackend({ preference: 'wasm' });
    await chooseBackend({ preference: 'wasm' });

    expect(await slope()).toEqual(once);
    // 2·Aᵀ·A·X for the matrices above.
    expect(once).toEqual([246, -26, 312, -32]);
  });
});

test('the saved files, run by tfjs itself, give the score that is reported', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'flyball-model-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  await saveModel(model, directory);
  const errors = await errorsByLayersModel(directory);
  const reported = (await scoreAll(model, [matrix], window)).get(matrix.workload);

  const peak = errors.indexOf(Math.max(...errors));
  expect(reported?.hoursScored).toBe(errors.length);
  expect(reported?.peakHour).toBe(matrix.hours[matrix.hours.length - errors.length + peak]);
  expect(reported?.peakToThreshold).toBe(Number(((errors[peak] ?? 0) / model.threshold).toPrecision(2)));
  expect(reported?.hoursAboveThreshold).toBe(errors.filter((error) => error > model.threshold).length);
});

test('a workload without an hour in the window has no score, and does not stop the others', async () => {
  const young = featurize(aSeries(3), undefined);
  const other = { ...matrix, workload: `${matrix.workload}-2` as typeof matrix.workload };
  const scores = await scoreAll(model, [young, other], window);

  expect([...scores.keys()]).toEqual([other.workload]);
});

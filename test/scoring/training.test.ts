import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { dayMs, epochMs, type WorkloadId } from '../../src/domain/index.ts';
import {
  chooseBackend,
  featurize,
  scoreWorkload,
  trainAutoencoder,
  type AutoencoderModel,
  type BackendName,
} from '../../src/scoring/index.ts';
import { aCost, aSeries, start } from './series.ts';

const named = (name: string, days: number) => ({
  ...featurize(aSeries(days), aCost(days)),
  workload: name as WorkloadId,
});

async function train(
  matrices: readonly ReturnType<typeof featurize>[],
  options: { readonly seed?: number; readonly epochsMax?: number; readonly backend?: BackendName } = {},
): Promise<AutoencoderModel> {
  await chooseBackend({ preference: options.backend ?? 'wasm' });
  return trainAutoencoder({
    matrices,
    dataDigest: 'd'.repeat(64),
    seed: options.seed ?? 1,
    epochsMax: options.epochsMax ?? 5,
  });
}

const weightsOf = (model: AutoencoderModel): readonly number[] =>
  model.layers.flatMap(({ kernel, bias }) => [...kernel, ...bias]);

beforeEach(async () => {
  await chooseBackend({ preference: 'wasm' });
});

describe('training', () => {
  test('wasm and plain JavaScript give the same weights to four digits', async () => {
    const matrices = [named('a', 10)];
    const [onWasm, onCpu] = [await train(matrices), await train(matrices, { backend: 'cpu' })];
    const expected = weightsOf(onCpu);

    expect(onWasm.backend).toBe('wasm');
    expect(onCpu.backend).toBe('cpu');
    expect(onWasm.threshold).toBeCloseTo(onCpu.threshold, 4);
    weightsOf(onWasm).forEach((weight, index) => expect(weight).toBeCloseTo(expected[index] ?? Number.NaN, 4));
  });

  test('the order in which workloads come does not matter', async () => {
    const [first, second, third] = [named('a', 8), named('b', 12), named('c', 5)];

    expect(await train([third, first, second])).toEqual(await train([first, second, third]));
  });

  test('it stops when the held-out error no longer falls, and keeps the best epoch', async () => {
    const flat = featurize(
      aSeries(14, (hour) => ({ ...hour, smActiveRatio: 0, grEngineActiveRatio: 0, gpuUtilRatio: 0, powerWatts: 20 })),
      undefined,
    );
    const seen: string[] = [];
    const model = await trainAutoencoder({
      matrices: [flat],
      dataDigest: '',
      seed: 1,
      epochsMax: 400,
      progress: { stage: () => undefined, step: (_, __, what) => seen.push(what) },
    });

    expect(seen.length).toBeLessThan(400);
    expect(seen).toHaveLength(model.epochs + model.hyperparameters.patienceEpochs);
  }, 60_000);

  test('no tensor is left behind, also when there is nothing to train on', async () => {
    const before = tf.memory().numTensors;
    await train([named('a', 4)]);
    await train([]).catch(() => undefined);

    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    ['no workload', []],
    ['a workload without hours', [named('a', 0)]],
    [
      'a single hour',
      [
        featurize(
          aSeries(1, (hour, index) => (index === 0 ? hour : undefined)),
          undefined,
        ),
      ],
    ],
  ])('%s is told as too little to train on', async (_, matrices) => {
    await expect(train(matrices)).rejects.toMatchObject({ problem: { code: 'WORKLOAD_WITHOUT_METRICS' } });
  });

  test('hours that are all alike give a threshold above zero, and scores that are numbers', async () => {
    const matrix = featurize(
      aSeries(14, ({ hour }) => Object.assign({}, aSeries(1).hours[0], { hour })),
      undefined,
    );
    const model = await train([matrix], { epochsMax: 40 });
    const found = await scoreWorkload(model, matrix, {
      windowStart: start,
      windowEnd: epochMs(start + 14 * dayMs),
    });

    expect(model.threshold).toBeGreaterThan(0);
    expect(Number.isFinite(found?.peakToThreshold)).toBe(true);
  });

  test('a signal that one workload lacks does not bend the scale of the others', async () => {
    const all = named('a', 10);
    const lacking = {
      ...featurize(
        aSeries(10, (hour) => ({ ...hour, powerWatts: undefined, tensorActiveRatio: undefined })),
        aCost(10),
      ),
      workload: 'b' as WorkloadId,
    };
    const [alone, both] = [await train([all], { epochsMax: 1 }), await train([all, lacking], { epochsMax: 1 })];

    for (const feature of ['power_ratio', 'tensor_active']) {
      const column = all.names.indexOf(feature);
      expect(both.medians[column]).toBe(alone.medians[column]);
      expect(both.scales[column]).toBe(alone.scales[column]);
    }
  });
});

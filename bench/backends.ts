/** Trains and scores one fixed network on each backend here, against a bare matrix product of the same FLOPs. */
import * as tf from '@tensorflow/tfjs-core';
import { rowsPerPass } from '../src/scoring/model.ts';
import { backendNames, chooseBackend, featurize, scoreAll, trainAutoencoder } from '../src/scoring/index.ts';
import { epochMs, dayMs } from '../src/domain/index.ts';
import { aCost, aSeries, start } from '../test/scoring/series.ts';

const days = 120;
const matrix = featurize(aSeries(days), aCost(days));
const window = { windowStart: start, windowEnd: epochMs(start + days * dayMs) };
const width = matrix.names.length;
const layers = [width, 16, 8, 16, width];
const flopsPerRow = layers.slice(1).reduce((sum, units, index) => sum + 2 * units * (layers[index] ?? 0), 0);

async function seconds(work: () => Promise<unknown>): Promise<number> {
  await work();
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

/** The same products as one scoring pass, without normalising, bias, activation or error. */
async function bareProducts(rows: number): Promise<void> {
  const outputs = tf.tidy(() => {
    const input = tf.ones<tf.Rank.R2>([rows, width]);
    return layers
      .slice(1)
      .reduce<tf.Tensor2D>((value, units, index) => tf.matMul(value, tf.ones([layers[index] ?? 1, units])), input);
  });
  await outputs.data();
  outputs.dispose();
}

console.log(`${matrix.hours.length} hours × ${width} features, ${flopsPerRow} FLOP a row`);
for (const name of backendNames) {
  try {
    const backend = await chooseBackend({ preference: name });
    const epochs = 5;
    const train = await seconds(() =>
      trainAutoencoder({ matrices: [matrix], dataDigest: '', seed: 1, epochsMax: epochs }),
    );
    const model = await trainAutoencoder({ matrices: [matrix], dataDigest: '', seed: 1, epochsMax: epochs });
    const matrices = Array.from({ length: 40 }, (_, index) => ({
      ...matrix,
      workload: `${matrix.workload}${index}` as typeof matrix.workload,
    }));
    const score = await seconds(() => scoreAll(model, matrices, window));
    const rows = matrices.length * matrix.hours.length;
    const floor = await seconds(async () => {
      for (let left = rows; left > 0; left -= rowsPerPass) await bareProducts(Math.min(left, rowsPerPass));
    });
    console.log(
      `${name} (${backend.device}): train ${(train / epochs).toFixed(3)} s an epoch; score ${Math.round(rows / score)} hours/s; ` +
        `bare products ${Math.round(rows / floor)} rows/s; score ÷ floor ${(score / floor).toFixed(1)}`,
    );
  } catch (error) {
    console.log(`${name}: not run: ${error instanceof Error ? error.message : String(error)}`);
  }
}

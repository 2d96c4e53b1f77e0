import { deviation, mean } from 'd3-array';
import { beforeAll, expect, test } from 'vitest';
import { epochMs, dayMs } from '../../src/domain/index.ts';
import {
  chooseBackend,
  evaluateDetector,
  featurize,
  scoreWorkload,
  trainAutoencoder,
  type AutoencoderModel,
  type DetectorQuality,
} from '../../src/scoring/index.ts';
import { aLabelledFleet, fleetStart, plantedAnomalies } from './labelled-fleet.ts';

const ordinaryDays = 28;
const fleet = aLabelledFleet({ ordinaryDays, seed: 7 });
const trainEnd = epochMs(fleetStart + ordinaryDays * dayMs);
const matrices = new Map(fleet.workloads.map(({ usage, cost }) => [usage.workload, featurize(usage, cost)]));
let model: AutoencoderModel;
let scores: readonly { readonly isAnomalous: boolean; readonly score: number }[];

beforeAll(async () => {
  await chooseBackend({ preference: 'wasm' });
  const ordinary = fleet.workloads.map(({ usage, cost }) =>
    featurize({ ...usage, hours: usage.hours.filter(({ hour }) => hour < trainEnd) }, cost),
  );
  model = await trainAutoencoder({ matrices: ordinary, dataDigest: 'd'.repeat(64), seed: 1, epochsMax: 60 });
  scores = await Promise.all(
    fleet.days.map(async (day) => {
      const matrix = matrices.get(day.workload);
      const found = matrix === undefined ? undefined : await scoreWorkload(model, matrix, day);
      return { isAnomalous: day.isAnomalous, score: found?.peakToThreshold ?? 0 };
    }),
  );
}, 120_000);

/** What one would do without a model: how far SM activity is from its mean, in standard deviations. */
function zScoreBaseline(): DetectorQuality {
  return evaluateDetector(
    fleet.days.map((day) => {
      const hours = fleet.workloads.find(({ usage }) => usage.workload === day.workload)?.usage.hours ?? [];
      const past = hours.filter(({ hour }) => hour < trainEnd).map(({ smActiveRatio }) => smActiveRatio);
      const [usual, spread] = [mean(past) ?? 0, deviation(past) ?? 1];
      const present = hours.filter(({ hour }) => hour >= day.windowStart && hour < day.windowEnd);
      const deviations = present.map(({ smActiveRatio }) => Math.abs((smActiveRatio ?? usual) - usual) / spread);
      return { isAnomalous: day.isAnomalous, score: Math.max(...deviations) };
    }),
    3,
  );
}

test('every planted anomaly is above the threshold, also where SM activity stays in its usual range', () => {
  const found = scores.filter(({ isAnomalous }) => isAnomalous).map(({ score }) => score);

  expect(found).toHaveLength(plantedAnomalies.length);
  expect(found.filter((score) => score <= 1)).toEqual([]);
});

test('ordinary days stay below twice the threshold, nine of ten below it', () => {
  const ordinary = scores.filter(({ isAnomalous }) => !isAnomalous).map(({ score }) => score);

  expect(ordinary.filter((score) => score >= 2)).toEqual([]);
  expect(ordinary.filter((score) => score <= 1).length / ordinary.length).toBeGreaterThan(0.9);
});

test('the autoencoder tells anomalous days from ordinary ones better than the z-score of SM activity', () => {
  const autoencoder = evaluateDetector(scores, 1);
  const baseline = zScoreBaseline();

  expect(autoencoder.rocAuc).toBeGreaterThan(baseline.rocAuc ?? 1);
  expect(autoencoder.averagePrecision).toBeGreaterThan(baseline.averagePrecision ?? 1);
  expect(autoencoder.recall).toBeGreaterThan(baseline.recall ?? 1);
});

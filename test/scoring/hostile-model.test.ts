import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { chooseBackend, featurize, loadModel, saveModel, trainAutoencoder } from '../../src/scoring/index.ts';
import { aCost, aSeries } from './series.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'flyball-model-'));
const sound = path.join(folder, 'sound');

beforeAll(async () => {
  await chooseBackend({ preference: 'wasm' });
  const matrices = [featurize(aSeries(10), aCost(10))];
  await saveModel(await trainAutoencoder({ matrices, dataDigest: 'd'.repeat(64), seed: 1, epochsMax: 2 }), sound);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Metadata = Record<string, unknown> & {
  readonly medians: readonly number[];
  readonly scales: readonly number[];
  readonly layers: readonly Record<string, unknown>[];
};

/** A copy of the sound model whose metadata was changed; removed after the test. */
function tampered(change: (metadata: Metadata) => object): string {
  const parent = mkdtempSync(path.join(tmpdir(), 'flyball-model-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const directory = path.join(parent, 'm');
  cpSync(sound, directory, { recursive: true });
  const file = path.join(directory, 'metadata.json');
  const metadata = JSON.parse(readFileSync(file, 'utf8')) as Metadata;
  writeFileSync(file, JSON.stringify({ ...metadata, ...change(metadata) }));
  return directory;
}

test('the same folder, rewritten without a change, loads: refusals below are of the change alone', async () => {
  const copy = await loadModel(tampered(() => ({})));

  expect(copy.model).toEqual((await loadModel(sound)).model);
});

describe('a model folder whose metadata would give wrong or endless figures is refused', () => {
  test.each<[string, (metadata: Metadata) => object]>([
    ['fewer medians than features', ({ medians }) => ({ medians: medians.slice(1) })],
    ['more scales than features', ({ scales }) => ({ scales: [...scales, 1] })],
    ['a scale of zero', ({ scales }) => ({ scales: [0, ...scales.slice(1)] })],
    ['a negative scale', ({ scales }) => ({ scales: [-1, ...scales.slice(1)] })],
    ['a threshold of zero', () => ({ threshold: 0 })],
    ['a negative threshold', () => ({ threshold: -1 })],
    [
      'an activation that is not known',
      ({ layers }) => ({ layers: layers.map((l) => ({ ...l, activation: 'tanh' })) }),
    ],
    ['a layer of a billion units', ({ layers }) => ({ layers: [{ ...layers[0], units: 1e9 }, ...layers.slice(1)] })],
    ['a layer of minus one unit', ({ layers }) => ({ layers: [{ ...layers[0], units: -1 }, ...layers.slice(1)] })],
    ['a layer of half a unit', ({ layers }) => ({ layers: [{ ...layers[0], units: 16.5 }, ...layers.slice(1)] })],
    ['no layers', () => ({ layers: [] })],
  ])('%s', async (_, change) => {
    await expect(loadModel(tampered(change))).rejects.toMatchObject({ problem: { code: 'MODEL_UNREADABLE' } });
  });
});

test('a folder that is not there is told as MODEL_UNREADABLE, with its path', async () => {
  const absent = path.join(tmpdir(), 'flyball-no-such-model');

  await expect(loadModel(absent)).rejects.toMatchObject({
    problem: { code: 'MODEL_UNREADABLE', place: { kind: 'file', path: absent } },
  });
});

test('the digest changes when the metadata changes', async () => {
  const [original, changed] = [await loadModel(sound), await loadModel(tampered(() => ({ threshold: 123 })))];

  expect(changed.digest).not.toBe(original.digest);
});

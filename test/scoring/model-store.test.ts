import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  chooseBackend,
  featurize,
  loadModel,
  saveModel,
  trainAutoencoder,
  type AutoencoderModel,
} from '../../src/scoring/index.ts';
import { aCost, aSeries } from './series.ts';

let model: AutoencoderModel;
let other: AutoencoderModel;

beforeAll(async () => {
  await chooseBackend({ preference: 'wasm' });
  const train = (seed: number) =>
    trainAutoencoder({
      matrices: [featurize(aSeries(6), aCost(6))],
      dataDigest: 'd'.repeat(64),
      seed,
      epochsMax: 2,
    });
  [model, other] = [await train(1), await train(2)];
});

async function saved(): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'flyball-model-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  await saveModel(model, directory);
  return directory;
}

describe('damage', () => {
  test('a single changed bit of the weights is noticed', async () => {
    const directory = await saved();
    const file = path.join(directory, 'weights.bin');
    const bytes = readFileSync(file);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(file, bytes);

    await expect(loadModel(directory)).rejects.toThrow(/weights\.bin is not the file that metadata\.json was written/);
  });

  test('a save that was cut off between its files is noticed', async () => {
    const directory = await saved();
    const metadata = readFileSync(path.join(directory, 'metadata.json'));
    await saveModel(other, directory);
    writeFileSync(path.join(directory, 'metadata.json'), metadata);

    await expect(loadModel(directory)).rejects.toMatchObject({ problem: { code: 'MODEL_UNREADABLE' } });
  });

  test.each(['weights.bin', 'metadata.json'])('%s that is missing is named', async (file) => {
    const directory = await saved();
    rmSync(path.join(directory, file));

    await expect(loadModel(directory)).rejects.toThrow(new RegExp(`${file} is missing`));
  });

  test.each<[string, string]>([
    ['null', 'null'],
    ['a list', '[]'],
    ['an object of nothing', '{}'],
    ['a prototype', '{"__proto__": {"format": "flyball-autoencoder/1"}}'],
    ['an empty file', ''],
  ])('metadata that is %s is MODEL_UNREADABLE', async (_, text) => {
    const directory = await saved();
    writeFileSync(path.join(directory, 'metadata.json'), text);

    await expect(loadModel(directory)).rejects.toMatchObject({ problem: { code: 'MODEL_UNREADABLE' } });
  });
});

describe('what is written', () => {
  test('a second save replaces the first, and no temporary file stays', async () => {
    const directory = await saved();
    await saveModel(other, directory);

    expect((await loadModel(directory)).model).toEqual(other);
    expect(readdirSync(directory).toSorted()).toEqual(['MODEL_CARD.md', 'metadata.json', 'model.json', 'weights.bin']);
  });

  test('the metadata holds what is needed to train the model again', async () => {
    const directory = await saved();
    const metadata: unknown = JSON.parse(readFileSync(path.join(directory, 'metadata.json'), 'utf8'));

    expect(metadata).toMatchObject({
      seed: 1,
      backend: 'wasm',
      dataDigest: 'd'.repeat(64),
      trainedFrom: '2026-09-01T00:00:00Z',
      trainedTo: '2026-09-06T23:00:00Z',
      hyperparameters: { epochsMax: 2, learningRate: 0.003, batchSize: 256, thresholdQuantile: 0.995 },
    });
  });

  test('the card names data, error, limits and the command that makes the model again', async () => {
    const directory = await saved();
    const card = readFileSync(path.join(directory, 'MODEL_CARD.md'), 'utf8');

    expect(card).toContain('d'.repeat(64));
    expect(card).toContain((await loadModel(directory)).digest);
    expect(card).toContain(model.validationError.toPrecision(4));
    expect(card).toContain('## Limits');
    expect(card).toContain('--as-of 2026-09-07T00:00:00Z --seed 1');
  });
});

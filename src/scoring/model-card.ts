import { epochMs, formatUtc, hourMs, parseUtc } from '../domain/index.ts';
import type { AutoencoderModel } from './model.ts';

/** The model's card: what it is, what it saw, how good it is on held-out hours, and how to make it again. */
export function modelCard(model: AutoencoderModel, name: string, digest: string): string {
  const layers = [model.featureNames.length, ...model.layers.map(({ units }) => units)].join(' → ');
  const { hyperparameters: set } = model;
  return `# ${name}

A dense autoencoder (${layers}, ReLU, linear out) that learns what an ordinary hour of a GPU workload looks like. The
larger its error on an hour, the stranger the hour. It says *look here*; it decides nothing by itself.

| | |
|---|---|
| features | ${model.featureNames.length}: ${model.featureNames.join(', ')} |
| trained on | ${model.trainHours} hours, ${model.trainedFrom} to ${model.trainedTo}; the last ${percent(set.validationRatio)} of each workload held out |
| data digest (SHA-256) | \`${model.dataDigest}\` |
| seed, backend | ${model.seed}, ${model.backend ?? 'not recorded'} |
| training | Adam ${set.learningRate}, batches of ${set.batchSize}; epoch ${model.epochs} of at most ${set.epochsMax} was kept (patience ${set.patienceEpochs}) |
| error on ${model.validationHours} held-out hours | ${model.validationError.toPrecision(4)} (mean squared, normalised features) |
| threshold | ${model.threshold.toPrecision(4)}: ${percent(set.thresholdQuantile)} of the held-out hours are below it |
| digest of weights and metadata | \`${digest}\` |

## Limits

- Trained without labels: what was unusual and frequent in the training data looks ordinary to it, and no precision or
  recall is known for it.
- It knows only the fleet it was trained on; ordinary hours of another fleet may look strange to it. Train one on your own.
- The features are relative to each workload's own past; a workload younger than a week has little of that.

## Make it again

    flyball train --config FILE --repo REPOSITORY --as-of ${asOf(model.trainedTo)} --seed ${model.seed} --out models/${name}

with the configuration and the repository whose data have the digest above. Weights are the same to the bit on the same
backend.
`;
}

function percent(ratio: number): string {
  return `${Number((100 * ratio).toFixed(1))} %`;
}

/** The end of the last hour that was trained on. */
function asOf(trainedTo: string): string {
  const last = parseUtc(trainedTo);
  return last === undefined ? 'TIME' : formatUtc(epochMs(last + hourMs));
}

import type { AutoencoderModel } from './model.ts';

/** The model's card: what it is, what it saw, how good it is on held-out hours, and how to make it again. */
export function modelCard(model: AutoencoderModel, name: string, digest: string): string {
  const layers = [model.featureNames.length, ...model.layers.map(({ units }) => units)].join(' → ');
  return `# ${name}

A dense autoencoder (${layers}, ReLU, linear out) that learns what an ordinary hour of a GPU workload looks like. The
larger its error on an hour, the stranger the hour. It says *look here*; it decides nothing by itself.

| | |
|---|---|
| features | ${model.featureNames.length}: ${model.featureNames.join(', ')} |
| trained on | ${model.trainHours} hours, ${model.trainedFrom} to ${model.trainedTo}; the last fifth of each workload held out |
| data digest (SHA-256) | \`${model.dataDigest}\` |
| seed, epochs | ${model.seed}, ${model.epochs} (early stopping) |
| error on ${model.validationHours} held-out hours | ${model.validationError.toPrecision(4)} (mean squared, normalised features) |
| threshold | ${model.threshold.toPrecision(4)}: 99.5 % of the held-out hours are below it |
| digest of weights and metadata | \`${digest}\` |

## Limits

- Trained without labels: what was unusual and frequent in the training data looks ordinary to it.
- The features are relative to each workload's own past; a workload younger than a week has little of that.
- The shipped model was trained on the example fleet, whose curves come from real traces. Train one on your own data.

## Make it again

    flyball train --config FILE --as-of TIME --seed ${model.seed} --out models/${name}

Weights agree to about four digits between backends, to the bit on one backend.
`;
}

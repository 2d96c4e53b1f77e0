import type { AutoencoderModel } from './model.ts';

/** The `model.json` of tfjs's layers-model format, so that `tf.loadLayersModel` reads the network too. */
export function layersModel(model: AutoencoderModel): object {
  const width = model.featureNames.length;
  const layers = model.layers.map(({ units, activation }, index) => ({
    class_name: 'Dense',
    config: {
      name: `dense_${index + 1}`,
      units,
      activation,
      use_bias: true,
      ...(index === 0 ? { batch_input_shape: [null, width], dtype: 'float32' } : {}),
    },
  }));
  const weights = model.layers.flatMap(({ units, kernel }, index) => [
    { name: `dense_${index + 1}/kernel`, shape: [kernel.length / units, units], dtype: 'float32' },
    { name: `dense_${index + 1}/bias`, shape: [units], dtype: 'float32' },
  ]);
  return {
    format: 'layers-model',
    generatedBy: 'flyball',
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'autoencoder', layers },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
}

export { backendNames, chooseBackend, type Backend, type BackendName } from './backend.ts';
export { featurize } from './features.ts';
export type { AutoencoderModel } from './model.ts';
export { loadModel, saveModel } from './model-store.ts';
export { scoreAll } from './score.ts';
export { trainAutoencoder } from './train.ts';

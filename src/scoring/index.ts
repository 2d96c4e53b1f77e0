export { backendNames, chooseBackend, type Backend, type BackendName } from './backend.ts';
export { evaluateDetector, type DetectorQuality } from './evaluate.ts';
export { featurize } from './features.ts';
export type { AutoencoderModel } from './model.ts';
export { loadModel, saveModel } from './model-store.ts';
export { scoreAll, scoreWorkload } from './score.ts';
export { trainAutoencoder } from './train.ts';

export { findGpuModel, gpuModels, type GpuModel } from './gpu-models.ts';
export { makeCatalogue, type Catalogue, type GpuInstanceType } from './instance-types.ts';
export { readPriceFile, type PriceFile, type PriceKind, type PricesByType } from './price-file.ts';

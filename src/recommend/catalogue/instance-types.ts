import { gpuModels, type GpuModel } from './gpu-models.ts';
import catalogue from './aws-gpu-instances.json' with { type: 'json' };

/** A machine with NVIDIA GPUs as a cloud sells it. */
export interface GpuInstanceType {
  readonly instanceType: string;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly gpuCount: number;
  readonly gpu: GpuModel;
}

/** Where the listed prices come from, for the evidence of a proposal. */
export const priceListSource = `AWS on-demand price list of ${catalogue.pricesDate} (${catalogue.source})`;

/**
 * Fractional GPUs (g6f, gr6f) report a share of the card's memory and are left out: how compute is shared there is
 * not a data-sheet figure. Types whose GPU has no data-sheet row are left out too: unknown is not zero.
 */
export const gpuInstanceTypes: readonly GpuInstanceType[] = catalogue.instances.flatMap((listed) => {
  const name = listed.gpu === 'a100' && listed.gpuMemoryMib > 50_000 ? 'a100-80gb' : listed.gpu;
  const gpu = gpuModels.find((candidate) => candidate.name === name);
  if (gpu === undefined || listed.gpuMemoryMib / 1024 < gpu.memoryGib * 0.85) return [];
  const { instanceType, vcpus, memoryGib, gpuCount } = listed;
  return [{ instanceType, vcpus, memoryGib, gpuCount, gpu }];
});

export function findInstanceType(name: string): GpuInstanceType | undefined {
  return gpuInstanceTypes.find((candidate) => candidate.instanceType === name);
}

/** On-demand USD per hour in a region; undefined when the list has no such price. */
export function onDemandUsdPerHour(instanceType: string, region: string): number | undefined {
  const listed = catalogue.onDemandPrices.find(
    (price) => price.instanceType === instanceType && price.region === region,
  );
  return listed === undefined ? undefined : Number(listed.usdPerHour);
}

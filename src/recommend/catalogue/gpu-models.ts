/** What one NVIDIA GPU can do, from its data sheet; dense (not sparse) tensor throughput. */
export interface GpuModel {
  /** Short name, as in AWS's `karpenter.k8s.aws/instance-gpu-name`. */
  readonly name: string;
  /** Matches DCGM's `modelName` label and the memory size, in lower case. */
  readonly dcgmPattern: RegExp;
  readonly memoryGib: number;
  /** Dense FP16 tensor-core throughput, TFLOP/s. */
  readonly fp16Tflops: number;
  /** Memory bandwidth, GB/s. */
  readonly memoryBandwidthGBps: number;
  /** Board power limit, W. */
  readonly powerLimitWatts: number;
}

/**
 * Figures from NVIDIA's product data sheets (nvidia.com/en-us/data-center/<model>): T4, V100, A10 and AWS's A10G note,
 * A100, L4, L40S, H100, H200, B200. Where a sheet gives throughput "with sparsity", half of it is listed here.
 */
export const gpuModels: readonly GpuModel[] = [
  model('t4', /\bt4\b/, [16, 65, 320, 70]),
  model('v100', /v100/, [32, 125, 900, 300]),
  model('a10g', /a10g/, [24, 70, 600, 300]),
  model('a10', /\ba10\b/, [24, 125, 600, 150]),
  model('a100-80gb', /a100.*80gb/, [80, 312, 2039, 400]),
  model('a100', /a100/, [40, 312, 1555, 400]),
  model('l4', /\bl4\b/, [24, 121, 300, 72]),
  model('l40s', /\bl40s\b/, [48, 362, 864, 350]),
  model('h100', /h100/, [80, 989, 3350, 700]),
  model('h200', /h200/, [141, 989, 4800, 700]),
  model('b200', /b200/, [180, 2250, 8000, 1000]),
];

function model(
  name: string,
  dcgmPattern: RegExp,
  [memoryGib, fp16Tflops, memoryBandwidthGBps, powerLimitWatts]: readonly [number, number, number, number],
): GpuModel {
  return { name, dcgmPattern, memoryGib, fp16Tflops, memoryBandwidthGBps, powerLimitWatts };
}

/** The model behind a DCGM `modelName` such as `NVIDIA A100-SXM4-40GB`; undefined when it is not listed. */
export function findGpuModel(modelName: string): GpuModel | undefined {
  const name = modelName.toLowerCase();
  return gpuModels.find((candidate) => candidate.dcgmPattern.test(name));
}

/** One way to cut a GPU into isolated instances. https://docs.nvidia.com/datacenter/tesla/mig-user-guide/ */
export interface MigProfile {
  /** As in `nvidia.com/mig-1g.10gb`. */
  readonly name: string;
  readonly memoryGib: number;
  /** Of the card's seven. */
  readonly computeSlices: number;
  /** How many fit on one card. */
  readonly instancesMax: number;
}

/** What one NVIDIA GPU can do, from its data sheet; dense (not sparse) tensor throughput. */
export interface GpuModel {
  /** Short name, as in AWS's `karpenter.k8s.aws/instance-gpu-name`. */
  readonly name: string;
  readonly architecture: string;
  /** Matches DCGM's `modelName` label and the memory size, in lower case. */
  readonly dcgmPattern: RegExp;
  readonly memoryGib: number;
  /** Dense FP16 throughput, TFLOP/s; of tensor cores where there are any. */
  readonly fp16Tflops: number;
  /** Undefined where the hardware has none. */
  readonly bf16Tflops: number | undefined;
  readonly fp8Tflops: number | undefined;
  /** Memory bandwidth, GB/s. */
  readonly memoryBandwidthGBps: number;
  /** Both directions together, GB/s; undefined for cards without NVLink. */
  readonly nvlinkGBps: number | undefined;
  /** Board power limit, W; undefined where the sources differ. */
  readonly powerLimitWatts: number | undefined;
  /** Empty for cards that cannot be cut. */
  readonly migProfiles: readonly MigProfile[];
}

type Figures = Omit<GpuModel, 'name' | 'dcgmPattern' | 'migProfiles'>;

function model(name: string, dcgmPattern: RegExp, figures: Partial<Figures> & BaseFigures, mig: Mig = []): GpuModel {
  return {
    name,
    dcgmPattern,
    bf16Tflops: undefined,
    fp8Tflops: undefined,
    nvlinkGBps: undefined,
    powerLimitWatts: undefined,
    ...figures,
    migProfiles: mig.map(([profile, memoryGib, instancesMax]) => ({
      name: profile,
      memoryGib,
      computeSlices: Number.parseInt(profile, 10),
      instancesMax,
    })),
  };
}

type BaseFigures = Pick<GpuModel, 'architecture' | 'memoryGib' | 'fp16Tflops' | 'memoryBandwidthGBps'>;
type Mig = readonly (readonly [profile: string, memoryGib: number, instancesMax: number])[];

/** The six sizes of every card with seven slices, by the memory of each. */
function sevenSlices(names: readonly [string, string, string, string, string, string]): Mig {
  const counts = [7, 4, 3, 2, 1, 1];
  return names.map((name, index) => [name, Number(/\.(\d+)gb$/.exec(name)?.[1]), counts[index] ?? 1] as const);
}

/**
 * Figures from NVIDIA's product data sheets (nvidia.com/en-us/data-center/<model>) and AWS's A10G note, or what stands beside the model. Where a sheet
 * gives throughput "with sparsity", half of it is listed here. Of several that fit a name the first counts.
 */
export const gpuModels: readonly GpuModel[] = [
  model('t4', /\bt4\b/, {
    architecture: 'Turing',
    memoryGib: 16,
    fp16Tflops: 65,
    memoryBandwidthGBps: 320,
    powerLimitWatts: 70,
  }),
  model('p100', /\bp100\b/, {
    architecture: 'Pascal',
    memoryGib: 16,
    fp16Tflops: 18.7,
    memoryBandwidthGBps: 732,
    powerLimitWatts: 250,
  }),
  model('v100-16gb', /v100.*16gb/, {
    architecture: 'Volta',
    memoryGib: 16,
    fp16Tflops: 125,
    memoryBandwidthGBps: 900,
    nvlinkGBps: 300,
    powerLimitWatts: 300,
  }),
  model('v100', /v100/, {
    architecture: 'Volta',
    memoryGib: 32,
    fp16Tflops: 125,
    memoryBandwidthGBps: 900,
    nvlinkGBps: 300,
    powerLimitWatts: 300,
  }),
  model('a10g', /a10g/, {
    architecture: 'Ampere',
    memoryGib: 24,
    fp16Tflops: 70,
    bf16Tflops: 70,
    memoryBandwidthGBps: 600,
    powerLimitWatts: 300,
  }),
  model('a10', /\ba10\b/, {
    architecture: 'Ampere',
    memoryGib: 24,
    fp16Tflops: 125,
    bf16Tflops: 125,
    memoryBandwidthGBps: 600,
    powerLimitWatts: 150,
  }),
  model(
    'a30',
    /\ba30\b/,
    {
      architecture: 'Ampere',
      memoryGib: 24,
      fp16Tflops: 165,
      bf16Tflops: 165,
      memoryBandwidthGBps: 933,
      nvlinkGBps: 200,
      powerLimitWatts: 165,
    },
    [
      ['1g.6gb', 6, 4],
      ['2g.12gb', 12, 2],
      ['4g.24gb', 24, 1],
    ],
  ),
  model(
    'a100-80gb',
    /a100.*80gb/,
    {
      architecture: 'Ampere',
      memoryGib: 80,
      fp16Tflops: 312,
      bf16Tflops: 312,
      memoryBandwidthGBps: 2039,
      nvlinkGBps: 600,
      powerLimitWatts: 400,
    },
    sevenSlices(['1g.10gb', '1g.20gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb']),
  ),
  model(
    'a100',
    /a100/,
    {
      architecture: 'Ampere',
      memoryGib: 40,
      fp16Tflops: 312,
      bf16Tflops: 312,
      memoryBandwidthGBps: 1555,
      nvlinkGBps: 600,
      powerLimitWatts: 400,
    },
    sevenSlices(['1g.5gb', '1g.10gb', '2g.10gb', '3g.20gb', '4g.20gb', '7g.40gb']),
  ),
  model('l4', /\bl4\b/, {
    architecture: 'Ada Lovelace',
    memoryGib: 24,
    fp16Tflops: 121,
    bf16Tflops: 121,
    fp8Tflops: 242,
    memoryBandwidthGBps: 300,
    powerLimitWatts: 72,
  }),
  model('l40s', /\bl40s\b/, {
    architecture: 'Ada Lovelace',
    memoryGib: 48,
    fp16Tflops: 362,
    bf16Tflops: 362,
    fp8Tflops: 733,
    memoryBandwidthGBps: 864,
    powerLimitWatts: 350,
  }),
  model(
    'h100-nvl',
    /h100 nvl/,
    {
      architecture: 'Hopper',
      memoryGib: 94,
      fp16Tflops: 835,
      bf16Tflops: 835,
      fp8Tflops: 1671,
      memoryBandwidthGBps: 3938,
      nvlinkGBps: 600,
      powerLimitWatts: 400,
    },
    sevenSlices(['1g.12gb', '1g.24gb', '2g.24gb', '3g.47gb', '4g.47gb', '7g.94gb']),
  ),
  model(
    'h100-pcie',
    /h100 pcie/,
    {
      architecture: 'Hopper',
      memoryGib: 80,
      fp16Tflops: 756,
      bf16Tflops: 756,
      fp8Tflops: 1513,
      memoryBandwidthGBps: 2000,
      nvlinkGBps: 600,
      powerLimitWatts: 350,
    },
    sevenSlices(['1g.10gb', '1g.20gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb']),
  ),
  model(
    'h100',
    /h100/,
    {
      architecture: 'Hopper',
      memoryGib: 80,
      fp16Tflops: 989,
      bf16Tflops: 989,
      fp8Tflops: 1979,
      memoryBandwidthGBps: 3350,
      nvlinkGBps: 900,
      powerLimitWatts: 700,
    },
    sevenSlices(['1g.10gb', '1g.20gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb']),
  ),
  model(
    'h200',
    /h200/,
    {
      architecture: 'Hopper',
      memoryGib: 141,
      fp16Tflops: 989,
      bf16Tflops: 989,
      fp8Tflops: 1979,
      memoryBandwidthGBps: 4800,
      nvlinkGBps: 900,
      powerLimitWatts: 700,
    },
    sevenSlices(['1g.18gb', '1g.35gb', '2g.35gb', '3g.71gb', '4g.71gb', '7g.141gb']),
  ),
  model(
    'gb200',
    /gb200/,
    {
      architecture: 'Blackwell',
      memoryGib: 186,
      fp16Tflops: 2500,
      bf16Tflops: 2500,
      fp8Tflops: 5000,
      memoryBandwidthGBps: 8000,
      nvlinkGBps: 1800,
      powerLimitWatts: 1200,
    },
    sevenSlices(['1g.23gb', '1g.47gb', '2g.47gb', '3g.93gb', '4g.93gb', '7g.186gb']),
  ),
  model(
    'b200',
    /b200/,
    {
      architecture: 'Blackwell',
      memoryGib: 180,
      fp16Tflops: 2250,
      bf16Tflops: 2250,
      fp8Tflops: 4500,
      memoryBandwidthGBps: 8000,
      nvlinkGBps: 1800,
      powerLimitWatts: 1000,
    },
    sevenSlices(['1g.23gb', '1g.45gb', '2g.45gb', '3g.90gb', '4g.90gb', '7g.180gb']),
  ),
  // Throughput and NVLink: an eighth of NVIDIA's table of the HGX B300 (36 and 72 PFLOP/s with sparsity, 14.4 TB/s), as
  // fibermall.com/blog/?p=17161 repeats it; memory and slices: AWS's list for p6-b300 (aws/sagemaker-hyperpod-cli#403),
  // usable of 288 GB; bandwidth: glennklockwood.com/garden/processors/B300. All read 2026-11-24.
  model(
    'b300',
    /\bb300\b/,
    {
      architecture: 'Blackwell Ultra',
      memoryGib: 269,
      fp16Tflops: 2250,
      bf16Tflops: 2250,
      fp8Tflops: 4500,
      memoryBandwidthGBps: 8000,
      nvlinkGBps: 1800,
    },
    sevenSlices(['1g.34gb', '1g.67gb', '2g.67gb', '3g.135gb', '4g.135gb', '7g.269gb']),
  ),
];

/** The model behind a DCGM `modelName` such as `NVIDIA A100-SXM4-40GB`; undefined when it is not listed. */
export function findGpuModel(modelName: string): GpuModel | undefined {
  const name = modelName.toLowerCase();
  return gpuModels.find((candidate) => candidate.dcgmPattern.test(name));
}

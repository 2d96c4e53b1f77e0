/** A GPU machine of the example fleet. */
export interface Machine {
  /** As the cloud names it. */
  readonly instanceType: string;
  readonly gpuCount: number;
  /** As dcgm-exporter's `modelName` label has it. */
  readonly modelName: string;
  /** Memory of one card as its driver reports it, MiB. */
  readonly framebufferMib: number;
  /** Limit of one card, W. */
  readonly powerLimitWatts: number;
  /** Draw of one card with a model loaded and nothing to do, W. */
  readonly idleWatts: number;
  /** List price of the whole machine, USD per hour. */
  readonly usdPerHour: number;
}

/**
 * AWS prices: on demand, us-east-1, karpenter-provider-aws @ 1d92708 (price list of 2026-07-20), Apache-2.0. That list
 * does not have us-west-2: staging is priced as us-east-1. Google Cloud prices: illustrative, of the size of public ones
 * for europe-west4; no price list of it is at hand under a licence to ship.
 * Power limits: NVIDIA data sheets. Idle power: of the size seen with a loaded model.
 */
export const machines = {
  t4: machine('g4dn.xlarge', 1, { ...card('Tesla T4', 15_360, 70, 12), usdPerHour: 0.526 }),
  l4: machine('g6.xlarge', 1, { ...card('NVIDIA L4', 23_034, 72, 17), usdPerHour: 0.8048 }),
  l40s: machine('g6e.xlarge', 1, { ...card('NVIDIA L40S', 46_068, 350, 36), usdPerHour: 1.861 }),
  l40sx4: machine('g6e.12xlarge', 4, { ...card('NVIDIA L40S', 46_068, 350, 36), usdPerHour: 10.49264 }),
  a100x8: machine('p4d.24xlarge', 8, { ...card('NVIDIA A100-SXM4-40GB', 40_960, 400, 58), usdPerHour: 21.957642 }),
  h100: machine('p5.4xlarge', 1, { ...card('NVIDIA H100 80GB HBM3', 81_559, 700, 72), usdPerHour: 6.88 }),
  gcpL4: machine('g2-standard-8', 1, { ...card('NVIDIA L4', 23_034, 72, 17), usdPerHour: 0.9384 }),
  gcpA100: machine('a2-highgpu-1g', 1, { ...card('NVIDIA A100-SXM4-40GB', 40_960, 400, 58), usdPerHour: 4.0521 }),
} as const;

/** AWS machines without GPUs, same source. */
export const cpuMachines = [
  { name: 'system', instanceType: 'm6i.2xlarge', usdPerHour: 0.384, count: 3 },
  { name: 'gateway', instanceType: 'c7i.2xlarge', usdPerHour: 0.357, count: 2 },
] as const;

type Card = Pick<Machine, 'modelName' | 'framebufferMib' | 'powerLimitWatts' | 'idleWatts'>;

function card(modelName: string, framebufferMib: number, powerLimitWatts: number, idleWatts: number): Card {
  return { modelName, framebufferMib, powerLimitWatts, idleWatts };
}

function machine(instanceType: string, gpuCount: number, rest: Card & Pick<Machine, 'usdPerHour'>): Machine {
  return { instanceType, gpuCount, ...rest };
}

import { octoberHour } from './calendar.ts';

/** A GPU machine of the example fleet. Prices in USD per hour. */
export interface Machine {
  readonly instanceType: string;
  readonly gpuCount: number;
  readonly modelName: string;
  readonly framebufferMib: number;
  readonly powerLimitWatts: number;
  readonly idleWatts: number;
  readonly usdPerHour: number;
}

/**
 * AWS: on-demand prices of us-east-1 from karpenter-provider-aws @ 1d92708 (2026-07-20), Apache-2.0; us-west-2 is not in
 * that list, so staging uses the same ones. Google Cloud: illustrative, made up for this example.
 */
export const machines = {
  l4: aMachine('g6.xlarge', [1, 'NVIDIA L4', 23_034, 72, 17, 0.8048]),
  l40s: aMachine('g6e.xlarge', [1, 'NVIDIA L40S', 46_068, 350, 36, 1.861]),
  l40sx4: aMachine('g6e.12xlarge', [4, 'NVIDIA L40S', 46_068, 350, 36, 10.49264]),
  a100x8: aMachine('p4d.24xlarge', [8, 'NVIDIA A100-SXM4-40GB', 40_960, 400, 58, 21.957642]),
  h100: aMachine('p5.4xlarge', [1, 'NVIDIA H100 80GB HBM3', 81_559, 700, 72, 6.88]),
  gcpL4: aMachine('g2-standard-8', [1, 'NVIDIA L4', 23_034, 72, 17, 0.9384]),
  gcpA100: aMachine('a2-highgpu-1g', [1, 'NVIDIA A100-SXM4-40GB', 40_960, 400, 58, 4.0521]),
} as const;

function aMachine(
  instanceType: string,
  [gpuCount, modelName, framebufferMib, powerLimitWatts, idleWatts, usdPerHour]: readonly [
    number,
    string,
    number,
    number,
    number,
    number,
  ],
): Machine {
  return { instanceType, gpuCount, modelName, framebufferMib, powerLimitWatts, idleWatts, usdPerHour };
}

export type Load =
  /** Follows a real demand curve between a floor and its peak (the p99 hour) of SM activity. */
  | {
      readonly kind: 'serving';
      readonly curve: 'api' | 'purchases';
      readonly floorRatio: number;
      readonly peakRatio: number;
    }
  /** As serving, but the GPUs asked for by demand are constant whatever number of pods runs. */
  | {
      readonly kind: 'serving-total';
      readonly curve: 'api' | 'purchases';
      readonly floorGpus: number;
      readonly peakGpus: number;
    }
  | { readonly kind: 'saturated' }
  | { readonly kind: 'training' }
  /** Nothing runs since this hour; trained before it. */
  | { readonly kind: 'idle-since'; readonly hour: number }
  /** Hangs in a collective since this hour: GPU_UTIL stays at 100 %. */
  | { readonly kind: 'deadlock-since'; readonly hour: number }
  /** A job that runs the same hours every day. */
  | { readonly kind: 'daily-job'; readonly startHour: number; readonly hours: number; readonly peakRatio: number };

export interface FleetWorkload {
  readonly cluster: 'prod-us' | 'prod-eu' | 'staging';
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly team: string;
  readonly machine: Machine;
  /** Pods that ask for GPUs, by hour since the metrics begin. */
  readonly podsAt: (hour: number) => number;
  readonly gpusPerPod: number;
  readonly framebufferGib: number;
  readonly load: Load;
  /** Reports `vllm:num_requests_waiting`. */
  readonly hasQueue?: boolean;
  /** Runs on MIG slices of one card. */
  readonly migProfile?: string;
  /** A Savings Plan pays for its machines. */
  readonly hasCommitment?: boolean;
  /** In Git; false for what someone started by hand. */
  readonly isDeclared?: boolean;
}

const always = (pods: number) => (): number => pods;
const spikeHour = octoberHour(23);

export const fleet: readonly FleetWorkload[] = [
  serving('prod-us', 'inference', 'Deployment', 'clip-server', {
    team: 'search',
    machine: machines.l4,
    pods: 6,
    peak: 0.3,
    framebufferGib: 15,
  }),
  serving('prod-us', 'inference', 'Deployment', 'llama-chat', {
    team: 'assistants',
    machine: machines.l40s,
    pods: 8,
    peak: 0.31,
    framebufferGib: 38,
    hasQueue: true,
  }),
  serving('prod-us', 'inference', 'StatefulSet', 'rerank-bge', {
    team: 'search',
    machine: machines.l4,
    pods: 2,
    peak: 0.54,
    framebufferGib: 15,
  }),
  serving('prod-us', 'search', 'InferenceService', 'embedding-server', {
    team: 'search',
    machine: machines.l4,
    pods: 3,
    peak: 0.595,
    framebufferGib: 15,
  }),
  {
    ...base('prod-us', 'training', 'PyTorchJob', 'vision-pretrain'),
    team: 'vision',
    machine: machines.a100x8,
    podsAt: always(4),
    gpusPerPod: 8,
    framebufferGib: 34,
    load: { kind: 'training' },
    hasCommitment: true,
  },
  {
    ...base('prod-us', 'training', 'PyTorchJob', 'ranker-finetune'),
    team: 'recsys',
    machine: machines.l40s,
    podsAt: always(4),
    gpusPerPod: 1,
    framebufferGib: 30,
    load: { kind: 'idle-since', hour: octoberHour(19) },
  },
  {
    ...base('prod-us', 'batch', 'CronJob', 'caption-images'),
    team: 'catalogue',
    machine: machines.h100,
    podsAt: always(1),
    gpusPerPod: 1,
    framebufferGib: 9,
    load: { kind: 'daily-job', startHour: 2, hours: 20, peakRatio: 0.18 },
  },
  {
    ...base('prod-us', 'recsys', 'Application', 'dlrm-serving'),
    team: 'recsys',
    machine: machines.l4,
    podsAt: (hour) => (hour < spikeHour ? 3 : 10),
    gpusPerPod: 1,
    framebufferGib: 15,
    load: { kind: 'serving-total', curve: 'purchases', floorGpus: 0.4, peakGpus: 1.8 },
  },
  {
    ...base('prod-us', 'multimodal', 'Deployment', 'caption-server'),
    team: 'multimodal',
    machine: machines.l40sx4,
    podsAt: always(4),
    gpusPerPod: 4,
    framebufferGib: 40,
    load: { kind: 'serving', curve: 'api', floorRatio: 0.35, peakRatio: 0.67 },
  },
  serving('prod-us', 'vision', 'Deployment', 'detector', {
    team: 'vision',
    machine: machines.l4,
    pods: 2,
    peak: 0.54,
    framebufferGib: 15,
  }),
  {
    ...base('prod-us', 'training', 'PyTorchJob', 'nccl-stuck'),
    team: 'vision',
    machine: machines.l40sx4,
    podsAt: always(2),
    gpusPerPod: 4,
    framebufferGib: 36,
    load: { kind: 'deadlock-since', hour: octoberHour(23) },
  },
  serving('prod-us', 'audio', 'Deployment', 'tts', {
    team: 'audio',
    machine: machines.l4,
    pods: 1,
    peak: 0.5,
    framebufferGib: 15,
  }),
  {
    ...serving('prod-us', 'adhoc', 'Pod', 'jupyter-tmp', {
      team: 'research',
      machine: machines.l4,
      pods: 1,
      peak: 0.2,
      framebufferGib: 6,
    }),
    isDeclared: false,
  },
  {
    ...base('prod-eu', 'audio', 'Deployment', 'asr-stream'),
    team: 'audio',
    machine: machines.gcpL4,
    podsAt: always(2),
    gpusPerPod: 1,
    framebufferGib: 16,
    load: { kind: 'saturated' },
    hasQueue: true,
  },
  serving('prod-eu', 'translate', 'HelmRelease', 'translate-nllb', {
    team: 'assistants',
    machine: machines.gcpL4,
    pods: 5,
    peak: 0.224,
    framebufferGib: 15,
  }),
  serving('prod-eu', 'search', 'RayService', 'reranker', {
    team: 'search',
    machine: machines.gcpA100,
    pods: 2,
    peak: 0.55,
    framebufferGib: 30,
  }),
  {
    ...serving('prod-eu', 'fraud', 'StatefulSet', 'gnn-scorer', {
      team: 'fraud',
      machine: machines.gcpA100,
      pods: 2,
      peak: 0.56,
      framebufferGib: 3.6,
    }),
    migProfile: '1g.5gb',
  },
  {
    ...base('prod-eu', 'recsys', 'CronJob', 'feature-trainer'),
    team: 'recsys',
    machine: machines.gcpA100,
    podsAt: always(1),
    gpusPerPod: 1,
    framebufferGib: 31,
    load: { kind: 'daily-job', startHour: 0, hours: 6, peakRatio: 0.86 },
  },
  {
    ...base('staging', 'sandbox', 'Deployment', 'llm-sandbox'),
    team: 'assistants',
    machine: machines.l4,
    podsAt: always(2),
    gpusPerPod: 1,
    framebufferGib: 18,
    load: { kind: 'idle-since', hour: octoberHour(11) },
  },
  {
    ...base('staging', 'research', 'RayCluster', 'notebook-ray'),
    team: 'research',
    machine: machines.l4,
    podsAt: always(1),
    gpusPerPod: 1,
    framebufferGib: 0.6,
    load: { kind: 'idle-since', hour: octoberHour(14) },
  },
  serving('staging', 'audio', 'Deployment', 'tts', {
    team: 'audio',
    machine: machines.l4,
    pods: 1,
    peak: 0.5,
    framebufferGib: 15,
  }),
];

/** GPU machines that no pod uses. */
export const idleMachines: readonly { readonly cluster: FleetWorkload['cluster']; readonly machine: Machine }[] = [
  { cluster: 'prod-us', machine: machines.l4 },
  { cluster: 'prod-us', machine: machines.l4 },
];

type Key = Pick<FleetWorkload, 'cluster' | 'namespace' | 'kind' | 'name'>;

function base(cluster: Key['cluster'], namespace: string, kind: string, name: string): Key {
  return { cluster, namespace, kind, name };
}

function serving(
  cluster: Key['cluster'],
  namespace: string,
  kind: string,
  name: string,
  of: {
    readonly team: string;
    readonly machine: Machine;
    readonly pods: number;
    readonly peak: number;
    readonly framebufferGib: number;
    readonly hasQueue?: boolean;
  },
): FleetWorkload {
  return {
    ...base(cluster, namespace, kind, name),
    team: of.team,
    machine: of.machine,
    podsAt: always(of.pods),
    gpusPerPod: 1,
    framebufferGib: of.framebufferGib,
    load: {
      kind: 'serving',
      curve: name.length % 2 === 0 ? 'api' : 'purchases',
      floorRatio: of.peak * 0.3,
      peakRatio: of.peak,
    },
    ...(of.hasQueue === true ? { hasQueue: true } : {}),
  };
}

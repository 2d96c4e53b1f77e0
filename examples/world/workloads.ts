import { octoberHour } from './calendar.ts';
import { machines, type Machine } from './machines.ts';
import type { DemandCurve, TracedCluster } from './shapes.ts';

export type Cluster = 'prod-us' | 'prod-eu' | 'staging';

/** A stretch of a traced cluster's distribution in which a job stays while it runs. */
export interface Stretch {
  readonly cluster: TracedCluster;
  readonly from: number;
  readonly to: number;
}

/** What makes a workload's GPUs busy; ratios are SM activity, 0..1. */
export type Load =
  /** Follows a demand curve; `peakRatio` is the mean of its GPUs in the p99 hour. */
  | {
      readonly kind: 'serving';
      readonly curve: DemandCurve;
      readonly floorRatio: number;
      readonly peakRatio: number;
    }
  /** As serving, but demand is in GPUs: more pods make each of them less busy. */
  | {
      readonly kind: 'serving-total';
      readonly curve: DemandCurve;
      readonly floorGpus: number;
      readonly peakGpus: number;
    }
  /** Demand that outgrew its GPUs: all of them full, and a queue that lengthens. */
  | { readonly kind: 'outgrown'; readonly curve: DemandCurve }
  | { readonly kind: 'training'; readonly stretch: Stretch }
  /** Trained until this hour; a loaded model and nothing else since. */
  | { readonly kind: 'idle-since'; readonly hour: number; readonly stretch: Stretch }
  /** Hangs in a collective since this hour: GPU_UTIL stays at 100 %. */
  | { readonly kind: 'deadlock-since'; readonly hour: number; readonly stretch: Stretch }
  /** A job that runs the same hours every day. */
  | { readonly kind: 'daily-job'; readonly startHour: number; readonly hours: number; readonly peakRatio: number };

/** A workload of the example world: what it runs on and what its GPUs do. */
export interface FleetWorkload {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly team: string;
  readonly machine: Machine;
  /** Pods that ask for GPUs, by hour since the metrics begin. */
  readonly podsAt: (hour: number) => number;
  readonly gpusPerPod: number;
  /** Used of one card, GiB. */
  readonly framebufferGib: number;
  readonly load: Load;
  /** A vLLM server: reports the requests that wait and run. */
  readonly isVllm?: boolean;
  /** Runs on MIG slices of one card. */
  readonly migProfile?: string;
  /** A Savings Plan pays for its machines. */
  readonly hasCommitment?: boolean;
}

const always = (pods: number) => (): number => pods;
/** The pods of a workload that was small before an hour of October. */
const grown = (before: number, hour: number, after: number) => (at: number) => (at < hour ? before : after);
const serving = (curve: DemandCurve, floorRatio: number, peakRatio: number): Load => ({
  kind: 'serving',
  curve,
  floorRatio,
  peakRatio,
});
const hardAtWork: Stretch = { cluster: 'kalos', from: 0.86, to: 0.985 };
const fineTuning: Stretch = { cluster: 'seren', from: 0.45, to: 0.75 };

const prodUs: readonly FleetWorkload[] = [
  workload('prod-us/inference/Deployment/clip-server', {
    ...on(machines.l4, 6, 15),
    team: 'search',
    load: serving('api', 0.05, 0.3),
  }),
  workload('prod-us/inference/Deployment/llama-chat', {
    ...on(machines.l40s, 8, 39.2),
    team: 'assistants',
    load: serving('purchases', 0.06, 0.31),
    isVllm: true,
  }),
  workload('prod-us/inference/StatefulSet/rerank-bge', {
    ...on(machines.l4, 2, 15),
    team: 'search',
    load: serving('api', 0.15, 0.54),
  }),
  workload('prod-us/search/InferenceService/embedding-server', {
    ...on(machines.l4, 3, 15),
    team: 'search',
    load: serving('database', 0.1, 0.595),
  }),
  workload('prod-us/training/PyTorchJob/vision-pretrain', {
    ...on(machines.a100x8, 4, 34),
    gpusPerPod: 8,
    team: 'vision',
    load: { kind: 'training', stretch: hardAtWork },
    hasCommitment: true,
  }),
  workload('prod-us/training/PyTorchJob/ranker-finetune', {
    ...on(machines.l40s, 4, 39),
    team: 'recsys',
    load: { kind: 'idle-since', hour: octoberHour(19) + 4, stretch: fineTuning },
  }),
  workload('prod-us/training/PyTorchJob/nccl-stuck', {
    ...on(machines.l40sx4, 2, 39),
    gpusPerPod: 4,
    team: 'vision',
    load: { kind: 'deadlock-since', hour: octoberHour(23) + 1, stretch: fineTuning },
  }),
  workload('prod-us/batch/CronJob/caption-images', {
    ...on(machines.h100, 1, 8.9),
    team: 'catalogue',
    load: { kind: 'daily-job', startHour: 2, hours: 20, peakRatio: 0.18 },
  }),
  workload('prod-us/recsys/Application/dlrm-serving', {
    ...on(machines.l4, 3, 15),
    podsAt: grown(3, octoberHour(23), 10),
    team: 'recsys',
    load: { kind: 'serving-total', curve: 'purchases', floorGpus: 0.4, peakGpus: 1.8 },
  }),
  workload('prod-us/multimodal/Deployment/caption-server', {
    ...on(machines.l40sx4, 4, 40),
    gpusPerPod: 4,
    team: 'multimodal',
    load: serving('api', 0.5, 0.66),
  }),
  workload('prod-us/vision/Deployment/detector', {
    ...on(machines.l4, 2, 15),
    team: 'vision',
    load: serving('database', 0.12, 0.54),
  }),
  workload('prod-us/vision/Deployment/segmenter-preview', {
    ...on(machines.l4, 1, 14.5),
    podsAt: grown(0, octoberHour(28), 1),
    team: 'vision',
    load: serving('api', 0.02, 0.12),
  }),
  workload('prod-us/audio/Deployment/tts', {
    ...on(machines.l4, 1, 15),
    team: 'audio',
    load: serving('purchases', 0.08, 0.4),
  }),
  workload('prod-us/adhoc/Pod/jupyter-tmp', {
    ...on(machines.l4, 1, 6),
    team: 'research',
    load: serving('purchases', 0.02, 0.2),
  }),
];

const prodEu: readonly FleetWorkload[] = [
  workload('prod-eu/audio/Deployment/asr-stream', {
    ...on(machines.gcpL4, 2, 19),
    team: 'audio',
    load: { kind: 'outgrown', curve: 'purchases' },
    isVllm: true,
  }),
  workload('prod-eu/translate/HelmRelease/translate-nllb', {
    ...on(machines.gcpL4, 5, 15),
    team: 'assistants',
    load: serving('purchases', 0.04, 0.224),
  }),
  workload('prod-eu/search/RayService/reranker', {
    ...on(machines.gcpA100, 2, 34),
    team: 'search',
    load: serving('api', 0.15, 0.55),
  }),
  workload('prod-eu/fraud/StatefulSet/gnn-scorer', {
    ...on(machines.gcpA100, 2, 3.6),
    team: 'fraud',
    load: serving('database', 0.38, 0.56),
    migProfile: '1g.5gb',
  }),
  workload('prod-eu/recsys/CronJob/feature-trainer', {
    ...on(machines.gcpA100, 1, 34),
    team: 'recsys',
    load: { kind: 'daily-job', startHour: 0, hours: 6, peakRatio: 0.86 },
  }),
];

const staging: readonly FleetWorkload[] = [
  workload('staging/sandbox/Deployment/llm-sandbox', {
    ...on(machines.l4, 2, 19.2),
    team: 'assistants',
    load: { kind: 'idle-since', hour: octoberHour(11) + 9, stretch: fineTuning },
  }),
  workload('staging/research/RayCluster/notebook-ray', {
    ...on(machines.l4, 1, 0.6),
    team: 'research',
    load: { kind: 'idle-since', hour: octoberHour(14) + 16, stretch: fineTuning },
  }),
  workload('staging/audio/Deployment/tts', {
    ...on(machines.l4, 1, 15),
    team: 'audio',
    load: serving('api', 0.06, 0.4),
  }),
];

/** Every workload that reports GPU metrics. */
export const fleet: readonly FleetWorkload[] = [...prodUs, ...prodEu, ...staging];

/** GPU machines of prod-us that no pod uses. */
export const idleMachines: readonly Machine[] = [machines.l4, machines.l4];

/** Slices of one A100 with the profile 1g.5gb. */
export const migSlicesPerCard = 7;

/** The most pods that a workload ever has. */
export function podsMax({ podsAt }: FleetWorkload, hours: number): number {
  return Math.max(podsAt(0), podsAt(hours - 1));
}

type Identity = 'cluster' | 'namespace' | 'kind' | 'name';
type Hardware = 'machine' | 'podsAt' | 'gpusPerPod' | 'framebufferGib';

function workload(id: `${Cluster}/${string}/${string}/${string}`, rest: Omit<FleetWorkload, Identity>): FleetWorkload {
  const [cluster, namespace, kind, name] = id.split('/') as [Cluster, string, string, string];
  return { cluster, namespace, kind, name, ...rest };
}

/** One GPU a pod, unless said otherwise after it. */
function on(machine: Machine, pods: number, framebufferGib: number): Pick<FleetWorkload, Hardware> {
  return { machine, podsAt: always(pods), gpusPerPod: 1, framebufferGib };
}

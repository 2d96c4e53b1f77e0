import { octoberHour, worldHourMinutes } from './calendar.ts';
import { hexDigits, podSuffix } from './random.ts';
import type { FleetWorkload } from './workloads.ts';

/** The roll-out that gave every server new pods; jobs and what is not served keep theirs. */
const rolloutHour = octoberHour(16) + 9;

type Identity = Pick<FleetWorkload, 'cluster' | 'namespace' | 'name'>;

/** The name a pod of this workload has in an hour, as its controller would name it. */
export function podName(workload: FleetWorkload, pod: number, hour: number): string {
  const { name, kind, cluster } = workload;
  const generation = hour < rolloutHour ? 1 : 2;
  const seed = `${cluster}/${name}/${pod}/${generation}`;
  const replicaSet = podSuffix(`${cluster}/${name}/${generation}`, 10);
  switch (kind) {
    case 'StatefulSet':
      return `${name}-${pod}`;
    case 'PyTorchJob':
      return pod === 0 ? `${name}-master-0` : `${name}-worker-${pod - 1}`;
    case 'InferenceService':
      return `${name}-predictor-${replicaSet}-${podSuffix(seed, 5)}`;
    case 'RayCluster':
      return `${name}-gpu-worker-${podSuffix(`${cluster}/${name}/${pod}`, 5)}`;
    case 'RayService':
      return `${name}-raycluster-${podSuffix(name, 5)}-gpu-worker-${podSuffix(seed, 5)}`;
    case 'CronJob':
      return `${name}-${runMinutes(workload, hour)}-${podSuffix(`${cluster}/${name}/${Math.floor(hour / 24)}`, 5)}`;
    case 'Pod':
      return name;
    default:
      return `${name}-${replicaSet}-${podSuffix(seed, 5)}`;
  }
}

/** A CronJob names each Job after the minute, since 1970, that it was scheduled for. */
function runMinutes({ load }: FleetWorkload, hour: number): number {
  const startHour = load.kind === 'daily-job' ? load.startHour : 0;
  return worldHourMinutes(Math.floor(hour / 24) * 24 + startHour);
}

/** The machine that a pod runs on: one pod a machine, one machine a pod, the same for good. */
export function instanceId(workload: Identity, pod: number): string {
  return `i-0${hexDigits(`${workload.cluster}/${workload.namespace}/${workload.name}/${pod}`, 16)}`;
}

/** The node's name: by resource on EKS, as node pools name them on GKE. */
export function hostname(workload: Identity, pod: number): string {
  const id = instanceId(workload, pod);
  switch (workload.cluster) {
    case 'prod-us':
      return `${id}.ec2.internal`;
    case 'staging':
      return `${id}.us-west-2.compute.internal`;
    case 'prod-eu':
      return `gke-prod-eu-gpu-${id.slice(3, 11)}-${podSuffix(id, 4)}`;
  }
}

export function gpuUuid(host: string, gpu: number): string {
  const digits = hexDigits(`${host}/${gpu}`, 32);
  return `GPU-${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

/** The exporter's own pod on a node: one of a DaemonSet. */
export function exporterPod(host: string): string {
  return `dcgm-exporter-${podSuffix(host, 5)}`;
}

import { octoberHour } from './calendar.ts';
import { hexDigits, podSuffix } from './random.ts';
import type { FleetWorkload } from './workloads.ts';

/** The roll-out that gave every Deployment new pods. */
const rolloutHour = octoberHour(16) + 9;

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
      return `${name}-gpu-worker-${podSuffix(seed, 5)}`;
    case 'RayService':
      return `${name}-raycluster-${podSuffix(name, 5)}-gpu-worker-${podSuffix(seed, 5)}`;
    case 'CronJob': {
      const day = Math.floor(hour / 24);
      return `${name}-${29_345_000 + day * 1440}-${podSuffix(`${seed}/${day}`, 5)}`;
    }
    case 'Pod':
      return name;
    default:
      return `${name}-${replicaSet}-${podSuffix(seed, 5)}`;
  }
}

/** The machine that a pod runs on: one pod a machine, one machine a pod, the same for good. */
export function instanceId(workload: Pick<FleetWorkload, 'cluster' | 'namespace' | 'name'>, pod: number): string {
  return `i-0${hexDigits(`${workload.cluster}/${workload.namespace}/${workload.name}/${pod}`, 16)}`;
}

export function hostname(workload: Pick<FleetWorkload, 'cluster' | 'namespace' | 'name'>, pod: number): string {
  const id = instanceId(workload, pod);
  switch (workload.cluster) {
    case 'prod-us':
      return `${id}.ec2.internal`;
    case 'staging':
      return `${id}.us-west-2.compute.internal`;
    case 'prod-eu':
      return `gke-prod-eu-gpu-${id.slice(3, 11)}-${id.slice(-4)}`;
  }
}

export function gpuUuid(host: string, gpu: number): string {
  const digits = hexDigits(`${host}/${gpu}`, 32);
  return `GPU-${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

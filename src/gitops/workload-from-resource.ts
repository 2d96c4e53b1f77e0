import { workloadId, type Lever, type Workload } from '../domain/index.ts';
import type { Delivered } from './delivery.ts';
import { findWorkloadKind, splitPath, type WorkloadKind } from './kinds.ts';
import { leverAt, leverFrom } from './levers.ts';
import { podRequest, type PodRequest } from './pod-spec.ts';
import { placeOf, textAt, textsAt, type Tracked } from './tracked.ts';

/** Reads a delivered object as a workload; undefined when its kind is not in the catalogue. */
export function workloadFromResource({ cluster, resource }: Delivered): Workload | undefined {
  const { root } = resource;
  const apiVersion = textAt(root, ['apiVersion']) ?? '';
  const kind = findWorkloadKind(apiVersion, textAt(root, ['kind']) ?? '');
  const name = textAt(root, ['metadata', 'name']);
  if (kind === undefined || name === undefined) return undefined;
  const pod = podRequest(root, kind);
  const levers = leversOf(root, kind, pod);
  const key = { cluster, namespace: textAt(root, ['metadata', 'namespace']) ?? 'default', kind: kind.kind, name };
  const count = levers.find((lever) => lever.kind === 'replicas' || lever.kind === 'minReplicas')?.current;
  const pinned = pod?.instanceType;
  const podLabels = kind.podLabels === undefined ? {} : textsAt(root, splitPath(kind.podLabels));
  return {
    ...key,
    id: workloadId(key),
    apiVersion,
    labels: { ...podLabels, ...textsAt(root, ['metadata', 'labels']) },
    annotations: textsAt(root, ['metadata', 'annotations']),
    gpu: pod?.gpu ?? { kind: 'none' },
    requests: pod?.requests ?? { cpuCores: undefined, memoryGib: undefined },
    instanceType: pinned?.kind === 'scalar' && typeof pinned.value === 'string' ? pinned.value : undefined,
    replicas: kind.runsToCompletion || typeof count !== 'number' ? undefined : count,
    declaredIn: placeOf(root.origin),
    levers,
    pause: kind.pause,
    autoscaler: undefined,
  };
}

function leversOf(root: Tracked, kind: WorkloadKind, pod: PodRequest | undefined): readonly Lever[] {
  const fallback = kind.defaultReplicas === undefined ? {} : { fallback: kind.defaultReplicas };
  const levers: Lever[] = [];
  if (kind.replicas !== undefined) levers.push(leverAt(root, 'replicas', kind.replicas, fallback));
  if (kind.minReplicas !== undefined) levers.push(leverAt(root, 'minReplicas', kind.minReplicas, fallback));
  if (kind.maxReplicas !== undefined) levers.push(leverAt(root, 'maxReplicas', kind.maxReplicas));
  if (kind.suspend !== undefined) levers.push(leverAt(root, 'suspend', kind.suspend, { fallback: false }));
  if (kind.schedule !== undefined) levers.push(leverAt(root, 'schedule', kind.schedule));
  if (pod?.instanceType !== undefined)
    levers.push(leverFrom(pod.instanceType, 'instanceType', { path: 'the instance type' }));
  if (pod?.gpuCount !== undefined) {
    const isSlice = pod.gpu.kind === 'devices' && pod.gpu.resourceName !== 'nvidia.com/gpu';
    levers.push(leverFrom(pod.gpuCount, isSlice ? 'gpuSlice' : 'gpuCount', { path: 'the GPU limit' }));
  }
  return levers;
}

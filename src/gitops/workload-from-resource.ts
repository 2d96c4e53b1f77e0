import { workloadId, type Lever, type PauseVerb, type Workload } from '../domain/index.ts';
import { numberAt, valuesAt } from './field-path.ts';
import { findWorkloadKind, splitPath, type WorkloadKind } from './kinds.ts';
import { leverAt } from './levers.ts';
import { podRequest, type PodRequest } from './pod-spec.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, type Resource } from './resource.ts';
import { placeOf, textsAt, type Tracked } from './tracked.ts';

/** Reads an object as a workload of a cluster; undefined when its kind is not in the catalogue. */
export function workloadFromResource(cluster: string, resource: Resource): Workload | undefined {
  const { root } = resource;
  const apiVersion = apiVersionOf(resource);
  const kind = findWorkloadKind(apiVersion, kindOf(resource));
  const name = nameOf(resource);
  if (kind === undefined || name === undefined) return undefined;
  const pod = podRequest(root, kind);
  const key = { cluster, namespace: namespaceOf(resource) ?? 'default', kind: kind.kind, name };
  const podLabels = kind.podLabels === undefined ? {} : textsAt(root, splitPath(kind.podLabels));
  const annotations = textsAt(root, ['metadata', 'annotations']);
  return {
    ...key,
    id: workloadId(key),
    apiVersion,
    labels: { ...podLabels, ...textsAt(root, ['metadata', 'labels']) },
    annotations,
    gpu: pod?.gpu ?? { kind: 'none' },
    requests: pod?.requests ?? { cpuCores: undefined, memoryGib: undefined },
    instanceType: pod?.instanceType,
    replicas: replicasOf(root, kind),
    declaredIn: placeOf(root.origin),
    levers: leversOf(root, kind, pod).map((lever) => (resource.isPartial ? ofRemoteBase(lever) : lever)),
    pause: pauseVerb(kind, annotations),
    autoscaler: undefined,
  };
}

/** Whether the kind's own bounds, and not its replicas, say how many run. */
function areBoundsOwners(root: Tracked, kind: WorkloadKind): boolean {
  const { bounds } = kind;
  if (bounds === undefined) return false;
  if (bounds.whenTrue === undefined) return true;
  const [flag] = valuesAt(root, bounds.whenTrue);
  return flag?.kind === 'scalar' && flag.value === true;
}

function replicasOf(root: Tracked, kind: WorkloadKind): number | undefined {
  if (kind.defaultReplicas === undefined) return undefined;
  const path = areBoundsOwners(root, kind) ? kind.bounds?.minReplicas : kind.replicas;
  if (path === undefined) return kind.defaultReplicas;
  const found = valuesAt(root, path);
  if (found.length > 1) return undefined;
  return numberAt(root, path) ?? (found.length === 0 ? kind.defaultReplicas : undefined);
}

function leversOf(root: Tracked, kind: WorkloadKind, pod: PodRequest | undefined): readonly Lever[] {
  const levers: Lever[] = [];
  const isBounded = areBoundsOwners(root, kind);
  if (kind.replicas !== undefined && !isBounded) levers.push(replicasLever(root, kind, kind.replicas));
  if (kind.bounds !== undefined && isBounded) {
    levers.push(leverAt(root, 'minReplicas', kind.bounds.minReplicas, { defaultValue: kind.defaultReplicas }));
    levers.push(leverAt(root, 'maxReplicas', kind.bounds.maxReplicas));
  }
  if (kind.suspend !== undefined) levers.push(leverAt(root, 'suspend', kind.suspend, { defaultValue: false }));
  if (kind.schedule !== undefined) levers.push(leverAt(root, 'schedule', kind.schedule));
  return [...levers, ...(pod?.levers ?? [])];
}

/** A count outside the controller's own limits has no effect, so that changing it alone would promise what does not happen. */
function replicasLever(root: Tracked, kind: WorkloadKind, path: string): Lever {
  const lever = leverAt(root, 'replicas', path, { defaultValue: kind.defaultReplicas });
  if (kind.replicasFloor === undefined) return lever;
  const least = numberAt(root, kind.replicasFloor) ?? 0;
  const most = kind.bounds === undefined ? undefined : numberAt(root, kind.bounds.maxReplicas);
  return { ...lever, range: { least, most } };
}

function pauseVerb(kind: WorkloadKind, annotations: Readonly<Record<string, string>>): PauseVerb | undefined {
  if (kind.pause === undefined) return undefined;
  const { lever, pausedValue, unlessAnnotation } = kind.pause;
  const isUnsafe = unlessAnnotation !== undefined && annotations[unlessAnnotation.key] === unlessAnnotation.value;
  return isUnsafe ? undefined : { lever, pausedValue };
}

/** What a patch over a remote base leaves out, that base sets, or leaves out in turn. */
function ofRemoteBase(lever: Lever): Lever {
  const isWritten =
    lever.field.kind === 'editable' ? lever.field.field.kind === 'present' : lever.field.reason !== 'field-absent';
  if (isWritten) return lever;
  const detail = 'the base that sets it is fetched from outside the repository; set it in a patch of this overlay';
  return { ...lever, current: undefined, field: { kind: 'not-editable', reason: 'remote-source', detail } };
}

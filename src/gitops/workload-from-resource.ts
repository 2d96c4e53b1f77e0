import { workloadId, type Lever, type PauseVerb, type Workload } from '../domain/index.ts';
import { claimedGpus, type ClaimedGpus } from './device-claims.ts';
import { isMet, numberAt, splitPath, valuesAt, type FieldPath } from './field-path.ts';
import type { KindCatalogue, SuspendField, WorkloadKind } from './kinds/index.ts';
import { leverAt, leverFrom } from './levers.ts';
import { podRequest, type PodRequest } from './pod-spec.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, type ObjectReference, type Resource } from './resource.ts';
import { placeOf, textAt, textsAt, valueAt, type Tracked } from './tracked.ts';

export interface WorkloadContext {
  readonly kinds: KindCatalogue;
  /** Another object of the same cluster. */
  readonly findObject: (reference: ObjectReference) => Resource | undefined;
}

/** Reads an object as a workload of a cluster; undefined when its kind is not in the catalogue. */
export function workloadFromResource(
  cluster: string,
  resource: Resource,
  context: WorkloadContext,
): Workload | undefined {
  const { root } = resource;
  const apiVersion = apiVersionOf(resource);
  const kind = context.kinds.findWorkload(apiVersion, kindOf(resource));
  const name = nameOf(resource);
  if (kind === undefined || name === undefined) return undefined;
  const namespace = namespaceOf(resource) ?? 'default';
  const key = { cluster, namespace, kind: kind.kind, name };
  const pod = referencedPod(root, { kind, namespace, context }) ?? podRequest(root, kind, claimsIn(namespace, context));
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
    pause: pauseVerb(root, kind, annotations),
    autoscaler: undefined,
    alsoManagedBy: [],
  };
}

/** What a pod of a namespace claims. */
function claimsIn(namespace: string, { findObject }: WorkloadContext): (pod: Tracked) => ClaimedGpus | undefined {
  return (pod) => claimedGpus(pod, namespace, findObject);
}

/** What the pods of another object ask for, where this one runs them; their levers stay with that object. */
function referencedPod(
  root: Tracked,
  of: { readonly kind: WorkloadKind; readonly namespace: string; readonly context: WorkloadContext },
): PodRequest | undefined {
  const { podsOf } = of.kind;
  const ref = podsOf === undefined ? undefined : valueAt(root, splitPath(podsOf.ref));
  const name = textAt(ref, ['name']);
  const kind = textAt(ref, ['kind']);
  if (name === undefined || kind === undefined) return undefined;
  const apiVersion = textAt(ref, ['apiVersion']) ?? 'apps/v1';
  const found = of.context.findObject({ apiVersion, kind, namespace: of.namespace, name });
  const row = of.context.kinds.findWorkload(apiVersion, kind);
  const pod =
    found === undefined || row === undefined
      ? undefined
      : podRequest(found.root, row, claimsIn(of.namespace, of.context));
  return pod === undefined ? undefined : { ...pod, levers: [] };
}

/** Whether the kind's own bounds, and not its replicas, say how many run. */
function areBoundsOwners(root: Tracked, { bounds }: WorkloadKind): boolean {
  return bounds !== undefined && (bounds.when === undefined || isMet(root, bounds.when));
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
  const { bounds } = kind;
  const isBounded = areBoundsOwners(root, kind);
  if (kind.replicas !== undefined && !isBounded) levers.push(replicasLever(root, kind, kind.replicas));
  if (bounds !== undefined && isBounded) {
    levers.push(leverAt(root, 'minReplicas', bounds.minReplicas, { defaultValue: bounds.defaultMinReplicas }));
    levers.push(leverAt(root, 'maxReplicas', bounds.maxReplicas, { defaultValue: bounds.defaultMaxReplicas }));
  }
  if (kind.suspend !== undefined) levers.push(...suspendLever(root, kind.suspend));
  const schedule = scheduleField(root, kind);
  if (schedule !== undefined) levers.push(leverAt(root, 'schedule', schedule));
  return [...levers, ...(pod?.levers ?? [])];
}

function scheduleField(root: Tracked, { schedule, schedules }: WorkloadKind): FieldPath | undefined {
  return schedules !== undefined && valuesAt(root, schedules).length > 0 ? schedules : schedule;
}

function suspendLever(root: Tracked, suspend: SuspendField): readonly Lever[] {
  if (suspend.kind === 'field') return [leverAt(root, 'suspend', suspend.field, { defaultValue: suspend.whenAbsent })];
  const path = ['metadata', 'annotations', suspend.key];
  const written = valueAt(root, path);
  return written === undefined ? [] : [leverFrom(written, 'suspend', { path: path.join('.') })];
}

/** A count outside the controller's own limits has no effect, so that changing it alone would promise what does not happen. */
function replicasLever(root: Tracked, kind: WorkloadKind, path: string): Lever {
  const lever = leverAt(root, 'replicas', path, { defaultValue: kind.defaultReplicas });
  if (kind.replicasFloor === undefined) return lever;
  const least = numberAt(root, kind.replicasFloor) ?? 0;
  const most = kind.bounds === undefined ? undefined : numberAt(root, kind.bounds.maxReplicas);
  return { ...lever, range: { least, most } };
}

/** The annotation that stops the object, where it carries one; else the kind's own verb. */
function pauseVerb(
  root: Tracked,
  kind: WorkloadKind,
  annotations: Readonly<Record<string, string>>,
): PauseVerb | undefined {
  const { suspend, pause } = kind;
  if (suspend?.kind === 'annotation' && annotations[suspend.key] !== undefined) {
    return { lever: 'suspend', pausedValue: true };
  }
  // Where the bounds own the count, it is no lever.
  if (pause === undefined || (pause.lever === 'replicas' && areBoundsOwners(root, kind))) return undefined;
  const { lever, pausedValue, unlessAnnotation } = pause;
  const isUnsafe =
    unlessAnnotation !== undefined && unlessAnnotation.values.includes(annotations[unlessAnnotation.key] ?? '');
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

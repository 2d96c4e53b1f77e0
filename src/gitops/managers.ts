import type { ManagedBy, Workload } from '../domain/index.ts';
import { splitPath, valuesAt } from './field-path.ts';
import { apiGroup, kueueQueueLabel, type KindCatalogue } from './kinds/index.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, type Resource } from './resource.ts';
import { textAt, valueAt } from './tracked.ts';

/** An object that sets fields of another one beside its manifest. */
export interface Manager {
  readonly namespace: string;
  readonly target: { readonly group: string | undefined; readonly kind: string; readonly name: string };
  readonly managedBy: ManagedBy;
}

/** Reads an object as a manager of another one; undefined when it is none, or only watches. */
export function readManager(resource: Resource, kinds: KindCatalogue): Manager | undefined {
  const { root } = resource;
  const kind = kindOf(resource);
  const row = kinds.findManager(apiVersionOf(resource), kind);
  if (row !== undefined) {
    const [mode] = valuesAt(root, row.mode.field);
    const isInactive = mode?.kind === 'scalar' && row.mode.inactive.includes(String(mode.value));
    return isInactive ? undefined : managerOf(resource, row.targetRef, row.fields);
  }
  const podsOf = kinds.findWorkload(apiVersionOf(resource), kind)?.podsOf;
  if (podsOf?.scaleDown === undefined) return undefined;
  const scaleDown = textAt(root, splitPath(podsOf.scaleDown.field));
  const ownsCount = scaleDown !== undefined && podsOf.scaleDown.ownsCountWhen.includes(scaleDown);
  return ownsCount ? managerOf(resource, podsOf.ref, ['spec.replicas']) : undefined;
}

function managerOf(resource: Resource, targetRef: string, fields: readonly string[]): Manager | undefined {
  const ref = valueAt(resource.root, splitPath(targetRef));
  const kind = textAt(ref, ['kind']);
  const name = textAt(ref, ['name']);
  if (kind === undefined || name === undefined) return undefined;
  const apiVersion = textAt(ref, ['apiVersion']);
  return {
    namespace: namespaceOf(resource) ?? 'default',
    target: { group: apiVersion === undefined ? undefined : apiGroup(apiVersion), kind, name },
    managedBy: { kind: kindOf(resource), name: nameOf(resource) ?? name, fields },
  };
}

/** Whether a manager of the same cluster manages a workload. */
export function isManagedBy(workload: Workload, { namespace, target }: Manager): boolean {
  return (
    workload.namespace === namespace &&
    workload.kind === target.kind &&
    workload.name === target.name &&
    (target.group === undefined || target.group === apiGroup(workload.apiVersion))
  );
}

/**
 * The workload with all that else sets its fields. Kueue suspends and resumes the jobs of its queues by the field that
 * would pause them, so that no value in Git does.
 */
export function withManagers(workload: Workload, managers: readonly Manager[], kinds: KindCatalogue): Workload {
  const row = kinds.findWorkload(workload.apiVersion, workload.kind);
  const suspend = row?.suspend;
  const queue = row?.otherOwners.includes('Kueue') === true ? workload.labels[kueueQueueLabel] : undefined;
  const isQueued = queue !== undefined && suspend?.kind === 'field';
  const queued: readonly ManagedBy[] = isQueued ? [{ kind: 'LocalQueue', name: queue, fields: [suspend.field] }] : [];
  const alsoManagedBy = [...workload.alsoManagedBy, ...managers.map(({ managedBy }) => managedBy), ...queued];
  if (alsoManagedBy.length === 0) return workload;
  const pause = isQueued && workload.pause?.lever === 'suspend' ? undefined : workload.pause;
  return { ...workload, alsoManagedBy, pause };
}

import type { Lever, Workload } from '../domain/index.ts';
import { numberAt } from './field-path.ts';
import { apiGroup, type AutoscalerKind, type KindCatalogue } from './kinds/index.ts';
import { leverAt, leverFrom, notEditable } from './levers.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, type Resource } from './resource.ts';
import { textAt, valueAt, type Tracked } from './tracked.ts';

/** An autoscaler, and what it scales. */
export interface Autoscaler {
  readonly row: AutoscalerKind;
  readonly resource: Resource;
  readonly name: string;
  readonly target: { readonly group: string | undefined; readonly kind: string; readonly name: string };
  readonly namespace: string;
}

/** Reads an object as an autoscaler; undefined when it is none or names no target. */
export function readAutoscaler(resource: Resource, kinds: KindCatalogue): Autoscaler | undefined {
  const { root } = resource;
  const row = kinds.findAutoscaler(apiVersionOf(resource), kindOf(resource));
  const name = textAt(root, ['spec', 'scaleTargetRef', 'name']);
  const kind = textAt(root, ['spec', 'scaleTargetRef', 'kind']) ?? row?.defaultTargetKind;
  if (row === undefined || name === undefined || kind === undefined) return undefined;
  const apiVersion = textAt(root, ['spec', 'scaleTargetRef', 'apiVersion']);
  return {
    row,
    resource,
    name: nameOf(resource) ?? name,
    target: { group: apiVersion === undefined ? undefined : apiGroup(apiVersion), kind, name },
    namespace: namespaceOf(resource) ?? 'default',
  };
}

/** Whether an autoscaler of the same cluster scales a workload. */
export function isScaledBy(workload: Workload, { target, namespace }: Autoscaler): boolean {
  return (
    workload.namespace === namespace &&
    workload.kind === target.kind &&
    workload.name === target.name &&
    (target.group === undefined || target.group === apiGroup(workload.apiVersion))
  );
}

/** The workload with its autoscaler's bounds as levers; its own replicas become untouchable. */
export function withAutoscaler(workload: Workload, autoscaler: Autoscaler): Workload {
  const { row, resource, name } = autoscaler;
  const { root } = resource;
  const paused = row.pausedReplicas === undefined ? undefined : valueAt(root, annotation(row.pausedReplicas));
  if (paused !== undefined) return heldStill(workload, autoscaler, paused);
  const detail = `${row.kind} ${name} sets the replicas; its bounds are the levers`;
  const owned = workload.levers.flatMap((lever): readonly Lever[] => {
    if (lever.kind === 'minReplicas' || lever.kind === 'maxReplicas') return [];
    if (lever.kind !== 'replicas') return [lever];
    const current = lever.current === undefined ? {} : { current: lever.current };
    const place = placeOfLever(lever);
    const options = { path: 'replicas', owner: row.kind };
    return [notEditable('replicas', options, { reason: 'autoscaler-owned', detail, ...place, ...current })];
  });
  return {
    ...workload,
    levers: [
      ...owned,
      leverAt(root, 'minReplicas', row.minReplicas, { owner: row.kind, defaultValue: row.defaultMinReplicas }),
      leverAt(root, 'maxReplicas', row.maxReplicas, { owner: row.kind, defaultValue: row.defaultMaxReplicas }),
    ],
    replicas: numberAt(root, row.minReplicas) ?? row.defaultMinReplicas,
    autoscaler: { kind: row.kind, name },
    pause: row.pause,
  };
}

/** The workload under an autoscaler that an annotation holds at one count: that count is the lever, and stops it. */
function heldStill(workload: Workload, { row, name }: Autoscaler, paused: Tracked): Workload {
  const options = { path: annotation(row.pausedReplicas ?? '').join('.'), owner: row.kind };
  const held = leverFrom(paused, 'replicas', options);
  const others = workload.levers.filter(({ kind }) => !['replicas', 'minReplicas', 'maxReplicas'].includes(kind));
  return {
    ...workload,
    levers: [held, ...others],
    replicas: typeof held.current === 'number' ? held.current : undefined,
    autoscaler: { kind: row.kind, name },
    pause: { lever: 'replicas', pausedValue: 0 },
  };
}

function annotation(key: string): readonly string[] {
  return ['metadata', 'annotations', key];
}

function placeOfLever({ field }: Lever): { readonly place?: { path: string; line: number; column: number } } {
  if (field.kind === 'not-editable') return field.place === undefined ? {} : { place: field.place };
  const { path, line, column } = field.field;
  return { place: { path, line, column } };
}

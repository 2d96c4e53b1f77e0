import { findLever, type LeverKind, type LeverValue, type SourcePlace, type Workload } from '../domain/index.ts';
import type { FieldChange } from './change-check.ts';

/** One workload in two commits. */
export interface WorkloadPair {
  readonly before: Workload | undefined;
  readonly after: Workload | undefined;
  readonly fields: readonly FieldChange[];
}

/** The workloads of which something that costs differs between two commits, by id. */
export function changedWorkloads(base: readonly Workload[], head: readonly Workload[]): readonly WorkloadPair[] {
  const before = new Map(base.map((workload) => [workload.id, workload]));
  const after = new Map(head.map((workload) => [workload.id, workload]));
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((id): readonly WorkloadPair[] => {
    const pair = { before: before.get(id), after: after.get(id) };
    const fields = changedFields(pair.before, pair.after);
    return fields.length === 0 ? [] : [{ ...pair, fields }];
  });
}

const levers: readonly LeverKind[] = [
  'replicas',
  'minReplicas',
  'maxReplicas',
  'instanceType',
  'gpuSlice',
  'suspend',
  'schedule',
];

function changedFields(before: Workload | undefined, after: Workload | undefined): readonly FieldChange[] {
  const owner = after ?? before;
  if (owner === undefined) return [];
  const fields: readonly FieldChange[] = [
    ...levers.map((lever) => ({
      field: lever,
      from: valueOf(before, lever),
      to: valueOf(after, lever),
      place: placeOf(after, lever),
    })),
    { field: 'GPUs', from: gpusOf(before), to: gpusOf(after), place: placeOf(after, 'gpuCount') },
  ];
  return fields.filter(({ from, to }) => from !== to);
}

function valueOf(workload: Workload | undefined, lever: LeverKind): LeverValue | undefined {
  if (workload === undefined) return undefined;
  // An autoscaler's bounds say how many run; the manifest's own count then says nothing.
  if (lever === 'replicas' && workload.autoscaler !== undefined && findLever(workload, 'minReplicas') !== undefined)
    return undefined;
  if (lever === 'instanceType') return workload.instanceType;
  return findLever(workload, lever)?.current ?? (lever === 'replicas' ? workload.replicas : undefined);
}

/** `4 × nvidia.com/gpu` */
function gpusOf(workload: Workload | undefined): string | undefined {
  return workload?.gpu.kind === 'devices' ? `${workload.gpu.perReplica} × ${workload.gpu.resourceName}` : undefined;
}

function placeOf(workload: Workload | undefined, kind: LeverKind): SourcePlace | undefined {
  const lever = workload === undefined ? undefined : findLever(workload, kind);
  if (lever === undefined) return undefined;
  const place = lever.field.kind === 'editable' ? lever.field.field : lever.field.place;
  return place === undefined ? undefined : { path: place.path, line: place.line, column: place.column };
}

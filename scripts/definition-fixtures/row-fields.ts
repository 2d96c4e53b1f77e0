import type { AutoscalerKind, CapacityKind, WorkloadKind } from '../../src/gitops/kinds/index.ts';
import { autoscalerKinds, capacityKinds, managerKinds, workloadKinds } from '../../src/gitops/kinds/index.ts';

/** What a field must be; `quantity` is a number or a text with a unit, `any` only has to be there. */
export type FieldType = 'object' | 'array' | 'integer' | 'boolean' | 'string' | 'quantity' | 'any';

export interface RowField {
  readonly field: string;
  readonly type: FieldType;
}

/** One row of the catalogue with every field that it reads. */
export interface Row {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  readonly fields: readonly RowField[];
}

const leverTypes: Readonly<Record<CapacityKind['fields'][number]['lever'], FieldType>> = {
  replicas: 'integer',
  minReplicas: 'integer',
  maxReplicas: 'integer',
  gpuCount: 'quantity',
  gpuSlice: 'string',
  instanceType: 'string',
  suspend: 'string',
  schedule: 'string',
};

/** The rows of every table of the catalogue. */
export const catalogueRows: readonly Row[] = [
  ...workloadKinds.map((row) => rowOf(row, workloadFields(row))),
  ...autoscalerKinds.map((row) => rowOf(row, autoscalerFields(row))),
  ...managerKinds.map((row) => rowOf(row, managerFields(row))),
  ...capacityKinds.map((row) => rowOf(row, capacityFields(row))),
];

function rowOf({ group, versions, kind }: Omit<Row, 'fields'>, fields: readonly RowField[]): Row {
  return { group, versions, kind, fields };
}

function fieldOf(type: FieldType, ...fields: readonly (string | undefined)[]): readonly RowField[] {
  return fields.flatMap((field) => (field === undefined ? [] : [{ field, type }]));
}

/** A field that only has to be written, or one that has to be true. */
function conditionField(condition: { readonly field: string; readonly is: 'true' | 'present' } | undefined) {
  return fieldOf(condition?.is === 'true' ? 'boolean' : 'any', condition?.field);
}

function workloadFields(row: WorkloadKind): readonly RowField[] {
  const { bounds, podsOf, suspend } = row;
  return [
    ...row.pods.flatMap(podFields),
    ...fieldOf('object', podsOf?.ref, row.podLabels),
    ...fieldOf('integer', row.replicas, row.replicasFloor, row.podsPerReplica),
    // Text in an annotation, a number anywhere else.
    ...[bounds?.minReplicas, bounds?.maxReplicas].flatMap((field) =>
      fieldOf(field?.includes('metadata.annotations.') === true ? 'string' : 'integer', field),
    ),
    ...conditionField(bounds?.when),
    ...fieldOf('boolean', suspend?.kind === 'field' ? suspend.field : undefined),
    // The definitions at hand are of releases that have the list only.
    ...fieldOf('string', row.schedules ?? row.schedule, podsOf?.scaleDown?.field),
  ];
}

function podFields(pod: WorkloadKind['pods'][number]): readonly RowField[] {
  const { podSpec, containers = ['containers.*'], resourcesKey, gpuKey } = pod;
  const places = containers.map((container) => (container === '' ? podSpec : `${podSpec}.${container}`));
  return [
    ...fieldOf('object', podSpec),
    ...places.flatMap((place) =>
      place.endsWith('.*') ? fieldOf('array', place.slice(0, -2)) : fieldOf('object', place),
    ),
    ...places.flatMap((place) =>
      [resourcesKey, gpuKey].flatMap((key) => (key === undefined ? [] : fieldOf('object', `${place}.${key}`))),
    ),
  ];
}

function autoscalerFields(row: AutoscalerKind): readonly RowField[] {
  return [...fieldOf('integer', row.minReplicas, row.maxReplicas), ...fieldOf('object', 'spec.scaleTargetRef')];
}

function managerFields(row: (typeof managerKinds)[number]): readonly RowField[] {
  return [...fieldOf('object', row.targetRef), ...fieldOf('string', row.mode.field)];
}

function capacityFields(row: CapacityKind): readonly RowField[] {
  const pools = row.pools?.at.map((pool) => `${pool}.`) ?? [''];
  return pools.flatMap((pool) =>
    row.fields.flatMap(({ lever, field, autoscaledWhen }) => [
      ...fieldOf(field.startsWith('metadata.annotations.') ? 'string' : leverTypes[lever], `${pool}${field}`),
      ...conditionField(autoscaledWhen),
    ]),
  );
}

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { splitPath } from '../../src/gitops/field-path.ts';
import { workloadKinds, type WorkloadKind } from '../../src/gitops/kinds/index.ts';

const folder = 'test/fixtures/gitops/crds';

interface Schema {
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

interface Definition {
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly { readonly name: string; readonly openAPIV3Schema: Schema }[];
}

async function definitions(): Promise<readonly Definition[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as Definition);
}

/** The schema of a field; undefined where the definition has no such field. */
function schemaOf(root: Schema, field: string): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const step of splitPath(field)) {
    const isEvery: boolean = step === '*' || step.startsWith('[');
    schema = isEvery ? schema?.items : schema?.properties?.[step];
  }
  return schema;
}

/** Every field that a row reads, with the type that it must have. */
function fieldsOf(row: WorkloadKind): readonly (readonly [field: string, type: string])[] {
  const { replicas, replicasFloor, bounds, suspend, schedule } = row;
  return [
    ...row.pods.map(({ podSpec }) => [podSpec, 'object'] as const),
    ...[replicas, replicasFloor, bounds?.minReplicas, bounds?.maxReplicas].flatMap((field) =>
      field === undefined ? [] : [[field, 'integer'] as const],
    ),
    ...(bounds?.when === undefined ? [] : [[bounds.when.field, 'boolean'] as const]),
    ...(suspend?.kind === 'field' ? [[suspend.field, 'boolean'] as const] : []),
    ...(schedule === undefined ? [] : [[schedule, 'string'] as const]),
  ];
}

test('every field of a row is in its custom resource definition, in every version, with the type that the lever takes', async () => {
  const checked = (await definitions()).flatMap(({ group, kind, versions }) =>
    versions.flatMap(({ name, openAPIV3Schema }) => {
      const rows = workloadKinds.filter(
        (row) => row.group === group && row.kind === kind && row.versions.includes(name),
      );
      return rows.flatMap((row) =>
        fieldsOf(row).map(([field, type]) => ({
          field: `${kind} ${name} ${field}`,
          type,
          found: schemaOf(openAPIV3Schema, field)?.type,
        })),
      );
    }),
  );

  expect(checked.filter(({ type, found }) => type !== found)).toEqual([]);
  // Five rows of Ray, most in two versions: a definition that matched no row would check nothing.
  expect(new Set(checked.map(({ field }) => field.split(' ').slice(0, 2).join(' ')))).toEqual(
    new Set([
      'RayCluster v1',
      'RayCluster v1alpha1',
      'RayJob v1',
      'RayJob v1alpha1',
      'RayService v1',
      'RayService v1alpha1',
      'RayCronJob v1',
    ]),
  );
});

test('what counts where a field is absent is the default of the definition', async () => {
  const ray = (await definitions()).find(({ kind }) => kind === 'RayCluster');
  const row = workloadKinds.find(({ kind }) => kind === 'RayCluster');

  const schema = ray?.versions.find(({ name }) => name === 'v1')?.openAPIV3Schema ?? {};
  expect(schemaOf(schema, row?.replicas ?? '')?.default).toBe(row?.defaultReplicas);
  expect(schemaOf(schema, row?.bounds?.minReplicas ?? '')?.default).toBe(row?.bounds?.defaultMinReplicas);
});

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { catalogueRows, type FieldType } from '../../scripts/definition-fixtures/row-fields.ts';
import { schemaAt, type Definition, type Schema } from '../../scripts/definition-fixtures/schema.ts';
import { autoscalerKinds, workloadKinds } from '../../src/gitops/kinds/index.ts';

const folder = 'test/fixtures/gitops/crds';

async function readDefinitions(): Promise<readonly Definition[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as Definition);
}

/** The definition of each version of a kind, by `group/version kind`. */
const definitions: ReadonlyMap<string, Schema> = new Map(
  (await readDefinitions()).flatMap(({ group, kind, versions }) =>
    versions.map(({ name, openAPIV3Schema }) => [`${group}/${name} ${kind}`, openAPIV3Schema] as const),
  ),
);

/** Rows that were checked by hand only, against their `source`: no package that can be had holds their definition. */
const checkedByHand: readonly string[] = [
  'batch.volcano.sh/v1alpha1 CronJob',
  'batch.volcano.sh/v1alpha1 Job',
  'container.cnrm.cloud.google.com/v1beta1 ContainerNodePool',
  'container.gcp.m.upbound.io/v1beta1 NodePool',
  'container.gcp.upbound.io/v1beta1 NodePool',
  'container.gcp.upbound.io/v1beta2 NodePool',
  'containerservice.azure.m.upbound.io/v1beta1 KubernetesClusterNodePool',
  'containerservice.azure.upbound.io/v1beta1 KubernetesClusterNodePool',
  'containerservice.azure.upbound.io/v1beta2 KubernetesClusterNodePool',
  'eks.aws.m.upbound.io/v1beta1 NodeGroup',
  'eks.aws.upbound.io/v1beta1 NodeGroup',
  'eks.aws.upbound.io/v1beta2 NodeGroup',
  'eksctl.io/v1alpha5 ClusterConfig',
  'karpenter.sh/v1beta1 NodePool',
  'kubeflow.org/v1 Notebook',
  'kubeflow.org/v1beta1 Notebook',
  'kubeflow.org/v2beta1 MPIJob',
  'kueue.x-k8s.io/v1beta1 ClusterQueue',
  'kueue.x-k8s.io/v1beta1 LocalQueue',
  'kueue.x-k8s.io/v1beta2 ClusterQueue',
  'kueue.x-k8s.io/v1beta2 LocalQueue',
  'leaderworkerset.x-k8s.io/v1 LeaderWorkerSet',
  'scheduling.volcano.sh/v1beta1 Queue',
  'serving.kserve.io/v1alpha1 LLMInferenceService',
  'serving.kserve.io/v1alpha2 LLMInferenceService',
  'sparkoperator.k8s.io/v1beta2 ScheduledSparkApplication',
  'sparkoperator.k8s.io/v1beta2 SparkApplication',
];

interface VersionOfRow {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
}

function versionsOf<Row extends VersionOfRow>(row: Row): readonly { readonly name: string; readonly row: Row }[] {
  return row.versions.map((version) => ({ name: `${row.group}/${version} ${row.kind}`, row }));
}

function typeOf(schema: Schema | undefined): string {
  if (schema === undefined) return 'no such field';
  return schema['x-kubernetes-int-or-string'] === true ? 'quantity' : (schema.type ?? 'no type');
}

function isFit(type: FieldType, schema: Schema | undefined): boolean {
  return type === 'any' ? schema !== undefined : typeOf(schema) === type;
}

const inOrder = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].toSorted();

test('every field that a row reads is in the definition of its kind, in every version, with the type that the lever takes', () => {
  const wrong = catalogueRows.flatMap(versionsOf).flatMap(({ name, row }) => {
    const definition = definitions.get(name);
    if (definition === undefined) return [];
    return row.fields
      .filter(({ field, type }) => !isFit(type, schemaAt(definition, field)))
      .map(({ field, type }) => `${name} ${field}: ${type}, but ${typeOf(schemaAt(definition, field))}`);
  });

  expect(wrong).toEqual([]);
});

test('every definition is that of a row, so that none checks nothing', () => {
  const names = new Set(catalogueRows.flatMap(versionsOf).map(({ name }) => name));

  expect([...definitions.keys()].filter((name) => !names.has(name))).toEqual([]);
});

test('every row has a definition at hand or is named as checked by hand', () => {
  const names = catalogueRows.flatMap(versionsOf).map(({ name }) => name);

  expect(inOrder(names.filter((name) => !definitions.has(name)))).toEqual(checkedByHand);
});

test('what counts where a field is absent is the default of the definition, where it has one', () => {
  const rows = [
    ...workloadKinds.flatMap(versionsOf).flatMap(({ name, row }) => [
      { name, field: row.replicas, whenAbsent: row.defaultReplicas },
      { name, field: row.bounds?.minReplicas, whenAbsent: row.bounds?.defaultMinReplicas },
    ]),
    ...autoscalerKinds.flatMap(versionsOf).flatMap(({ name, row }) => [
      { name, field: row.minReplicas, whenAbsent: row.defaultMinReplicas },
      { name, field: row.maxReplicas, whenAbsent: row.defaultMaxReplicas },
    ]),
  ];
  const stated = rows.flatMap(({ name, field, whenAbsent }) => {
    const schema = definitions.get(name);
    const stands = schema === undefined || field === undefined ? undefined : schemaAt(schema, field)?.default;
    return stands === undefined ? [] : [{ name, field, whenAbsent, stands }];
  });

  expect(stated.filter(({ whenAbsent, stands }) => whenAbsent !== stands)).toEqual([]);
  expect(inOrder(stated.map(({ name }) => name))).toEqual(
    ['RayCluster', 'RayJob', 'RayService']
      .flatMap((kind) => [`ray.io/v1 ${kind}`, `ray.io/v1alpha1 ${kind}`])
      .toSorted(),
  );
});

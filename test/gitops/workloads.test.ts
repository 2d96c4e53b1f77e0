import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findLever, type Workload } from '../../src/domain/index.ts';
import { capacityKinds, workloadKinds } from '../../src/gitops/kinds/index.ts';
import { anInventory, deployment, theLever, theWorkload, told } from './temporary-repository.ts';

/** Two GPUs for each pod. */
const pod = '{containers: [{name: main, resources: {limits: {nvidia.com/gpu: 2}}}]}';
const podTemplate = `{metadata: {labels: {from: template}}, spec: ${pod}}`;
const cpuTemplate = '{spec: {containers: [{name: head}]}}';
const rayCluster = `{headGroupSpec: {template: ${cpuTemplate}}, workerGroupSpecs: [{groupName: a, replicas: 3, template: ${podTemplate}}]}`;
async function ofKind(apiKind: string, spec: string): Promise<Workload> {
  const [apiVersion, kind] = apiKind.split(' ');
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: it, namespace: ml}\nspec: ${spec}\n`;
  return theWorkload(await anInventory({ 'it.yaml': text }), `default/ml/${kind}/it`);
}

test('another version of a kind is not guessed at', async () => {
  const inventory = await anInventory({ 'a.yaml': deployment('a').replace('apps/v1', 'apps/v7') });

  expect(inventory.workloads).toEqual([]);
});

describe('Ray', () => {
  test('under its own autoscaler the bounds are the levers', async () => {
    const spec = rayCluster
      .replace('{', '{enableInTreeAutoscaling: true, ')
      .replace('replicas: 3', 'replicas: 3, minReplicas: 1, maxReplicas: 5');
    const workload = await ofKind('ray.io/v1 RayCluster', spec);

    expect(workload.replicas).toBe(1);
    expect(workload.levers.map(({ kind, current }) => [kind, current])).toEqual([
      ['minReplicas', 1],
      ['maxReplicas', 5],
      ['suspend', false],
      ['gpuCount', 2],
    ]);
  });

  test('replicas are a lever within the bounds that the controller holds them to', async () => {
    const workload = await ofKind(
      'ray.io/v1 RayCluster',
      rayCluster.replace('replicas: 3', 'replicas: 3, minReplicas: 2, maxReplicas: 5'),
    );

    expect(findLever(workload, 'replicas')).toMatchObject({
      current: 3,
      field: { kind: 'editable' },
      range: { least: 2, most: 5 },
    });
  });

  test('two worker groups are two decisions', async () => {
    const twice = rayCluster.replace('[{groupName', '[{groupName: b, replicas: 1}, {groupName');
    const workload = await ofKind('ray.io/v1 RayCluster', twice);

    expect(findLever(workload, 'replicas')?.field).toMatchObject({ reason: 'unsupported-value' });
    expect(workload.replicas).toBeUndefined();
  });
});

test('an LLMInferenceService under scaling has bounds and no count, and no count stops it', async () => {
  const workload = await ofKind(
    'serving.kserve.io/v1alpha1 LLMInferenceService',
    `{scaling: {maxReplicas: 4}, template: ${pod}}`,
  );

  expect(workload.levers.map(({ kind, current }) => [kind, current])).toEqual([
    ['minReplicas', 1],
    ['maxReplicas', 4],
    ['gpuCount', 2],
  ]);
  expect(workload).toMatchObject({ replicas: 1, pause: undefined });
});

test.each([
  ['PyTorchJob without metrics', 'kubeflow.org/v1 PyTorchJob', '{elasticPolicy: {minReplicas: 1, maxReplicas: 4}}'],
  [
    'SparkApplication without dynamic allocation',
    'sparkoperator.k8s.io/v1beta2 SparkApplication',
    '{dynamicAllocation: {enabled: false, minExecutors: 1, maxExecutors: 4}}',
  ],
])('the bounds of a %s are no levers', async (_, apiKind, spec) => {
  const workload = await ofKind(apiKind, spec);

  expect(workload.levers.map(({ kind }) => kind)).toEqual(['suspend']);
});

describe('the pods', () => {
  const server = (podSpec: string): Promise<Workload> =>
    ofKind('apps/v1 Deployment', `{replicas: 1, template: {spec: ${podSpec}}}`);

  test('GPUs, CPU and memory are summed over the containers', async () => {
    const workload = await server(
      '{containers: [{resources: {limits: {nvidia.com/gpu: 2, memory: 16Gi}, requests: {cpu: 500m}}}, {resources: {limits: {nvidia.com/gpu: "1", cpu: 2, memory: 512Mi}}}]}',
    );

    expect(workload.gpu).toMatchObject({ perReplica: 3 });
    expect(workload.requests).toEqual({ cpuCores: 2.5, memoryGib: 16.5 });
    expect(findLever(workload, 'gpuCount')?.field).toMatchObject({ reason: 'unsupported-value' });
  });

  test('MIG slices keep their resource name', async () => {
    const workload = await server('{containers: [{resources: {limits: {nvidia.com/mig-1g.10gb: 1}}}]}');

    expect(workload.gpu).toEqual({ kind: 'devices', resourceName: 'nvidia.com/mig-1g.10gb', perReplica: 1 });
  });

  test('a count in limits and in requests is changed in both or in none', async () => {
    const both = await server(
      '{containers: [{resources: {limits: {nvidia.com/gpu: 1}, requests: {nvidia.com/gpu: 1}}}]}',
    );
    const unequal = await server(
      '{containers: [{resources: {limits: {nvidia.com/gpu: 2}, requests: {nvidia.com/gpu: 1}}}]}',
    );

    expect(findLever(both, 'gpuCount')?.field).toMatchObject({
      kind: 'editable',
      field: { yamlPath: expect.arrayContaining(['limits']) },
      companions: [{ yamlPath: expect.arrayContaining(['requests']) }],
    });
    expect(findLever(unequal, 'gpuCount')?.field).toMatchObject({ reason: 'unsupported-value' });
  });

  test('two values marked as one lever are none', async () => {
    const one = (count: number): string =>
      `{resources: {limits: {nvidia.com/gpu: ${count} # flyball: gpuCount\n    }}}`;
    const workload = await server(`{containers: [${one(1)}, ${one(2)}]}`);

    expect(findLever(workload, 'gpuCount')?.field).toMatchObject({ detail: expect.stringContaining('marks 2 values') });
  });

  test('a required node affinity to one machine type is a lever', async () => {
    const term = '{matchExpressions: [{key: karpenter.k8s.aws/instance-type, operator: In, values: [p5.48xlarge]}]}';
    const workload = await server(
      `{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${term}]}}}}`,
    );

    expect(workload.instanceType).toBe('p5.48xlarge');
    expect(findLever(workload, 'instanceType')).toMatchObject({ current: 'p5.48xlarge', field: { kind: 'editable' } });
  });

  test('an affinity to several machine types pins none', async () => {
    const term =
      '{matchExpressions: [{key: node.kubernetes.io/instance-type, operator: In, values: [a.large, b.large]}]}';
    const workload = await server(
      `{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${term}]}}}}`,
    );

    expect(workload.instanceType).toBeUndefined();
    expect(findLever(workload, 'instanceType')?.field).toMatchObject({ reason: 'unsupported-value' });
  });

  test('labels are the pod template’s, under the object’s own', async () => {
    const text = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: {app: own}}\nspec: {template: {metadata: {labels: {app: pod, tier: gpu}}}}\n`;

    const workload = theWorkload(await anInventory({ 'a.yaml': text }), 'default/default/Deployment/a');

    expect(workload.labels).toEqual({ app: 'own', tier: 'gpu' });
  });
});

describe('an autoscaler', () => {
  const hpa = (spec: string): string =>
    `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: scaler, namespace: ml}\nspec: ${spec}\n`;
  const target = 'scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: clip}';
  const id = 'default/ml/Deployment/clip';

  test('owns the replicas: its bounds are the levers, and an HPA cannot be paused', async () => {
    const inventory = await anInventory({
      'a.yaml': deployment('clip', { replicas: '6', namespace: 'ml' }),
      'b.yaml': hpa(`{${target}, minReplicas: 2, maxReplicas: 8}`),
    });

    const workload = theWorkload(inventory, id);
    expect(workload).toMatchObject({
      replicas: 2,
      pause: undefined,
      autoscaler: { kind: 'HorizontalPodAutoscaler', name: 'scaler' },
    });
    expect(theLever(inventory, id, 'replicas')).toMatchObject({
      current: 6,
      owner: 'HorizontalPodAutoscaler',
      field: { reason: 'autoscaler-owned', place: { path: 'a.yaml', line: 7 } },
    });
    expect(theLever(inventory, id, 'minReplicas')).toMatchObject({ owner: 'HorizontalPodAutoscaler', current: 2 });
    expect(told(theLever(inventory, id, 'maxReplicas'))).toBe('manifest b.yaml:4:106 = 8');
  });

  test('without a lower bound the default counts, and the key can be added', async () => {
    const inventory = await anInventory({
      'a.yaml': deployment('clip', { namespace: 'ml' }),
      'b.yaml': hpa(`{${target}, maxReplicas: 8}`),
    });

    expect(theWorkload(inventory, id).replicas).toBe(1);
    expect(told(theLever(inventory, id, 'minReplicas'))).toBe('manifest b.yaml:4:7 = 1');
  });

  test('a ScaledObject scales a Deployment unless it names another kind, and can scale to zero', async () => {
    const inventory = await anInventory({
      'a.yaml': deployment('clip', { namespace: 'ml' }),
      'b.yaml':
        'apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: s, namespace: ml}\nspec: {scaleTargetRef: {name: clip}, minReplicaCount: 3, maxReplicaCount: 9}\n',
    });

    expect(theWorkload(inventory, id)).toMatchObject({
      replicas: 3,
      autoscaler: { kind: 'ScaledObject', name: 's' },
      pause: { lever: 'minReplicas', pausedValue: 0 },
    });
  });

  test.each([
    ['another namespace', hpa(`{${target}, maxReplicas: 8}`).replace('namespace: ml', 'namespace: other')],
    ['another kind', hpa(`{${target.replace('Deployment', 'StatefulSet')}, maxReplicas: 8}`)],
    ['another name', hpa(`{${target.replace('clip', 'clop')}, maxReplicas: 8}`)],
  ])('of %s owns nothing here', async (_, autoscaler) => {
    const inventory = await anInventory({
      'a.yaml': deployment('clip', { replicas: '6', namespace: 'ml' }),
      'b.yaml': autoscaler,
    });

    expect(theWorkload(inventory, id).autoscaler).toBeUndefined();
  });

  test('follows the prefix that Kustomize gives its target', async () => {
    const inventory = await anInventory({
      'kustomization.yaml': 'namePrefix: x-\nnamespace: ml\nresources: [a.yaml, b.yaml]\n',
      'a.yaml': deployment('clip', { replicas: '6' }),
      'b.yaml': hpa(`{${target}, minReplicas: 2, maxReplicas: 8}`),
    });

    expect(theWorkload(inventory, 'default/ml/Deployment/x-clip').autoscaler).toMatchObject({ name: 'x-scaler' });
  });
});

describe('a HelmRelease', () => {
  const release = (...spec: readonly string[]): string =>
    [
      'apiVersion: helm.toolkit.fluxcd.io/v2',
      'kind: HelmRelease',
      'metadata: {name: nllb, namespace: flux}',
      'spec:',
      ...spec.map((line) => `  ${line}`),
      '',
    ].join('\n');
  const id = 'default/flux/HelmRelease/nllb';
  const gpu = '  resources: {limits: {nvidia.com/gpu: 1}}';

  test('has the levers of its values, in the target namespace', async () => {
    const inventory = await anInventory({
      'a.yaml': release(
        'targetNamespace: translate',
        'values:',
        '  replicaCount: 5',
        '  nodeSelector: {node.kubernetes.io/instance-type: g6.xlarge}',
        gpu,
      ),
    });

    const translate = 'default/translate/HelmRelease/nllb';
    expect(theWorkload(inventory, translate)).toMatchObject({
      replicas: 5,
      instanceType: 'g6.xlarge',
      gpu: { perReplica: 1 },
    });
    expect(told(theLever(inventory, translate, 'replicas'))).toBe('helm-release-values a.yaml:7:19 = 5');
  });

  test('that asks for no GPU and names no count is no workload', async () => {
    expect((await anInventory({ 'a.yaml': release('values: {image: x}') })).workloads).toEqual([]);
  });

  test('under the chart’s autoscaler has bounds for levers', async () => {
    const inventory = await anInventory({
      'a.yaml': release(
        'values:',
        '  replicaCount: 5',
        '  autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 9}',
        gpu,
      ),
    });

    expect(theWorkload(inventory, id)).toMatchObject({ replicas: 2, autoscaler: { kind: 'HorizontalPodAutoscaler' } });
    expect(theWorkload(inventory, id).levers.map(({ kind }) => kind)).toEqual([
      'minReplicas',
      'maxReplicas',
      'gpuCount',
    ]);
  });

  test('a count of another component than the one with the GPUs is left alone', async () => {
    const inventory = await anInventory({
      'a.yaml': release('values:', '  web: {replicaCount: 5}', `  worker:\n  ${gpu}`),
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('field-absent (undefined)');
  });

  test('the count beside the GPUs is found below a section', async () => {
    const inventory = await anInventory({
      'a.yaml': release('values:', '  web: {replicas: 5}', '  worker:', '    replicas: 3', `  ${gpu}`),
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('helm-release-values a.yaml:8:17 = 3');
  });

  test('what valuesFrom may set is said to come from there', async () => {
    const inventory = await anInventory({
      'a.yaml': release('valuesFrom: [{kind: ConfigMap, name: x}]', 'values:', gpu),
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('values-from (undefined)');
  });

  test('a Kustomize patch of its values decides as a patch', async () => {
    const inventory = await anInventory({
      'kustomization.yaml': 'resources: [base]\npatches: [{path: values.yaml, target: {kind: HelmRelease}}]\n',
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': release('values:', '  replicaCount: 5', gpu),
      'values.yaml': release('values: {replicaCount: 2}'),
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('kustomize-patch values.yaml:5:26 = 2');
    expect(told(theLever(inventory, id, 'gpuCount'))).toBe('helm-release-values base/a.yaml:7:42 = 1');
  });
});

describe('a lever is shown and not editable', () => {
  const replicas = async (value: string | undefined, head = ''): Promise<string> => {
    const text = deployment('a', value === undefined ? {} : { replicas: value });
    return told(
      theLever(await anInventory({ 'a.yaml': `${head}${text}` }), 'default/default/Deployment/a', 'replicas'),
    );
  };

  test.each([
    ['without a value', '', '', 'field-absent (undefined)'],
    ['with a variable in it', '${N}', '', 'substitution-variable (${N})'],
    ['that YAML versions read differently', '0o7', '', 'yaml-versions-disagree (7)'],
    ['in a generated file', '2', '# Code generated by x. DO NOT EDIT.\n', 'generated-file (2)'],
    ['that is no number', 'many', '', 'unsupported-value (undefined)'],
    ['that is a fraction', '1.5', '', 'unsupported-value (undefined)'],
    ['that another value repeats', '&n 2\n  minReadySeconds: *n', '', 'anchor-shared (2)'],
    ['that is an alias', '*n', 'x: &n 2\n', 'alias (2)'],
    ['written twice', '2\n  replicas: 3', '', 'duplicate-key (3)'],
  ])('%s', async (_, value, head, expected) => {
    expect(await replicas(value, head)).toBe(expected);
  });

  test('in a file that SOPS encrypts', async () => {
    const text = `${deployment('a', { replicas: '2' })}sops:\n  mac: x\n`;

    expect(told(theLever(await anInventory({ 'a.yaml': text }), 'default/default/Deployment/a', 'replicas'))).toBe(
      'encrypted (2)',
    );
  });

  test.each([
    ['transformers', 'transformers: [x.yaml]\n'],
    ['replacements of that field', 'replacements: [{source: {kind: A}, targets: [{fieldPaths: [spec.replicas]}]}]\n'],
    [
      'a patch with operations that are not followed',
      'patches: [{target: {kind: Deployment}, patch: "[{op: move, from: /a, path: /b}]"}]\n',
    ],
    [
      'a patch whose target is a pattern that is not followed',
      'patches: [{target: {name: "[ab]+"}, patch: "[{op: remove, path: /a}]"}]\n',
    ],
  ])('under %s', async (_, line) => {
    const inventory = await anInventory({
      'kustomization.yaml': `resources: [a.yaml]\n${line}`,
      'a.yaml': deployment('a', { replicas: '2' }),
    });

    expect(told(theLever(inventory, 'default/default/Deployment/a', 'replicas'))).toBe('unsupported-value (2)');
  });
});

describe('policies', () => {
  test('every document of Flyball’s group is handed on with its file', async () => {
    const policy = 'apiVersion: finops.apexlogic.com/v1alpha1\nkind: CostPolicy\n';

    const inventory = await anInventory({
      'policies/a.yaml': `${policy}---\na: 1\n---\n${policy}`,
      'b.yaml': 'c: 1\n',
    });

    expect(inventory.policyDocuments.map(({ path, documentIndex }) => [path, documentIndex])).toEqual([
      ['policies/a.yaml', 0],
      ['policies/a.yaml', 2],
    ]);
    expect(inventory.policyDocuments[0]?.text).toContain('CostPolicy');
  });
});

test('docs/gitops.md lists every kind with its group', async () => {
  const text = await readFile('docs/gitops.md', 'utf8');

  const missing = [...workloadKinds, ...capacityKinds].filter(
    ({ kind, group }) => !new RegExp(`\\b${kind}\\b`).test(text) || !text.includes(group),
  );
  expect(missing).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import type { CapacityPool, Lever, LeverKind } from '../../src/domain/index.ts';
import type { Inventory } from '../../src/gitops/index.ts';
import { anInventory, deployment, fluxKustomization, told } from './temporary-repository.ts';

function nodePool(...spec: readonly string[]): string {
  return [
    'apiVersion: karpenter.sh/v1',
    'kind: NodePool',
    'metadata: { name: gpu }',
    'spec:',
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function thePool(inventory: Inventory, cluster = 'default'): CapacityPool {
  const pools = inventory.capacity.filter((pool) => pool.cluster === cluster);
  expect(pools).toHaveLength(1);
  return pools[0] as CapacityPool;
}

function poolLever(pool: CapacityPool, kind: LeverKind): Lever {
  const found = pool.levers.filter((lever) => lever.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as Lever;
}

describe('a NodePool', () => {
  const requirement = (operator: string, values: string): string =>
    `template: { spec: { requirements: [{ key: node.kubernetes.io/instance-type, operator: ${operator}, values: ${values} }] } }`;

  test('belongs to the whole cluster, and is no workload', async () => {
    const inventory = await anInventory({ 'a.yaml': nodePool('limits: { nvidia.com/gpu: 64 }') });

    expect(inventory.workloads).toEqual([]);
    expect(thePool(inventory)).toMatchObject({ namespace: undefined, kind: 'NodePool', name: 'gpu' });
    expect(told(poolLever(thePool(inventory), 'gpuCount'))).toBe('manifest a.yaml:5:29 = 64');
  });

  test('of several machine types pins none of them', async () => {
    const pool = thePool(await anInventory({ 'a.yaml': nodePool(requirement('In', '[a.large, b.large]')) }));

    expect(poolLever(pool, 'instanceType').field).toMatchObject({ reason: 'unsupported-value' });
  });

  test('that forbids a machine type does not pin it', async () => {
    const pool = thePool(await anInventory({ 'a.yaml': nodePool(requirement('NotIn', '[a.large]')) }));

    expect(pool.levers).toEqual([]);
  });

  test('of a base that two clusters build on is set in the overlay of one', async () => {
    const inventory = await anInventory({
      'clusters/eu/kustomization.yaml': 'resources: [../../base]\n',
      'clusters/us/kustomization.yaml': 'resources: [../../base]\n',
      'base/kustomization.yaml': 'resources: [pool.yaml]\n',
      'base/pool.yaml': nodePool('limits: { nvidia.com/gpu: 64 }'),
    });

    const lever = poolLever(thePool(inventory, 'eu'), 'gpuCount');
    expect(lever).toMatchObject({
      current: 64,
      field: {
        kind: 'editable',
        field: { kind: 'absent', path: 'clusters/eu/kustomization.yaml', insertion: { kind: 'patch-entry' } },
      },
    });
  });

  test('that two files declare for one cluster is not edited', async () => {
    const inventory = await anInventory({
      'a.yaml': nodePool('limits: { nvidia.com/gpu: 64 }'),
      'b.yaml': nodePool('limits: { nvidia.com/gpu: 32 }'),
    });

    expect(poolLever(thePool(inventory), 'gpuCount').field).toMatchObject({ reason: 'declared-twice' });
  });

  test('has an id of its own beside a pool of another group with its name', async () => {
    const other = 'apiVersion: container.gcp.upbound.io/v1beta2\nkind: NodePool\nmetadata: { name: gpu }\nspec: {}\n';
    const inventory = await anInventory({ 'a.yaml': nodePool('limits: {}'), 'b.yaml': other });

    expect(inventory.capacity.map(({ id }) => id)).toEqual([
      'default//container.gcp.upbound.io/NodePool/gpu',
      'default//karpenter.sh/NodePool/gpu',
    ]);
  });
});

describe('a ClusterQueue', () => {
  const queue = (...spec: readonly string[]): string =>
    [
      'apiVersion: kueue.x-k8s.io/v1beta2',
      'kind: ClusterQueue',
      'metadata: { name: team }',
      'spec:',
      ...spec.map((line) => `  ${line}`),
      '',
    ].join('\n');

  test.each([
    ['None', 'manifest a.yaml:5:15 = None'],
    ['HoldAndDrain', 'manifest a.yaml:5:15 = HoldAndDrain'],
    ['Halt', 'unsupported-value (undefined)'],
    ['true', 'unsupported-value (undefined)'],
  ])('with stopPolicy %s', async (value, expected) => {
    const pool = thePool(await anInventory({ 'a.yaml': queue(`stopPolicy: ${value}`) }));

    expect(told(poolLever(pool, 'suspend'))).toBe(expected);
    expect(pool.pause).toEqual({ lever: 'suspend', pausedValue: 'Hold' });
  });

  test('whose quota stands in two flavours has no one number', async () => {
    const flavor = (name: string): string =>
      `{ name: ${name}, resources: [{ name: cpu, nominalQuota: 9 }, { name: nvidia.com/gpu, nominalQuota: 8 }] }`;
    const spec = `resourceGroups: [{ flavors: [${flavor('a')}, ${flavor('b')}] }]`;
    const pool = thePool(await anInventory({ 'a.yaml': queue(spec) }));

    expect(poolLever(pool, 'gpuCount').field).toMatchObject({ reason: 'unsupported-value' });
  });
});

test('a pool of machines that the cluster’s autoscaler sizes is not paused by its count', async () => {
  const text =
    'apiVersion: cluster.x-k8s.io/v1beta2\nkind: MachineDeployment\nmetadata:\n  name: gpu\n  annotations:\n    cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size: "1"\nspec: { replicas: 4 }\n';
  const pool = thePool(await anInventory({ 'a.yaml': text }));

  expect(poolLever(pool, 'replicas').field).toMatchObject({ reason: 'autoscaler-owned', place: { line: 7 } });
  expect(pool.pause).toBeUndefined();
});

test('without a count the cluster’s autoscaler decides, and how many nodes there are is not known', async () => {
  const text =
    'apiVersion: cluster.x-k8s.io/v1beta2\nkind: MachineDeployment\nmetadata:\n  name: gpu\n  annotations:\n    cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size: "1"\nspec: { clusterName: prod }\n';
  const pool = thePool(await anInventory({ 'a.yaml': text }));

  expect(told(poolLever(pool, 'replicas'))).toBe('autoscaler-owned (undefined)');
});

test('a node group of eksctl without a name is passed over, and the others are read', async () => {
  const text =
    'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: { name: prod }\nmanagedNodeGroups: [{ desiredCapacity: 1 }, { name: b, desiredCapacity: 2 }]\n';
  const inventory = await anInventory({ 'a.yaml': text });

  expect(inventory.capacity.map(({ name }) => name)).toEqual(['prod/b']);
  expect(told(poolLever(thePool(inventory), 'replicas'))).toBe('manifest a.yaml:4:73 = 2');
});

test('beside Flux the files of eksctl count, and other manifests that nothing delivers do not', async () => {
  const inventory = await anInventory({
    'clusters/prod/apps.yaml': fluxKustomization('apps', './apps'),
    'apps/a.yaml': deployment('a'),
    'clusters/prod/eksctl.yaml':
      'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: { name: prod }\nmanagedNodeGroups: [{ name: gpu, minSize: 2 }]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n',
    'elsewhere/pool.yaml': nodePool('limits: { nvidia.com/gpu: 64 }'),
  });

  expect(inventory.capacity.map(({ cluster, name }) => [cluster, name])).toEqual([['prod', 'prod/gpu']]);
  expect(inventory.workloads.map(({ name }) => name)).toEqual(['a']);
});

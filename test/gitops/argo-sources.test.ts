import { describe, expect, test } from 'vitest';
import { openRepository, takeInventory } from '../../src/gitops/index.ts';
import { anInventory, aRepository, deployment, git, theLever, told } from './temporary-repository.ts';

const id = 'eu/a/Application/app';

function application(...spec: readonly string[]): string {
  const head = 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: app}\nspec:\n';
  return `${head}  destination: {namespace: a}\n${spec.map((line) => `  ${line}\n`).join('')}`;
}

describe('directory of an Argo CD source', () => {
  const files = {
    'apps/a.yaml': deployment('a'),
    'apps/b.yml': deployment('b'),
    'apps/c.yaml': deployment('c'),
    'apps/test/d.yaml': deployment('d'),
  };

  test.each([
    ['{include: "*.yaml"}', ['a', 'c']],
    ['{include: "{*.yml,c*}"}', ['b', 'c']],
    ['{exclude: c.yaml}', ['a', 'b']],
    ['{include: "*.yaml", exclude: "{a,test/*}.yaml", recurse: true}', ['c']],
    ['{recurse: true, exclude: "test/*"}', ['a', 'b', 'c']],
    ['{recurse: true}', ['a', 'b', 'c', 'd']],
  ])('%s', async (directory, expected) => {
    const inventory = await anInventory({
      ...files,
      'clusters/eu/app.yaml': application(`source: {path: apps, directory: ${directory}}`),
    });

    const delivered = inventory.workloads.filter(({ cluster }) => cluster === 'eu').map(({ name }) => name);
    expect(delivered).toEqual(expected);
  });
});

describe('value files of a referenced source', () => {
  test.each([
    ['this repository', 'https://github.com/acme/fleet.git', 'helm-chart-values values/app.yaml:1:15 = 3'],
    ['another repository', 'https://github.com/acme/other.git', 'values-from (undefined)'],
  ])('a file of %s', async (_, repoURL, expected) => {
    const root = await aRepository({
      'values/app.yaml': 'replicaCount: 3\n',
      'clusters/eu/app.yaml': application(
        'sources:',
        `  - {repoURL: "${repoURL}", ref: values}`,
        '  - {repoURL: "https://charts.example.com", chart: x, helm: {valueFiles: [$values/values/app.yaml], valuesObject: {resources: {limits: {nvidia.com/gpu: 1}}}}}',
      ),
    });
    git(root, 'remote', 'add', 'origin', 'git@github.com:acme/fleet.git');

    const inventory = await takeInventory(await openRepository({ location: root, cacheDirectory: `${root}/c` }));

    expect(told(theLever(inventory, id, 'replicas'))).toBe(expected);
  });
});

describe('parameters', () => {
  test('a forced string stays one', async () => {
    const inventory = await anInventory({
      'clusters/eu/app.yaml': application(
        'source:',
        '  chart: x',
        '  helm:',
        '    valuesObject: {autoscaling: {minReplicas: 1}, replicaCount: 2}',
        '    parameters: [{name: autoscaling.enabled, value: "true", forceString: true}]',
      ),
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('argo-application-values clusters/eu/app.yaml:9:67 = 2');
  });

  test('a value that a file parameter sets is not known', async () => {
    const inventory = await anInventory({
      'clusters/eu/app.yaml': application(
        'source:',
        '  chart: x',
        '  helm:',
        '    valuesObject: {replicaCount: 2, resources: {limits: {nvidia.com/gpu: 1}}}',
        '    fileParameters: [{name: replicaCount, path: count.txt}]',
      ),
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('values-from (undefined)');
    expect(told(theLever(inventory, id, 'gpuCount'))).toBe('argo-application-values clusters/eu/app.yaml:9:76 = 1');
  });
});

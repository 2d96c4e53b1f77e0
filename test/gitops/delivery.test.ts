import { describe, expect, test } from 'vitest';
import { openRepository, takeInventory } from '../../src/gitops/index.ts';
import {
  anInventory,
  aRepository,
  deployment,
  fluxKustomization,
  git,
  theLever,
  theWorkload,
  told,
} from './temporary-repository.ts';

const kustomization = (...lines: readonly string[]): string => `kind: Kustomization\n${lines.join('\n')}\n`;

function ids(inventory: { readonly workloads: readonly { readonly id: string }[] }): readonly string[] {
  return inventory.workloads.map(({ id }) => id);
}

describe('Flux', () => {
  test('a Kustomization names the cluster by its folder, and brings a folder without kustomization.yaml whole', async () => {
    const inventory = await anInventory({
      'clusters/prod-us/apps.yaml': fluxKustomization('apps', './apps'),
      'apps/a/server.yaml': deployment('clip', { replicas: '6', namespace: 'inference' }),
      'apps/b/kustomization.yaml': kustomization('namespace: search', 'resources: [server.yaml]'),
      'apps/b/server.yaml': deployment('rank', { replicas: '2' }),
      'apps/b/unused.yaml': deployment('unused'),
    });

    expect(ids(inventory)).toEqual(['prod-us/inference/Deployment/clip', 'prod-us/search/Deployment/rank']);
    expect(told(theLever(inventory, 'prod-us/inference/Deployment/clip', 'replicas'))).toBe(
      'manifest apps/a/server.yaml:7:13 = 6',
    );
    expect(inventory.problems).toEqual([]);
  });

  test('the folder pattern and the default cluster can be set', async () => {
    const files = { 'env/eu/x/server.yaml': deployment('a'), 'server.yaml': deployment('b') };

    const inventory = await anInventory(files, { clusters: { folderPattern: 'env/{cluster}/x', defaultName: 'home' } });

    expect(ids(inventory)).toEqual(['eu/default/Deployment/a', 'home/default/Deployment/b']);
  });

  test('Kustomizations that a Kustomization brings go to its cluster, with its patches', async () => {
    const patch = [
      'patches:',
      '  - target: {kind: Kustomization}',
      '    patch: |-',
      '      - op: add',
      '        path: /spec/targetNamespace',
      '        value: from-patch',
    ];
    const inventory = await anInventory({
      'clusters/eu/all.yaml': fluxKustomization('all', './apps', patch),
      'clusters/us/all.yaml': fluxKustomization('all', './apps'),
      'apps/ks.yaml': fluxKustomization('server', './server'),
      'server/server.yaml': deployment('server', { replicas: '2', namespace: 'own' }),
    });

    expect(ids(inventory)).toEqual(['eu/from-patch/Deployment/server', 'us/own/Deployment/server']);
    expect(told(theLever(inventory, 'us/own/Deployment/server', 'replicas'))).toBe('base-shared (2)');
  });

  test('one that includes itself, and two that include each other, end', async () => {
    const inventory = await anInventory({
      'clusters/eu/self.yaml': fluxKustomization('self', './clusters/eu'),
      'clusters/eu/server.yaml': deployment('server'),
      'clusters/us/a/ks.yaml': fluxKustomization('a', './clusters/us/b'),
      'clusters/us/b/ks.yaml': fluxKustomization('b', './clusters/us/a'),
      'clusters/us/b/server.yaml': deployment('other'),
    });

    expect(ids(inventory)).toEqual(['eu/default/Deployment/server', 'us/default/Deployment/other']);
  });

  test('what an overlay patches is edited there; what the shared base sets is patched in the place of the one cluster', async () => {
    const overlay = kustomization('resources: [../../base]', 'patches: [{path: replicas.yaml}]');
    const patch = (count: number): string =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: clip\nspec:\n  replicas: ${count}\n`;
    const inventory = await anInventory({
      'clusters/eu/apps.yaml': fluxKustomization('apps', './overlays/eu'),
      'clusters/us/apps.yaml': fluxKustomization('apps', './overlays/us'),
      'base/kustomization.yaml': kustomization('resources: [server.yaml]'),
      'base/server.yaml': deployment('clip', { replicas: '1' }),
      'overlays/eu/kustomization.yaml': overlay.replaceAll('../../base', '../../base'),
      'overlays/eu/replicas.yaml': patch(2),
      'overlays/us/kustomization.yaml': overlay,
      'overlays/us/replicas.yaml': patch(6),
    });

    const us = 'us/default/Deployment/clip';
    expect(told(theLever(inventory, us, 'replicas'))).toBe('kustomize-patch overlays/us/replicas.yaml:6:13 = 6');
    expect(theLever(inventory, us, 'instanceType').field).toMatchObject({
      kind: 'editable',
      field: {
        path: 'clusters/us/apps.yaml',
        insertion: {
          kind: 'patch-entry',
          pointer: '/spec/template/spec/nodeSelector/node.kubernetes.io~1instance-type',
        },
      },
    });
    expect(ids(inventory)).toEqual(['eu/default/Deployment/clip', us]);
  });

  test('a base of one overlay alone may be edited', async () => {
    const inventory = await anInventory({
      'clusters/eu/apps.yaml': fluxKustomization('apps', './overlays/eu'),
      'base/kustomization.yaml': kustomization('resources: [server.yaml]'),
      'base/server.yaml': deployment('clip', { replicas: '1' }),
      'overlays/eu/kustomization.yaml': kustomization('resources: [../../base]', 'replicas: [{name: clip, count: 4}]'),
    });

    const id = 'eu/default/Deployment/clip';
    expect(told(theLever(inventory, id, 'replicas'))).toBe(
      'kustomize-replicas overlays/eu/kustomization.yaml:3:32 = 4',
    );
    expect(told(theLever(inventory, id, 'gpuCount'))).toBe('kustomize-base base/server.yaml:18:31 = 1');
  });

  test('a patch that one overlay lays over several workloads stays; the one workload gets a patch after it', async () => {
    const inventory = await anInventory({
      'clusters/eu/apps.yaml': fluxKustomization('apps', './apps'),
      'apps/kustomization.yaml': kustomization(
        'resources: [a.yaml, b.yaml]',
        'patches:',
        '  - target: {kind: Deployment}',
        '    patch: |-',
        '      - {op: replace, path: /spec/replicas, value: 3}',
      ),
      'apps/a.yaml': deployment('a', { replicas: '1' }),
      'apps/b.yaml': deployment('b', { replicas: '1' }),
    });

    expect(theLever(inventory, 'eu/default/Deployment/a', 'replicas')).toMatchObject({
      current: 3,
      field: { field: { path: 'apps/kustomization.yaml', insertion: { kind: 'replicas-entry', name: 'a' } } },
    });
    expect(told(theLever(inventory, 'eu/default/Deployment/a', 'gpuCount'))).toBe('manifest apps/a.yaml:18:31 = 1');
  });

  test('an inline patch in the Flux Kustomization decides from inside its literal block', async () => {
    const inventory = await anInventory({
      'clusters/eu/apps.yaml': fluxKustomization('apps', './apps', [
        'patches:',
        '  - patch: |',
        '      apiVersion: apps/v1',
        '      kind: Deployment',
        '      metadata:',
        '        name: clip',
        '      spec:',
        '        replicas: 9',
      ]),
      'apps/server.yaml': deployment('clip', { replicas: '1' }),
    });

    expect(told(theLever(inventory, 'eu/default/Deployment/clip', 'replicas'))).toBe(
      'kustomize-patch clusters/eu/apps.yaml:18:21 = 9',
    );
  });

  test('variables are filled in, and a value that is one of them is edited where it is written', async () => {
    const inventory = await anInventory({
      'clusters/eu/apps.yaml': fluxKustomization('apps', './apps', [
        'postBuild:',
        '  substitute:',
        '    APP: clip',
        '    COUNT: "4"',
      ]),
      'apps/server.yaml': deployment('${APP}-${ROLE:=server}', { replicas: '${COUNT}' }),
    });

    expect(theLever(inventory, 'eu/default/Deployment/clip-server', 'replicas')).toMatchObject({
      current: 4,
      field: {
        kind: 'editable',
        field: { path: 'clusters/eu/apps.yaml', yamlPath: expect.arrayContaining(['COUNT']) },
      },
    });
  });

  test('a path that is not in the repository is reported at its line', async () => {
    const inventory = await anInventory({ 'clusters/eu/apps.yaml': fluxKustomization('apps', './app') });

    expect(inventory.problems).toMatchObject([
      {
        code: 'MANIFEST_REFERENCE_MISSING',
        place: { kind: 'file', path: 'clusters/eu/apps.yaml', line: 7, column: 9 },
        excerpt: '  path: ./app\n        ^',
      },
    ]);
  });

  test('a path in another repository is not looked for here', async () => {
    const source =
      'apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system}\nspec: {url: "https://github.com/acme/other"}\n';
    const root = await aRepository({
      'clusters/eu/apps.yaml': `${fluxKustomization('apps', './apps')}---\n${source}`,
      'apps/server.yaml': deployment('clip'),
    });
    git(root, 'remote', 'add', 'origin', 'git@github.com:acme/fleet.git');

    const inventory = await takeInventory(await openRepository({ location: root, cacheDirectory: `${root}/c` }));

    expect(inventory.problems).toEqual([]);
    expect(ids(inventory)).toEqual(['default/default/Deployment/clip']);
  });

  test('an artifact that copies folders of the repository is traced back to them', async () => {
    const generator = [
      'apiVersion: source.extensions.fluxcd.io/v1beta1',
      'kind: ArtifactGenerator',
      'metadata: {name: flux-system}',
      'spec:',
      '  artifacts:',
      '    - name: apps',
      '      copy:',
      '        - {from: "@monorepo/apps/eu/**", to: "@artifact/eu/"}',
    ].join('\n');
    const inventory = await anInventory({
      'clusters/eu/artifacts.yaml': generator,
      'clusters/eu/apps.yaml': fluxKustomization('apps', './eu')
        .replace('GitRepository', 'ExternalArtifact')
        .replace('name: flux-system\n    name', 'name')
        .replace('    name: flux-system\n', '    name: apps\n'),
      'apps/eu/server.yaml': deployment('clip'),
    });

    expect(ids(inventory)).toEqual(['eu/default/Deployment/clip']);
  });
});

describe('Argo CD', () => {
  const application = (...spec: readonly string[]): string =>
    [
      'apiVersion: argoproj.io/v1alpha1',
      'kind: Application',
      'metadata: {name: app}',
      'spec:',
      ...spec.map((line) => `  ${line}`),
      '',
    ].join('\n');

  test('an Application deploys a folder to the cluster and namespace of its destination', async () => {
    const inventory = await anInventory({
      'argo/app.yaml': application(
        'destination: {name: prod-us, namespace: inference}',
        'source: {repoURL: "https://example.com/fleet", path: apps}',
      ),
      'apps/server.yaml': deployment('clip', { replicas: '2' }),
      'apps/below/server.yaml': deployment('not-recursive'),
      'clusters/eu/server.yaml': deployment('loose'),
    });

    expect(ids(inventory)).toContain('prod-us/inference/Deployment/clip');
    expect(ids(inventory)).not.toContain('prod-us/inference/Deployment/not-recursive');
    expect(ids(inventory)).toContain('eu/default/Deployment/loose');
  });

  test('its Kustomize overrides decide over the folder', async () => {
    const inventory = await anInventory({
      'app.yaml': application(
        'destination: {name: eu, namespace: ml}',
        'source:',
        '  path: apps',
        '  kustomize:',
        '    namePrefix: x-',
        '    replicas: [{name: clip, count: 5}]',
      ),
      'apps/kustomization.yaml': kustomization('resources: [server.yaml]'),
      'apps/server.yaml': deployment('clip', { replicas: '2' }),
    });

    expect(told(theLever(inventory, 'eu/ml/Deployment/x-clip', 'replicas'))).toBe(
      'kustomize-replicas app.yaml:10:38 = 5',
    );
  });

  test('a chart is a workload with the levers that its values name', async () => {
    const inventory = await anInventory({
      'clusters/eu/app.yaml': application(
        'destination: {namespace: recsys}',
        'source:',
        '  chart: dlrm',
        '  helm:',
        '    valuesObject:',
        '      replicaCount: 3',
        '      resources: {limits: {nvidia.com/gpu: 2}}',
      ),
    });

    const id = 'eu/recsys/Application/app';
    expect(theWorkload(inventory, id)).toMatchObject({ gpu: { perReplica: 2 }, replicas: 3 });
    expect(told(theLever(inventory, id, 'replicas'))).toBe('argo-application-values clusters/eu/app.yaml:10:23 = 3');
  });

  test('of values, valuesObject and parameters the later decides', async () => {
    const inventory = await anInventory({
      'clusters/eu/app.yaml': application(
        'destination: {namespace: a}',
        'sources:',
        '  - chart: dlrm',
        '    helm:',
        '      values: |',
        '        replicaCount: 3',
        '        nodeSelector:',
        '          node.kubernetes.io/instance-type: g6.xlarge',
        '        resources: {limits: {nvidia.com/gpu: 2}}',
        '      valuesObject:',
        '        resources: {limits: {nvidia.com/gpu: 4}}',
        '      parameters:',
        '        - {name: replicaCount, value: "7"}',
      ),
    });

    const id = 'eu/a/Application/app';
    expect(told(theLever(inventory, id, 'replicas'))).toBe('argo-application-values clusters/eu/app.yaml:17:41 = 7');
    expect(told(theLever(inventory, id, 'instanceType'))).toBe(
      'argo-application-values clusters/eu/app.yaml:12:47 = g6.xlarge',
    );
    expect(told(theLever(inventory, id, 'gpuCount'))).toBe('argo-application-values clusters/eu/app.yaml:15:48 = 4');
  });

  test('a chart in the repository gives the values that the Application leaves out', async () => {
    const inventory = await anInventory({
      'clusters/eu/app.yaml': application(
        'destination: {namespace: a}',
        'source: {path: charts/dlrm, helm: {valuesObject: {replicaCount: 2}}}',
      ),
      'charts/dlrm/Chart.yaml': 'name: dlrm\n',
      'charts/dlrm/values.yaml': 'replicaCount: 1\nresources:\n  limits:\n    nvidia.com/gpu: 1\n',
      'charts/dlrm/templates/server.yaml': 'kind: Deployment\nspec: {{ .Values }}\n',
    });

    const id = 'eu/a/Application/app';
    expect(told(theLever(inventory, id, 'replicas'))).toBe('argo-application-values clusters/eu/app.yaml:6:67 = 2');
    expect(told(theLever(inventory, id, 'gpuCount'))).toBe('helm-chart-values charts/dlrm/values.yaml:4:21 = 1');
    expect(inventory.filesSkipped.templates).toBe(1);
  });
});

describe('without a delivery object', () => {
  test('overlays are environments named by their folders, and their base is no deployment', async () => {
    const inventory = await anInventory({
      'base/kustomization.yaml': kustomization('resources: [server.yaml]'),
      'base/server.yaml': deployment('clip', { replicas: '1' }),
      'staging/kustomization.yaml': kustomization('resources: [../base]'),
      'production/kustomization.yaml': kustomization('resources: [../base]', 'replicas: [{name: clip, count: 4}]'),
    });

    expect(ids(inventory)).toEqual(['production/default/Deployment/clip', 'staging/default/Deployment/clip']);
    expect(told(theLever(inventory, 'staging/default/Deployment/clip', 'replicas'))).toBe(
      'kustomize-replicas staging/kustomization.yaml:1:1 = 1',
    );
    expect(told(theLever(inventory, 'production/default/Deployment/clip', 'replicas'))).toBe(
      'kustomize-replicas production/kustomization.yaml:3:32 = 4',
    );
  });

  test('of two manifests of one workload in one cluster neither is edited', async () => {
    const inventory = await anInventory({
      'a.yaml': deployment('clip', { replicas: '1' }),
      'b.yaml': deployment('clip', { replicas: '2' }),
    });

    expect(ids(inventory)).toEqual(['default/default/Deployment/clip']);
    expect(theLever(inventory, 'default/default/Deployment/clip', 'replicas').field).toMatchObject({
      reason: 'declared-twice',
      detail: expect.stringContaining('a.yaml:1, b.yaml:1'),
    });
  });

  test('a remote base leaves what its patch sets editable, and the rest to the remote source', async () => {
    const inventory = await anInventory({
      'kustomization.yaml': kustomization(
        'resources: ["https://github.com/acme/clip//deploy?ref=v1"]',
        'patches: [{path: replicas.yaml}]',
      ),
      'replicas.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: clip}\nspec: {minReadySeconds: 1}\n',
    });

    expect(told(theLever(inventory, 'default/default/Deployment/clip', 'replicas'))).toBe('remote-source (undefined)');
    expect(inventory.problems).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import type { LeverKind, LeverValue } from '../../src/domain/index.ts';
import {
  addedLines,
  anInventory,
  deployment,
  theLever,
  theWorkload,
  told,
  withLeverSet,
} from './temporary-repository.ts';

const kustomization = (...lines: readonly string[]): string =>
  ['apiVersion: kustomize.config.k8s.io/v1beta1', 'kind: Kustomization', ...lines, ''].join('\n');

const flux = (name: string, path: string): string =>
  [
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    `metadata: {name: ${name}, namespace: flux-system}`,
    'spec:',
    '  interval: 10m',
    `  path: ${path}`,
    '  sourceRef:',
    '    kind: GitRepository',
    '    name: fleet',
    '',
  ].join('\n');

/** Sets a lever of one workload and reads the repository again. */
async function afterSetting(
  files: Readonly<Record<string, string>>,
  id: string,
  change: { readonly lever: LeverKind; readonly to: LeverValue },
) {
  const before = await anInventory(files);
  const edited = withLeverSet(files, theLever(before, id, change.lever), change.to);
  const changed = Object.keys(files).find((file) => files[file] !== edited[file]);
  const after = await anInventory(edited);
  const others = (inventory: typeof before) =>
    inventory.workloads
      .filter((workload) => workload.id !== id)
      .map((workload) => [workload.id, workload.levers.map(({ kind, current }) => [kind, current])]);
  expect(others(after)).toEqual(others(before));
  expect(theLever(after, id, change.lever).current).toBe(change.to);
  const file = changed ?? '';
  return { file, added: addedLines(files[file] ?? '', edited[file] ?? ''), text: edited[file] ?? '' };
}

const base = {
  'base/kustomization.yaml': kustomization('resources:', '- server.yaml'),
  'base/server.yaml': deployment('clip', { replicas: '6' }),
};

describe('a base that two overlays share', () => {
  const files = {
    ...base,
    'overlays/staging/kustomization.yaml': kustomization('resources:', '- ../../base', 'namespace: ml'),
    'overlays/prod/kustomization.yaml': kustomization('resources:', '- ../../base', 'namespace: ml'),
  };

  test('keeps its count; the overlay gets an entry of replicas, and the other overlay stays as it is', async () => {
    const edit = await afterSetting(files, 'prod/ml/Deployment/clip', { lever: 'replicas', to: 2 });

    expect(edit).toMatchObject({
      file: 'overlays/prod/kustomization.yaml',
      added: ['replicas:', '- name: clip', '  count: 2'],
    });
  });

  test('of any other field the overlay gets the smallest JSON patch', async () => {
    const job = [
      'apiVersion: batch/v1',
      'kind: CronJob',
      'metadata: {name: train}',
      'spec:',
      '  schedule: "0 2 * * *"',
      '  jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}',
      '',
    ].join('\n');
    const edit = await afterSetting({ ...files, 'base/server.yaml': job }, 'staging/ml/CronJob/train', {
      lever: 'suspend',
      to: true,
    });

    expect(edit).toMatchObject({
      file: 'overlays/staging/kustomization.yaml',
      added: [
        'patches:',
        '- target:',
        '    kind: CronJob',
        '    name: train',
        '  patch: |-',
        '    - op: add',
        '      path: /spec/suspend',
        '      value: true',
      ],
    });
  });

  test('renamed by the overlay is patched by the name that the base gives it', async () => {
    const named = {
      ...files,
      'overlays/prod/kustomization.yaml': kustomization(
        'resources: [../../base]',
        'namePrefix: prod-',
        'namespace: ml',
      ),
    };
    const edit = await afterSetting(named, 'prod/ml/Deployment/prod-clip', { lever: 'replicas', to: 1 });

    expect(edit.added).toEqual(['replicas:', '  - name: clip', '    count: 1']);
  });

  test('gets a further entry where the overlay has such a list already', async () => {
    const listed = {
      ...files,
      'base/other.yaml': deployment('whisper', { replicas: '3' }),
      'base/kustomization.yaml': kustomization('resources: [server.yaml, other.yaml]'),
      'overlays/prod/kustomization.yaml': kustomization(
        'replicas:',
        '  - name: whisper # busy',
        '    count: 4',
        'resources: [../../base]',
        'namespace: ml',
      ),
    };
    const edit = await afterSetting(listed, 'prod/ml/Deployment/clip', { lever: 'replicas', to: 2 });

    expect(edit.added).toEqual(['  - name: clip', '    count: 2']);
    expect(edit.text).toContain('    count: 4\n  - name: clip\n    count: 2\nresources:');
  });

  test('whose list is written in brackets gets a patch, and with both in brackets nothing', async () => {
    const overlay = (...lines: readonly string[]) => ({
      ...files,
      'overlays/prod/kustomization.yaml': kustomization('resources: [../../base]', ...lines),
    });
    const id = 'prod/default/Deployment/clip';
    const counts = 'replicas: [{name: x, count: 1}]';
    const edit = await afterSetting(overlay(counts), id, { lever: 'replicas', to: 2 });
    const neither = await anInventory(overlay(counts, 'patches: [{path: a.yaml}]'));

    expect(edit.added?.[0]).toBe('patches:');
    expect(told(theLever(neither, id, 'replicas'))).toBe('base-shared (6)');
  });
});

describe('a folder that two clusters apply', () => {
  const files = {
    ...base,
    'clusters/eu/apps.yaml': flux('apps', './base'),
    'clusters/us/apps.yaml': flux('apps', './base'),
  };

  test('is patched in the Flux Kustomization of the one cluster', async () => {
    const edit = await afterSetting(files, 'us/default/Deployment/clip', { lever: 'replicas', to: 3 });

    expect(edit).toMatchObject({
      file: 'clusters/us/apps.yaml',
      added: [
        '  patches:',
        '    - target:',
        '        kind: Deployment',
        '        name: clip',
        '      patch: |-',
        '        - op: replace',
        '          path: /spec/replicas',
        '          value: 3',
      ],
    });
  });

  test('through one Flux Kustomization of a shared folder is not edited at all', async () => {
    const inventory = await anInventory({
      ...base,
      'shared/apps.yaml': flux('apps', './base'),
      'clusters/eu/all.yaml': flux('all', './shared'),
      'clusters/us/all.yaml': flux('all', './shared'),
    });

    expect(told(theLever(inventory, 'us/default/Deployment/clip', 'replicas'))).toBe('base-shared (6)');
  });
});

test('an Argo CD Application with a kustomization of its own overrides gets the entry there', async () => {
  const application = (name: string): string =>
    [
      'apiVersion: argoproj.io/v1alpha1',
      'kind: Application',
      `metadata: {name: ${name}}`,
      'spec:',
      '  source:',
      '    repoURL: https://example.com/fleet.git',
      '    path: base',
      '  destination:',
      `    name: ${name}`,
      '    namespace: ml',
      '',
    ].join('\n');
  const files = { ...base, 'apps/a.yaml': application('a'), 'apps/b.yaml': application('b') };
  const edit = await afterSetting(files, 'b/ml/Deployment/clip', { lever: 'replicas', to: 2 });

  expect(edit).toMatchObject({
    file: 'apps/b.yaml',
    added: ['    kustomize:', '      replicas:', '        - name: clip', '          count: 2'],
  });
});

test('values of a chart that two releases share are set in the one release', async () => {
  const release = (cluster: string): string =>
    [
      'apiVersion: helm.toolkit.fluxcd.io/v2',
      'kind: HelmRelease',
      'metadata: {name: dlrm, namespace: ml}',
      'spec:',
      '  chart:',
      '    spec:',
      '      chart: charts/dlrm',
      '      sourceRef: {kind: GitRepository, name: fleet}',
      '  values:',
      `    region: ${cluster}`,
      '',
    ].join('\n');
  const files = {
    'charts/dlrm/Chart.yaml': 'name: dlrm\n',
    'charts/dlrm/values.yaml': 'replicaCount: 4\nresources:\n  limits:\n    nvidia.com/gpu: 1\n',
    'eu/release.yaml': release('eu'),
    'us/release.yaml': release('us'),
    'clusters/eu/apps.yaml': flux('apps', './eu'),
    'clusters/us/apps.yaml': flux('apps', './us'),
  };
  const edit = await afterSetting(files, 'eu/ml/HelmRelease/dlrm', { lever: 'replicas', to: 2 });

  expect(edit).toMatchObject({ file: 'eu/release.yaml', added: ['    replicaCount: 2'] });
});

describe('a comment "# flyball: <lever>"', () => {
  const ray = (first: string, second: string): string =>
    [
      'apiVersion: ray.io/v1',
      'kind: RayCluster',
      'metadata: {name: train}',
      'spec:',
      '  workerGroupSpecs:',
      '  - groupName: small',
      `    replicas: ${first}`,
      '  - groupName: large',
      `    replicas: ${second}`,
      '',
    ].join('\n');

  test('says which of several values is the lever', async () => {
    const inventory = await anInventory({ 'a.yaml': ray('1', '4 # flyball: replicas') });

    expect(told(theLever(inventory, 'default/default/RayCluster/train', 'replicas'))).toBe('manifest a.yaml:9:15 = 4');
  });

  test('without it, and with two of them, none is', async () => {
    const none = await anInventory({ 'a.yaml': ray('1', '4') });
    const both = await anInventory({ 'a.yaml': ray('1 # flyball: replicas', '4 # flyball: replicas') });

    const id = 'default/default/RayCluster/train';
    expect(theLever(none, id, 'replicas').field).toMatchObject({
      reason: 'unsupported-value',
      detail: expect.stringContaining('mark the one to change with a comment "# flyball: replicas"'),
    });
    expect(theLever(both, id, 'replicas').field).toMatchObject({ detail: expect.stringContaining('marks 2 values') });
  });

  test('finds the count in values whose names Flyball does not know', async () => {
    const inventory = await anInventory({
      'a.yaml': [
        'apiVersion: helm.toolkit.fluxcd.io/v2',
        'kind: HelmRelease',
        'metadata: {name: dlrm, namespace: ml}',
        'spec:',
        '  values:',
        '    pool:',
        '      workers: 4 # flyball: replicas',
        '      card: g6.xlarge # flyball: instanceType',
        '',
      ].join('\n'),
    });

    const id = 'default/ml/HelmRelease/dlrm';
    expect(theWorkload(inventory, id).replicas).toBe(4);
    expect(told(theLever(inventory, id, 'replicas'))).toBe('helm-release-values a.yaml:7:16 = 4');
    expect(told(theLever(inventory, id, 'instanceType'))).toBe('helm-release-values a.yaml:8:13 = g6.xlarge');
  });
});

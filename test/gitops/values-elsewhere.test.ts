import { describe, expect, test } from 'vitest';
import { anInventory, deployment, theLever, told, withLeverSet } from './temporary-repository.ts';

const flux = (...spec: readonly string[]): string =>
  [
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    'metadata: {name: apps, namespace: flux-system}',
    'spec:',
    '  path: ./apps',
    '  sourceRef: {kind: GitRepository, name: fleet}',
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n');

const settings = (namespace: string, ...data: readonly string[]): string =>
  [
    'apiVersion: v1',
    'kind: ConfigMap',
    `metadata: {name: settings, namespace: ${namespace}}`,
    'data:',
    ...data.map((line) => `  ${line}`),
    '',
  ].join('\n');

describe("a value that is one of Flux's variables", () => {
  const clip = 'eu/default/Deployment/clip';
  const app = { 'apps/a.yaml': deployment('clip', { replicas: '${CLIP_REPLICAS:=1}' }) };

  test('is decided and edited where postBuild.substitute writes it', async () => {
    const files = {
      ...app,
      'clusters/eu/apps.yaml': flux('postBuild:', '  substitute:', '    CLIP_REPLICAS: "4" # busy'),
    };
    const inventory = await anInventory(files);
    const lever = theLever(inventory, clip, 'replicas');

    expect(told(lever)).toBe('flux-substitution clusters/eu/apps.yaml:9:22 = 4');
    const edited = withLeverSet(files, lever, 2);
    expect(edited['clusters/eu/apps.yaml']).toContain('    CLIP_REPLICAS: "2" # busy\n');
    expect(theLever(await anInventory(edited), clip, 'replicas').current).toBe(2);
  });

  test('is decided in a ConfigMap of substituteFrom, unless substitute says otherwise', async () => {
    const from = ['postBuild:', '  substituteFrom:', '  - {kind: ConfigMap, name: settings}'];
    const config = { 'clusters/eu/settings.yaml': settings('flux-system', 'CLIP_REPLICAS: "3"') };
    const inventory = await anInventory({ ...app, ...config, 'clusters/eu/apps.yaml': flux(...from) });
    const over = await anInventory({
      ...app,
      ...config,
      'clusters/eu/apps.yaml': flux(...from, '  substitute: {CLIP_REPLICAS: "6"}'),
    });

    expect(told(theLever(inventory, clip, 'replicas'))).toBe('flux-substitution clusters/eu/settings.yaml:5:18 = 3');
    expect(told(theLever(over, clip, 'replicas'))).toBe('flux-substitution clusters/eu/apps.yaml:10:33 = 6');
  });

  test('is not editable when a Secret may set it, when the ConfigMap is not certain, or when it takes its default', async () => {
    const from = (source: string): string => flux('postBuild:', '  substituteFrom:', `  - {${source}}`);
    const secret = await anInventory({ ...app, 'clusters/eu/apps.yaml': from('kind: Secret, name: settings') });
    const twice = await anInventory({
      ...app,
      'clusters/eu/apps.yaml': from('kind: ConfigMap, name: settings'),
      'a/settings.yaml': settings('flux-system', 'CLIP_REPLICAS: "3"'),
      'b/settings.yaml': settings('flux-system', 'CLIP_REPLICAS: "5"'),
    });

    expect(told(theLever(secret, clip, 'replicas'))).toBe('substitution-variable (1)');
    expect(told(theLever(twice, clip, 'replicas'))).toBe('substitution-variable (1)');
  });

  test('is not edited when it decides two workloads; the one gets a patch', async () => {
    const inventory = await anInventory({
      'apps/a.yaml': deployment('clip', { replicas: '${N}' }),
      'apps/b.yaml': deployment('whisper', { replicas: '${N}' }),
      'clusters/eu/apps.yaml': flux('postBuild: {substitute: {N: "4"}}'),
    });

    expect(theLever(inventory, clip, 'replicas').field).toMatchObject({
      kind: 'editable',
      field: { path: 'clusters/eu/apps.yaml', insertion: { kind: 'patch-entry', pointer: '/spec/replicas' } },
    });
  });
});

describe('a value of a release that valuesFrom brings', () => {
  const id = 'default/ml/HelmRelease/dlrm';
  const release = (...spec: readonly string[]): string =>
    [
      'apiVersion: helm.toolkit.fluxcd.io/v2',
      'kind: HelmRelease',
      'metadata: {name: dlrm, namespace: ml}',
      'spec:',
      ...spec.map((line) => `  ${line}`),
      '',
    ].join('\n');
  const from = (...more: readonly string[]): string =>
    release('valuesFrom:', '- {kind: ConfigMap, name: settings}', ...more);

  test("is edited inside the ConfigMap's text", async () => {
    const files = {
      'a.yaml': from(),
      'b.yaml': settings('ml', 'values.yaml: |', '  # the workers', '  replicaCount: 4', '  resources: {}'),
    };
    const lever = theLever(await anInventory(files), id, 'replicas');

    expect(told(lever)).toBe('helm-values-from b.yaml:7:19 = 4');
    expect(withLeverSet(files, lever, 2)['b.yaml']).toContain('    # the workers\n    replicaCount: 2\n');
  });

  test('is edited in the file that a configMapGenerator puts into it', async () => {
    const inventory = await anInventory({
      'app/kustomization.yaml':
        'kind: Kustomization\nresources: [release.yaml]\nconfigMapGenerator:\n- name: settings\n  files: [values.yaml=production.yaml]\n',
      'app/release.yaml': from(),
      'app/production.yaml': 'replicaCount: 3\n',
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('helm-values-from app/production.yaml:1:15 = 3');
  });

  test('gives way to spec.values, and can be a single value at a targetPath', async () => {
    const over = await anInventory({
      'a.yaml': from('values: {replicaCount: 8}'),
      'b.yaml': settings('ml', 'values.yaml: |', '  replicaCount: 4'),
    });
    const single = await anInventory({
      'a.yaml': release(
        'valuesFrom:',
        '- {kind: ConfigMap, name: settings, valuesKey: n, targetPath: worker.replicas}',
      ),
      'b.yaml': settings('ml', 'n: "5"'),
    });

    expect(told(theLever(over, id, 'replicas'))).toBe('helm-release-values a.yaml:7:26 = 8');
    expect(told(theLever(single, id, 'replicas'))).toBe('helm-values-from b.yaml:5:6 = 5');
  });

  test('is unknown where a Secret comes after it', async () => {
    const inventory = await anInventory({
      'a.yaml': from('- {kind: Secret, name: more}', 'values: {resources: {limits: {nvidia.com/gpu: 1}}}'),
      'b.yaml': settings('ml', 'values.yaml: |', '  replicaCount: 4'),
    });

    expect(told(theLever(inventory, id, 'replicas'))).toBe('values-from (undefined)');
  });
});

describe('a change that would not be acted on is not editable', () => {
  const application = (...ignore: readonly string[]): string =>
    [
      'apiVersion: argoproj.io/v1alpha1',
      'kind: Application',
      'metadata: {name: app}',
      'spec:',
      '  source: {repoURL: https://example.com/fleet.git, path: app}',
      '  destination: {namespace: ml}',
      '  ignoreDifferences:',
      ...ignore.map((line) => `  ${line}`),
      '',
    ].join('\n');
  const server = { 'app/a.yaml': deployment('clip', { replicas: '4' }) };
  const replicas = async (files: Readonly<Record<string, string>>, id = 'default/ml/Deployment/clip') =>
    told(theLever(await anInventory(files), id, 'replicas'));

  test.each([
    ['a JSON pointer', ['- {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}']],
    ['a jq path', ['- {group: "*", kind: "*", jqPathExpressions: [.spec.replicas]}']],
    ['an expression that may mean anything', ['- {kind: Deployment, jqPathExpressions: [".spec | keys"]}']],
  ])('because Argo CD ignores it by %s', async (_, ignore) => {
    expect(await replicas({ ...server, 'app.yaml': application(...ignore) })).toBe('ignored-difference (4)');
  });

  test('even where the field is not written', async () => {
    const ignore = '- {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}';

    expect(await replicas({ 'app/a.yaml': deployment('clip'), 'app.yaml': application(ignore) })).toBe(
      'ignored-difference (1)',
    );
  });

  test('but a rule for something else changes nothing', async () => {
    const ignore = ['- {kind: StatefulSet, jsonPointers: [/spec/replicas]}', '- {name: x, jsonPointers: [/spec]}'];

    expect(await replicas({ ...server, 'app.yaml': application(...ignore) })).toBe('manifest app/a.yaml:6:13 = 4');
  });

  test('because Flux is suspended, or told to leave the object alone', async () => {
    const id = 'eu/default/Deployment/clip';
    const annotated = deployment('clip', { replicas: '4' }).replace(
      'metadata:\n',
      'metadata:\n  annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}\n',
    );

    expect(
      await replicas(
        { 'apps/a.yaml': deployment('clip', { replicas: '4' }), 'clusters/eu/a.yaml': flux('suspend: true') },
        id,
      ),
    ).toBe('delivery-suspended (4)');
    expect(await replicas({ 'apps/a.yaml': annotated, 'clusters/eu/a.yaml': flux() }, id)).toBe(
      'ignored-difference (4)',
    );
  });
});

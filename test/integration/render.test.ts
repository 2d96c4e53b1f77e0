import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LeverKind, LeverValue } from '../../src/domain/index.ts';
import {
  findRenderTools,
  openRenderChecker,
  openRepository,
  openStructuralProver,
  takeInventory,
  type RenderTools,
  type RepositorySnapshot,
} from '../../src/gitops/index.ts';
import { findNetworkIsolation } from '../../src/gitops/render/sandbox.ts';
import { aRepository, aSnapshot, git, theLever, theWorkload, withLeverSet } from '../gitops/temporary-repository.ts';

const found = await findRenderTools(process.env['PATH'] ?? '');
/** Without a network namespace of its own no program is run at all. */
const isIsolated = (await findNetworkIsolation(os.tmpdir())) !== undefined;
if (!isIsolated) console.warn('SKIPPED: unshare --net does not work here; what programs render is not checked');
const tools: RenderTools = isIsolated ? found : { kustomize: undefined, helm: undefined, flux: undefined };
const missing = (['kustomize', 'helm', 'flux'] as const).filter((name) => tools[name] === undefined);
if (missing.length > 0)
  console.warn(`SKIPPED: ${missing.join(', ')} not on PATH; what they would check is not checked`);

const kustomization = (...lines: readonly string[]): string =>
  ['apiVersion: kustomize.config.k8s.io/v1beta1', 'kind: Kustomization', ...lines, ''].join('\n');

const server = (name: string, replicas: number): string =>
  [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata:',
    `  name: ${name}`,
    'spec:',
    `  replicas: ${replicas}`,
    `  selector: {matchLabels: {app: ${name}}}`,
    '  template:',
    `    metadata: {labels: {app: ${name}}}`,
    '    spec:',
    '      containers:',
    '      - name: server',
    '        image: registry.example/server:1',
    '        resources: {limits: {nvidia.com/gpu: 1}}',
    '',
  ].join('\n');

const overlays = {
  'base/kustomization.yaml': kustomization('resources:', '- clip.yaml', '- whisper.yaml'),
  'base/clip.yaml': server('clip', 6),
  'base/whisper.yaml': server('whisper', 2),
  'overlays/eu/kustomization.yaml': kustomization('resources:', '- ../../base', 'namespace: ml', 'namePrefix: eu-'),
  'overlays/us/kustomization.yaml': kustomization('resources:', '- ../../base', 'namespace: ml'),
};

const flux = {
  ...overlays,
  'clusters/eu/apps.yaml': [
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    'metadata: {name: apps, namespace: flux-system}',
    'spec:',
    '  interval: 10m',
    '  path: ./base',
    '  prune: true',
    '  targetNamespace: ml',
    '  sourceRef: {kind: GitRepository, name: fleet}',
    '  patches:',
    '  - target: {kind: Deployment, name: clip}',
    '    patch: |',
    '      - op: replace',
    '        path: /spec/replicas',
    '        value: 5',
    '',
  ].join('\n'),
};

const chart = {
  'charts/dlrm/Chart.yaml': 'apiVersion: v2\nname: dlrm\nversion: 1.0.0\n',
  'charts/dlrm/values.yaml': 'replicaCount: 4\nresources: {limits: {nvidia.com/gpu: 1}}\n',
  'charts/dlrm/templates/server.yaml': [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata:',
    '  name: {{ .Release.Name }}',
    'spec:',
    '  replicas: {{ .Values.replicaCount }}',
    '  selector: {matchLabels: {app: dlrm}}',
    '  template:',
    '    metadata: {labels: {app: dlrm}}',
    '    spec:',
    '      containers:',
    '      - name: server',
    '        image: registry.example/dlrm:1',
    '        resources: {{ toYaml .Values.resources | nindent 10 }}',
    '',
  ].join('\n'),
  'apps/dlrm.yaml': [
    'apiVersion: helm.toolkit.fluxcd.io/v2',
    'kind: HelmRelease',
    'metadata: {name: dlrm, namespace: ml}',
    'spec:',
    '  chart: {spec: {chart: charts/dlrm, sourceRef: {kind: GitRepository, name: fleet}}}',
    '  values:',
    '    replicaCount: 5',
    '',
  ].join('\n'),
};

/** Sets a lever of one workload and asks the real programs what moves. `over` replaces what Flyball would write. */
async function checked(
  files: Readonly<Record<string, string>>,
  id: string,
  change: { readonly lever: LeverKind; readonly to: LeverValue; readonly over?: Readonly<Record<string, string>> },
  only: RenderTools = tools,
  snapshotOf: (files: Readonly<Record<string, string>>) => Promise<RepositorySnapshot> = aSnapshot,
) {
  const snapshot = await snapshotOf(files);
  const inventory = await takeInventory(snapshot);
  const lever = theLever(inventory, id, change.lever);
  const edited = withLeverSet(files, lever, change.to);
  const written = { ...edited, ...change.over };
  const changed = (texts: Readonly<Record<string, string>>) =>
    new Map(
      Object.keys(files).flatMap((file) => (files[file] === texts[file] ? [] : [[file, texts[file] ?? ''] as const])),
    );
  const prover = await openStructuralProver(snapshot);
  const intended = { workload: theWorkload(inventory, id).id, lever: change.lever, to: change.to, fields: 1 };
  const proof = prover.prove(changed(edited), [intended]);
  if (proof.kind === 'refused') throw new Error(proof.detail);
  const checker = await openRenderChecker(snapshot, only);
  onTestFinished(() => checker.close());
  return checker.check({ edited: changed(written), ...proof.targets, expected: proof.changes, to: [change.to] });
}

/** As it is fetched from an address: templates that are no manifests by their name are left out at first. */
async function aPartialSnapshot(files: Readonly<Record<string, string>>): Promise<RepositorySnapshot> {
  const root = await aRepository(files);
  git(root, 'config', 'uploadpack.allowFilter', 'true');
  return openRepository({ location: pathToFileURL(root).href, cacheDirectory: path.join(root, 'cache') });
}

const just = (name: keyof RenderTools): RenderTools => ({
  kustomize: undefined,
  helm: undefined,
  flux: undefined,
  [name]: tools[name],
});

describe.skipIf(tools.kustomize === undefined)('kustomize', () => {
  test('sees a patched overlay change in the one field', async () => {
    expect(
      await checked(overlays, 'eu/ml/Deployment/eu-clip', { lever: 'replicas', to: 3 }, just('kustomize')),
    ).toEqual({
      kind: 'agreed',
      checkedBy: [`kustomize ${tools.kustomize?.version}`],
      notRendered: [],
    });
  });

  test('sees a JSON patch of a list item change in the one field', async () => {
    const outcome = await checked(overlays, 'us/ml/Deployment/clip', { lever: 'gpuCount', to: 2 }, just('kustomize'));

    expect(outcome).toMatchObject({ kind: 'agreed', checkedBy: [expect.stringContaining('kustomize')] });
  });

  test('is not named for an edit of a Flux Kustomization, of which it sees nothing', async () => {
    expect(await checked(flux, 'eu/ml/Deployment/clip', { lever: 'replicas', to: 3 }, just('kustomize'))).toEqual({
      kind: 'agreed',
      checkedBy: [],
      notRendered: [],
    });
  });

  test('refuses an edit that moves something else', async () => {
    const text = overlays['overlays/eu/kustomization.yaml'];
    const over = {
      'overlays/eu/kustomization.yaml': `${text}replicas: [{name: clip, count: 3}, {name: whisper, count: 9}]\n`,
    };
    const change = { lever: 'replicas', to: 3, over } as const;

    expect(await checked(overlays, 'eu/ml/Deployment/eu-clip', change, just('kustomize'))).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('would also change spec.replicas of Deployment eu-whisper'),
    });
  });

  test('refuses an edit after which it cannot render, and one that changes nothing', async () => {
    const name = 'overlays/eu/kustomization.yaml';
    const broken = { lever: 'replicas', to: 3, over: { [name]: kustomization('resources: [nowhere]') } } as const;
    const nothing = { lever: 'replicas', to: 3, over: { [name]: `${overlays[name]}# a comment\n` } } as const;

    expect(await checked(overlays, 'eu/ml/Deployment/eu-clip', broken, just('kustomize'))).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('cannot render it after the edit'),
    });
    expect(await checked(overlays, 'eu/ml/Deployment/eu-clip', nothing, just('kustomize'))).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('would change nothing'),
    });
  });

  test('fetches nothing, runs nothing and reads nothing outside', async () => {
    let requests = 0;
    const listener = createServer((_, response) => {
      requests += 1;
      response.end('kind: ConfigMap');
    });
    await new Promise<void>((resolve) => {
      listener.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void listener.close());
    const { port } = listener.address() as AddressInfo;
    const marker = path.join(await scratch(), 'ran');
    const secret = path.join(await scratch(), 'secret.txt');
    await writeFile(secret, 'top secret');
    const hostile: Readonly<Record<string, readonly string[]>> = {
      'a remote base': [`resources: [clip.yaml, "http://127.0.0.1:${port}/base.yaml"]`],
      'a remote repository': ['resources: [clip.yaml, "https://example.com/x//base?ref=main"]'],
      'a file outside': [`resources: [clip.yaml]`, `configMapGenerator: [{name: x, files: ["${secret}"]}]`],
      'an exec generator': ['resources: [clip.yaml]', 'generators: [exec.yaml]'],
      'a chart inflator': ['resources: [clip.yaml]', 'helmCharts: [{name: x, repo: "http://127.0.0.1:1"}]'],
    };
    for (const [what, lines] of Object.entries(hostile)) {
      const files = {
        'kustomization.yaml': kustomization(...lines),
        'clip.yaml': server('clip', 6),
        'exec.yaml': `apiVersion: x/v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./run.sh}\n`,
        'run.sh': `#!/bin/sh\ntouch ${marker}\n`,
      };
      const outcome = await checked(
        files,
        'default/default/Deployment/clip',
        { lever: 'replicas', to: 3 },
        just('kustomize'),
      );

      expect({ what, outcome }).toEqual({
        what,
        outcome: { kind: 'agreed', checkedBy: [], notRendered: [expect.stringContaining('kustomize')] },
      });
      expect(JSON.stringify(outcome)).not.toContain('top secret');
    }
    expect(requests).toBe(0);
    await expect(stat(marker)).rejects.toThrow('ENOENT');
  });
});

describe.skipIf(tools.flux === undefined)('flux', () => {
  test("sees a patch of the Flux Kustomization's own change in the one field", async () => {
    expect(await checked(flux, 'eu/ml/Deployment/clip', { lever: 'replicas', to: 3 }, just('flux'))).toEqual({
      kind: 'agreed',
      checkedBy: [`flux ${tools.flux?.version}`],
      notRendered: [],
    });
  });
});

describe.skipIf(tools.helm === undefined)('helm', () => {
  test('gets the parts of a chart that a partial clone left out', async () => {
    const files = {
      ...chart,
      'charts/dlrm/templates/_names.tpl': '{{- define "dlrm.name" -}}{{ .Release.Name }}{{- end -}}\n',
      'charts/dlrm/templates/server.yaml': chart['charts/dlrm/templates/server.yaml'].replace(
        '{{ .Release.Name }}',
        '{{ include "dlrm.name" . }}',
      ),
    };
    const change = { lever: 'replicas', to: 3 } as const;

    const outcome = await checked(files, 'default/ml/HelmRelease/dlrm', change, just('helm'), aPartialSnapshot);

    expect(outcome).toEqual({ kind: 'agreed', checkedBy: [`helm ${tools.helm?.version}`], notRendered: [] });
  });

  test("sees a release's value change in the one field of the rendered Deployment", async () => {
    expect(await checked(chart, 'default/ml/HelmRelease/dlrm', { lever: 'replicas', to: 3 }, just('helm'))).toEqual({
      kind: 'agreed',
      checkedBy: [`helm ${tools.helm?.version}`],
      notRendered: [],
    });
  });

  test('refuses a value that the chart uses for something else too', async () => {
    const twice = {
      ...chart,
      'charts/dlrm/templates/config.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  workers: "{{ mul .Values.replicaCount 2 }}"\n',
    };

    expect(
      await checked(twice, 'default/ml/HelmRelease/dlrm', { lever: 'replicas', to: 3 }, just('helm')),
    ).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('would also change data.workers of ConfigMap x'),
    });
  });

  test('tells a template nothing of the network or a cluster', async () => {
    const leaking = {
      ...chart,
      'charts/dlrm/templates/leak.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  host: "{{ getHostByName "example.com" }}"\n  nodes: "{{ len (lookup "v1" "Node" "" "") }}"\n',
    };

    expect(
      await checked(leaking, 'default/ml/HelmRelease/dlrm', { lever: 'replicas', to: 3 }, just('helm')),
    ).toMatchObject({
      kind: 'agreed',
    });
  });
});

describe.skipIf(!isIsolated)('a program that is put in place of a tool', () => {
  const fake = async (script: string): Promise<RenderTools> => {
    const file = path.join(await scratch(), 'kustomize');
    await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { ...just('helm'), helm: undefined, kustomize: { name: 'kustomize', command: [file], version: 'v0.0.0' } };
  };
  const change = { lever: 'replicas', to: 3 } as const;

  test('gets none of the environment, and a folder with the files of the commit and no others', async () => {
    const out = path.join(await scratch(), 'seen');
    const tool = await fake(
      `echo "$HOME|$GITHUB_TOKEN|$PATH|$(pwd)|$(echo *)|$(echo $HELM_PLUGINS/*)" >> ${out}; exit 1`,
    );
    process.env['GITHUB_TOKEN'] = 'ghp_secret';
    onTestFinished(() => void delete process.env['GITHUB_TOKEN']);
    const planted = {
      ...overlays,
      '.home/plugins/evil/plugin.yaml': 'name: evil\n',
      'plugins/evil/plugin.yaml': 'name: evil\n',
    };
    await checked(planted, 'eu/ml/Deployment/eu-clip', change, tool);

    const seen = await readFile(out, 'utf8');
    expect(seen).not.toContain('ghp_secret');
    expect(seen.trim().split('|')[4]).toBe('base overlays plugins');
    expect(seen.trim().split('|')[3]).toContain('flyball-render-');
    expect(seen.trim().split('|')[5]).toMatch(/plugins\/\*$/);
  });

  test('is ended when it writes without end', async () => {
    const tool = await fake(
      'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done',
    );

    expect(await checked(overlays, 'eu/ml/Deployment/eu-clip', change, tool)).toEqual({
      kind: 'agreed',
      checkedBy: [],
      notRendered: [expect.stringMatching(/it wrote more than \d+ bytes/)],
    });
  });
});

test('tools that are not there are left out, and relative folders of the search path are never used', async () => {
  const folder = await scratch();
  await mkdir(path.join(folder, 'bin'));
  await writeFile(path.join(folder, 'bin/kustomize'), '#!/bin/sh\necho v9.9.9\n', { mode: 0o755 });

  expect(await findRenderTools('bin:.:')).toEqual({ kustomize: undefined, helm: undefined, flux: undefined });
  expect((await findRenderTools(path.join(folder, 'bin'))).kustomize).toMatchObject({ version: 'v9.9.9' });
});

async function scratch(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-render-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a repository too large to be written to disk is not rendered, and that is said', async () => {
  const snapshot = await aSnapshot({ 'a.yaml': 'a: 1\n' });
  const files = snapshot.files.map((file) => Object.assign({}, file, { size: 600 * 1024 * 1024 }));
  const tool = { name: 'kustomize', command: ['/nowhere'], version: 'v1.0.0' } as const;
  const checker = await openRenderChecker(
    { ...snapshot, files },
    { kustomize: tool, helm: undefined, flux: undefined },
  );

  expect(await checker.check({ edited: new Map(), before: [], after: [], expected: [], to: [] })).toEqual({
    kind: 'agreed',
    checkedBy: [],
    notRendered: ['kustomize: the repository has 600 MiB, more than the 512 that are written to disk for it'],
  });
});

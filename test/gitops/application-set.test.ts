import { describe, expect, test } from 'vitest';
import { editField, type Inventory } from '../../src/gitops/index.ts';
import { anInventory, deployment, theLever, told, type FileContent } from './temporary-repository.ts';

type Files = Readonly<Record<string, FileContent>>;

const setFile = 'clusters/hub/set.yaml';

/** An ApplicationSet whose generators and template are given as YAML lines. */
function applicationSet(options: {
  readonly generators: readonly string[];
  readonly spec: readonly string[];
  readonly name?: string;
  readonly isGo?: boolean;
  readonly more?: readonly string[];
}): string {
  return [
    'apiVersion: argoproj.io/v1alpha1',
    'kind: ApplicationSet',
    'metadata: {name: set, namespace: argocd}',
    'spec:',
    ...(options.isGo === true ? ['  goTemplate: true'] : []),
    ...(options.more ?? []).map((line) => `  ${line}`),
    '  generators:',
    ...options.generators.map((line) => `    ${line}`),
    '  template:',
    '    metadata:',
    `      name: '${options.name ?? (options.isGo === true ? '{{.name}}' : '{{name}}')}'`,
    '    spec:',
    ...options.spec.map((line) => `      ${line}`),
    '',
  ].join('\n');
}

const folderOf = (folder: string, cluster = 'hub'): readonly string[] => [
  'source: {repoURL: "https://example.com/fleet.git", path: "' + folder + '"}',
  'destination: {name: "' + cluster + '", namespace: apps}',
];

const chartOf = (value: string): readonly string[] => [
  'source:',
  '  repoURL: https://charts.example.com',
  '  chart: vllm',
  '  helm:',
  '    parameters:',
  `      - {name: replicaCount, value: "${value}"}`,
  'destination: {name: in-cluster, namespace: apps}',
];

function ids(inventory: Inventory): readonly string[] {
  return inventory.workloads.map(({ id }) => id);
}

async function withSet(set: string, files: Files = {}): Promise<Inventory> {
  return anInventory({ [setFile]: set, ...files });
}

describe('list generators', () => {
  const elements = ['- list:', '    elements:', '      - {name: a, count: "2"}', '      - {name: b, count: "5"}'];

  test.each([
    ['the older templates', false, '{{count}}'],
    ['Go templates', true, '{{ .count }}'],
  ])('an element decides what it alone fills in, in %s', async (_, isGo, value) => {
    const text = applicationSet({ generators: elements, spec: chartOf(value), isGo });
    const inventory = await withSet(text);
    const lever = theLever(inventory, 'hub/apps/Application/b', 'replicas');

    expect(ids(inventory)).toEqual(['hub/apps/Application/a', 'hub/apps/Application/b']);
    expect(told(lever)).toBe(`argo-applicationset ${setFile}:${isGo ? 10 : 9}:30 = 5`);
    const edited = lever.field.kind === 'editable' ? editField(text, lever.field.field, 1) : undefined;
    expect(edited).toEqual({ kind: 'edited', text: text.replace('"5"', '"1"') });
  });

  test('each element goes to its own cluster and folder, with a count of its own', async () => {
    const inventory = await withSet(
      applicationSet({
        generators: [
          '- list:',
          '    elements:',
          '      - {name: a, cluster: eu, count: 2}',
          '      - {name: b, cluster: us, count: 3}',
        ],
        spec: [
          'source:',
          '  path: apps/server',
          '  kustomize: {replicas: [{name: clip, count: "{{count}}"}]}',
          'destination: {name: "{{cluster}}", namespace: apps}',
        ],
      }),
      {
        'apps/server/kustomization.yaml': 'kind: Kustomization\nresources: [server.yaml]\n',
        'apps/server/server.yaml': deployment('clip', { replicas: '1' }),
      },
    );

    expect(told(theLever(inventory, 'us/apps/Deployment/clip', 'replicas'))).toBe(
      `argo-applicationset ${setFile}:9:43 = 3`,
    );
    expect(told(theLever(inventory, 'us/apps/Deployment/clip', 'gpuCount'))).toBe('base-shared (1)');
  });

  test('an element that fills in two things is not edited for one of them', async () => {
    const spec = [
      ...chartOf('{{count}}').slice(0, -1),
      '      - {name: other, value: "{{count}}"}',
      'destination: {namespace: apps}',
    ];
    const inventory = await withSet(applicationSet({ generators: elements, spec }));

    expect(told(theLever(inventory, 'hub/apps/Application/a', 'replicas'))).toBe('base-shared (2)');
  });

  test.each([
    ['more text', '{{count}}0', 'unsupported-value (20)'],
    ['a function', '{{ .count | default 1 }}', 'unsupported-value ({{ .count | default 1 }})'],
  ])('a value with %s is not edited', async (_, value, expected) => {
    const isGo = value.includes('.');
    const inventory = await withSet(applicationSet({ generators: elements, spec: chartOf(value), isGo }));
    const found = inventory.workloads.flatMap(({ levers }) => levers.map(told));

    expect(found[0]).toBe(expected);
  });

  test('nothing is edited where a templatePatch may change it', async () => {
    const inventory = await withSet(
      applicationSet({ generators: elements, spec: chartOf('{{count}}'), more: ['templatePatch: "spec: {}"'] }),
    );

    expect(theLever(inventory, 'hub/apps/Application/a', 'replicas')).toMatchObject({
      current: 2,
      field: { reason: 'unsupported-value', detail: expect.stringContaining(`templatePatch at ${setFile}:5`) },
    });
  });
});

describe('Git generators', () => {
  const apps: Files = {
    'apps/a/server.yaml': deployment('a', { replicas: '1' }),
    'apps/b/server.yaml': deployment('b', { replicas: '2' }),
    'apps/old/server.yaml': deployment('old', { replicas: '3' }),
    'apps/a/deep/server.yaml': deployment('deep'),
    'apps/.hidden/server.yaml': deployment('hidden'),
  };
  const directories = [
    '- git:',
    '    repoURL: x',
    '    directories:',
    '      - path: apps/*',
    '      - {path: apps/old, exclude: true}',
  ];

  test.each([
    ['the older templates', false, '{{path}}', '{{path.basename}}'],
    ['Go templates', true, '{{.path.path}}', '{{index .path.segments 1}}'],
  ])('directories give one Application each, in %s', async (_, isGo, path, name) => {
    const inventory = await withSet(
      applicationSet({ generators: directories, spec: folderOf(path), name, isGo }),
      apps,
    );

    const delivered = ids(inventory).filter((id) => id.includes('/apps/'));
    expect(delivered).toEqual(['hub/apps/Deployment/a', 'hub/apps/Deployment/b']);
    expect(told(theLever(inventory, 'hub/apps/Deployment/b', 'replicas'))).toBe('manifest apps/b/server.yaml:6:13 = 2');
  });

  test('files give their fields, each in its own place', async () => {
    const inventory = await withSet(
      applicationSet({
        generators: ['- git:', '    repoURL: x', '    files: [{path: "teams/*.json"}]'],
        spec: chartOf('{{server.count}}'),
        name: '{{path[1]}}-{{path.filename}}',
      }),
      { 'teams/one/a.json': '{"server": {"count": 4}}\n', 'teams/two/b.json': '[{"server": {"count": 6}}]\n' },
    );

    expect(told(theLever(inventory, 'hub/apps/Application/one-a.json', 'replicas'))).toBe(
      'argo-applicationset teams/one/a.json:1:22 = 4',
    );
    expect(told(theLever(inventory, 'hub/apps/Application/two-b.json', 'replicas'))).toBe(
      'argo-applicationset teams/two/b.json:1:23 = 6',
    );
  });
});

describe('generators of generators', () => {
  test('a matrix makes every pair, and a shared element is not edited for one of them', async () => {
    const inventory = await withSet(
      applicationSet({
        isGo: true,
        name: '{{.team}}-{{.region}}',
        generators: [
          '- matrix:',
          '    generators:',
          '      - list: {elements: [{team: x, count: "2"}]}',
          '      - list: {elements: [{region: eu}, {region: us}]}',
        ],
        spec: chartOf('{{.count}}'),
      }),
    );

    expect(ids(inventory)).toEqual(['hub/apps/Application/x-eu', 'hub/apps/Application/x-us']);
    expect(told(theLever(inventory, 'hub/apps/Application/x-eu', 'replicas'))).toBe('base-shared (2)');
  });

  test('a merge lays the later over the first where the keys agree', async () => {
    const inventory = await withSet(
      applicationSet({
        generators: [
          '- merge:',
          '    mergeKeys: [name]',
          '    generators:',
          '      - list: {elements: [{name: a, count: "1"}, {name: b, count: "1"}]}',
          '      - list: {elements: [{name: b, count: "7"}, {name: c, count: "9"}]}',
        ],
        spec: chartOf('{{count}}'),
      }),
    );

    expect(ids(inventory)).toEqual(['hub/apps/Application/a', 'hub/apps/Application/b']);
    expect(told(theLever(inventory, 'hub/apps/Application/a', 'replicas'))).toBe(
      `argo-applicationset ${setFile}:9:48 = 1`,
    );
    expect(told(theLever(inventory, 'hub/apps/Application/b', 'replicas'))).toBe(
      `argo-applicationset ${setFile}:10:48 = 7`,
    );
  });

  test('what the repository does not decide is reported at its line, and the rest is followed', async () => {
    const inventory = await withSet(
      applicationSet({
        generators: ['- clusters: {}', '- list: {elements: [{name: a, count: "1"}]}'],
        spec: chartOf('{{count}}'),
      }),
    );

    expect(ids(inventory)).toEqual(['hub/apps/Application/a']);
    expect(inventory.problems).toMatchObject([
      { code: 'MANIFEST_REFERENCE_MISSING', severity: 'warning', place: { path: setFile, line: 6, column: 7 } },
    ]);
  });

  test('a matrix of thousands is cut off and reported', async () => {
    const many = (key: string): string => Array.from({ length: 100 }, (_, index) => `{${key}: v${index}}`).join(', ');
    const inventory = await withSet(
      applicationSet({
        name: '{{a}}-{{b}}',
        generators: [
          '- matrix:',
          '    generators:',
          `      - list: {elements: [${many('a')}]}`,
          `      - list: {elements: [${many('b')}]}`,
        ],
        spec: chartOf('1'),
      }),
    );

    expect(inventory.workloads).toHaveLength(2_000);
    expect(inventory.problems).toMatchObject([{ message: expect.stringContaining('more than 2000 Applications') }]);
  });

  test('the second generator of a matrix may use what the first gives', async () => {
    const inventory = await withSet(
      applicationSet({
        isGo: true,
        name: '{{.team}}-{{.path.basename}}',
        generators: [
          '- matrix:',
          '    generators:',
          '      - list: {elements: [{team: x}]}',
          '      - git: {repoURL: r, directories: [{path: "teams/{{.team}}/*"}]}',
        ],
        spec: folderOf('{{.path.path}}'),
      }),
      {
        'teams/x/a/server.yaml': deployment('a', { replicas: '1' }),
        'teams/y/b/server.yaml': deployment('b', { replicas: '1' }),
      },
    );

    expect(ids(inventory).filter((id) => id.includes('/apps/'))).toEqual(['hub/apps/Deployment/a']);
  });

  test('values and path prefixes of a Git generator are filled in', async () => {
    const inventory = await withSet(
      applicationSet({
        name: '{{values.team}}-{{app.path.basename}}',
        generators: [
          '- git:',
          '    repoURL: r',
          '    pathParamPrefix: app',
          '    directories: [{path: apps/*}]',
          '    values: {team: "t-{{app.path.basename}}"}',
        ],
        spec: chartOf('3'),
      }),
      { 'apps/a/values.yaml': 'x: 1\n' },
    );

    expect(ids(inventory)).toEqual(['hub/apps/Application/t-a-a']);
  });

  test("a generator's own template lies over the ApplicationSet's", async () => {
    const inventory = await withSet(
      applicationSet({
        generators: [
          '- list:',
          '    elements: [{name: a, count: "1"}]',
          '    template: {metadata: {}, spec: {destination: {namespace: other}}}',
        ],
        spec: chartOf('{{count}}'),
      }),
    );

    expect(ids(inventory)).toEqual(['hub/other/Application/a']);
  });
});

describe('what is wrong or hostile', () => {
  test('an Application whose name is not known is left out and reported', async () => {
    const inventory = await withSet(
      applicationSet({ generators: ['- list: {elements: [{x: a}]}'], name: '{{missing}}', spec: chartOf('1') }),
    );

    expect(ids(inventory)).toEqual([]);
    expect(inventory.problems).toMatchObject([{ message: expect.stringContaining('{{missing}}') }]);
  });

  test('a path that leads out of the repository is reported and not followed', async () => {
    const inventory = await withSet(
      applicationSet({
        generators: ['- list: {elements: [{name: a, folder: ../../etc}]}'],
        spec: folderOf('{{folder}}'),
      }),
    );

    expect(inventory.problems).toMatchObject([{ code: 'MANIFEST_PATH_ESCAPES', place: { path: setFile } }]);
  });

  test('generators of generators of generators end', async () => {
    const nested = (depth: number): string =>
      depth === 0
        ? '{list: {elements: [{a: "1"}]}}'
        : `{matrix: {generators: [${nested(depth - 1)}, ${nested(depth - 1)}]}}`;
    const inventory = await withSet(applicationSet({ generators: [`- ${nested(8)}`], name: 'x', spec: chartOf('1') }));

    expect(inventory.problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('nests generators too deeply'),
    );
  });

  test('a matrix of large lists that gives nothing ends', async () => {
    const many = (item: string): string => `{list: {elements: [${`${item}, `.repeat(2_000)}]}}`;
    const inner = `{matrix: {generators: [${many('{a: b}')}, ${many('x')}]}}`;
    const started = performance.now();
    const inventory = await withSet(
      applicationSet({
        generators: ['- matrix:', `    generators: [${many('{c: d}')}, ${inner}]`],
        spec: chartOf('1'),
      }),
    );

    expect(ids(inventory)).toEqual([]);
    expect(inventory.problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('too large to combine'),
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('an ApplicationSet that deploys itself ends', async () => {
    const inventory = await withSet(
      applicationSet({ generators: ['- list: {elements: [{name: a}]}'], spec: folderOf('clusters/hub') }),
      { 'clusters/hub/server.yaml': deployment('clip', { replicas: '1' }) },
    );

    expect(ids(inventory)).toEqual(['hub/apps/Deployment/clip']);
  });

  test('fields of the wrong shape are passed over', async () => {
    const strange = [
      '1',
      'text',
      '[]',
      '{}',
      '{list: 1}',
      '{git: {files: 1}}',
      '{matrix: [1]}',
      '{merge: {mergeKeys: [{}], generators: {}}}',
    ];
    const inventory = await withSet(
      applicationSet({ generators: strange.map((one) => `- ${one}`), name: '{{x}}', spec: ['source: 1'] }),
    );

    expect(ids(inventory)).toEqual([]);
  });
});

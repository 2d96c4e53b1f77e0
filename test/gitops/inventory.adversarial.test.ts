import { describe, expect, test } from 'vitest';
import { matchPattern } from '../../src/gitops/patch-target.ts';
import { editField, openRepository, takeInventory } from '../../src/gitops/index.ts';
import {
  anInventory,
  aRepository,
  deployment,
  fluxKustomization,
  git,
  theLever,
  told,
  type FileContent,
} from './temporary-repository.ts';

const good = { 'good.yaml': deployment('good', { replicas: '2' }) };
const goodId = 'default/default/Deployment/good';

/** The problems of hostile files beside a good one, which must be found whatever the others are. */
async function problemsBeside(files: Readonly<Record<string, FileContent>>): Promise<readonly string[]> {
  const inventory = await anInventory({ ...good, ...files });
  expect(told(theLever(inventory, goodId, 'replicas'))).toBe('manifest good.yaml:6:13 = 2');
  return inventory.problems.map(({ code, place }) =>
    place.kind === 'file' ? [code, place.path, place.line, place.column].filter(Boolean).join(' ') : code,
  );
}

describe('what cannot be read is reported at its place, and the rest is read', () => {
  test.each([
    ['a tab for indentation', 'kind: Deployment\nspec:\n\treplicas: 1\n', 'MANIFEST_UNREADABLE bad.yaml 3 1'],
    ['an open bracket', 'kind: Deployment\nspec: [\n', 'MANIFEST_UNREADABLE bad.yaml 3 1'],
    [
      'bytes that are not UTF-8',
      Buffer.from('kind: Deployment # \xff\xfe\n', 'latin1'),
      'MANIFEST_UNREADABLE bad.yaml',
    ],
    ['ten megabytes', `kind: Deployment\n# ${'x'.repeat(10_000_000)}\n`, 'MANIFEST_UNREADABLE bad.yaml'],
    ['nesting without end', `kind: Deployment\na: ${'['.repeat(20_000)}`, 'MANIFEST_UNREADABLE bad.yaml'],
    ['deep nesting', `kind: Deployment\na: ${'['.repeat(500)}${']'.repeat(500)}`, 'MANIFEST_UNREADABLE bad.yaml 1 1'],
  ])('%s', async (_, content, expected) => {
    expect(await problemsBeside({ 'bad.yaml': content })).toEqual([expect.stringContaining(expected)]);
  });

  test('aliases that multiply to billions of values', async () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const below = level === 0 ? 'x' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 9 }, () => below).join(', ')}]`;
    });

    expect(await problemsBeside({ 'bomb.yaml': `${deployment('bomb')}${levels.join('\n')}\n` })).toEqual([
      'MANIFEST_UNREADABLE bomb.yaml 1 1',
    ]);
  });

  test('an alias inside of its own anchor', async () => {
    expect(await problemsBeside({ 'loop.yaml': `${deployment('loop')}a: &a {b: *a}\n` })).toEqual([
      'MANIFEST_UNREADABLE loop.yaml 1 1',
    ]);
  });

  test('an alias bomb in an inline patch', async () => {
    const bomb = Array.from({ length: 9 }, (_, level) => {
      const below = level === 0 ? 'x' : `*a${level - 1}`;
      return `      a${level}: &a${level} [${Array.from({ length: 9 }, () => below).join(', ')}]`;
    });
    const text = `resources: [server.yaml]\npatches:\n  - target: {kind: Deployment}\n    patch: |\n${bomb.join('\n')}\n`;

    expect(await problemsBeside({ 'k/kustomization.yaml': text, 'k/server.yaml': deployment('k') })).toEqual([
      'MANIFEST_UNREADABLE k/kustomization.yaml 4 12',
    ]);
  });

  test('twenty thousand keys in one map, with one of them twice', async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `  k${index}: 1`);
    const inventory = await anInventory({
      'a.yaml': `${deployment('a', { replicas: '1' })}x:\n${keys.join('\n')}\n  k1: 2\n`,
    });

    expect(told(theLever(inventory, 'default/default/Deployment/a', 'replicas'))).toBe('manifest a.yaml:6:13 = 1');
  });
});

describe('nothing outside of the repository is read', () => {
  test.each(['/etc/passwd', '../../../etc/passwd', '../../outside.yaml'])(
    'through a symbolic link to %s',
    async (link) => {
      const inventory = await anInventory({ ...good, 'apps/server.yaml': { link } });

      expect(inventory.problems).toMatchObject([
        { code: 'MANIFEST_PATH_ESCAPES', place: { path: 'apps/server.yaml' }, message: expect.stringContaining(link) },
      ]);
      expect(inventory.filesSkipped.symbolicLinks).toBe(1);
    },
  );

  test('links inside of it are passed over without a word', async () => {
    const inventory = await anInventory({ ...good, 'b.yaml': { link: 'good.yaml' }, 'dir/l': { link: '/etc' } });

    expect(inventory.problems).toEqual([]);
    expect(inventory.workloads).toHaveLength(1);
    expect(inventory.filesSkipped.symbolicLinks).toBe(2);
  });

  test.each([
    ['resources', 'resources: [../../etc/passwd]'],
    ['absolute resources', 'resources: [/etc/passwd]'],
    ['components', 'components: [../..]'],
    ['patches', 'resources: [server.yaml]\npatches: [{path: ../../secret.yaml}]'],
    ['patchesStrategicMerge', 'resources: [server.yaml]\npatchesStrategicMerge: [../../secret.yaml]'],
  ])('through %s', async (_, line) => {
    const problems = await problemsBeside({ 'k/kustomization.yaml': `${line}\n`, 'k/server.yaml': deployment('k') });

    expect(problems).toEqual([expect.stringContaining('MANIFEST_PATH_ESCAPES k/kustomization.yaml')]);
  });

  test('through a Flux path or an Argo CD path', async () => {
    const inventory = await anInventory({
      'a.yaml': fluxKustomization('a', './../../etc'),
      'b.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: b}\nspec: {source: {path: ../x}}\n',
    });

    expect(inventory.problems.map(({ code }) => code)).toEqual(['MANIFEST_PATH_ESCAPES', 'MANIFEST_PATH_ESCAPES']);
  });

  test('through a chart path or a value file', async () => {
    const inventory = await anInventory({
      'b.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: b}\nspec: {source: {chart: x, helm: {valueFiles: [../../x.yaml, $r/../../y.yaml], valuesObject: {replicaCount: 1}}}}\n',
      'c.yaml':
        'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: c}\nspec: {chart: {spec: {chart: ../../c, sourceRef: {kind: GitRepository}}}, values: {replicaCount: 1}}\n',
    });

    expect(inventory.workloads.map(({ kind }) => kind)).toEqual(['Application', 'HelmRelease']);
  });

  test('a submodule is counted and not entered', async () => {
    const inner = await aRepository({ 'server.yaml': deployment('inner') });
    const root = await aRepository(good);
    git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'vendor');
    git(root, 'commit', '--quiet', '--message=Submodule');

    const inventory = await takeInventory(await openRepository({ location: root, cacheDirectory: `${root}/c` }));

    expect(inventory.workloads.map(({ id }) => id)).toEqual([goodId]);
    expect(inventory.filesSkipped.submodules).toBe(1);
  });
});

describe('kustomizations', () => {
  test('in a cycle end, and the entry that closes it is reported', async () => {
    const problems = await problemsBeside({
      'a/kustomization.yaml': 'resources: [../b, server.yaml]\n',
      'a/server.yaml': deployment('a'),
      'b/kustomization.yaml': 'resources: [../a]\n',
    });

    expect(problems).toEqual([
      'MANIFEST_REFERENCE_MISSING a/kustomization.yaml 1 13',
      'MANIFEST_REFERENCE_MISSING b/kustomization.yaml 1 13',
    ]);
  });

  test('that build themselves end', async () => {
    expect(await problemsBeside({ 'a/kustomization.yaml': 'resources: [.]\n' })).toEqual([
      'MANIFEST_REFERENCE_MISSING a/kustomization.yaml 1 13',
    ]);
  });

  test('that bring one base twice at each of thirty levels bring it once', async () => {
    const levels = Array.from({ length: 30 }, (_, level) => [
      `l${level}/kustomization.yaml`,
      level === 29 ? 'resources: [server.yaml]\n' : `resources: [../l${level + 1}, ../l${level + 1}]\n`,
    ]);

    const inventory = await anInventory({ ...Object.fromEntries(levels), 'l29/server.yaml': deployment('x') });

    expect(inventory.workloads).toHaveLength(1);
    expect(inventory.problems).toEqual([]);
  });

  test('that double the objects at each of twenty levels are cut off, and say so', async () => {
    const levels = Array.from({ length: 20 }, (_, level) =>
      ['a', 'b'].map((side) => [
        `l${level}${side}/kustomization.yaml`,
        level === 19
          ? `namePrefix: ${side}\nresources: [../server]\n`
          : `namePrefix: ${side}\nresources: [../l${level + 1}a, ../l${level + 1}b]\n`,
      ]),
    );

    const inventory = await anInventory({
      ...Object.fromEntries(levels.flat()),
      'server/kustomization.yaml': 'resources: [server.yaml]\n',
      'server/server.yaml': deployment('x'),
    });

    expect(inventory.workloads.length).toBeLessThanOrEqual(10_000);
    expect(inventory.problems).toContainEqual(
      expect.objectContaining({
        code: 'MANIFEST_UNREADABLE',
        message: expect.stringContaining('more than 5000 objects'),
      }),
    );
  });

  test.each(['(a+)+$', '(.*.*)*b', `${'.*'.repeat(140)}b`, '(?=x)', '['])(
    'whose target is the pattern %s do not make it run for ever',
    (pattern) => {
      expect(matchPattern(pattern, 'a'.repeat(250))).not.toBe('yes');
    },
  );
});

describe('hostile names', () => {
  test('keys of Object.prototype are keys like any other', async () => {
    const text = `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: p\n  labels: {__proto__: x, constructor: y, toString: z}\nspec: {replicas: 1, __proto__: {replicas: 9}}\n`;

    const inventory = await anInventory({ 'a.yaml': text });

    const [workload] = inventory.workloads;
    expect(Object.entries(workload?.labels ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['toString', 'z'],
    ]);
    expect(told(theLever(inventory, 'default/default/Deployment/p', 'replicas'))).toBe('manifest a.yaml:6:18 = 1');
    expect(Object.hasOwn(Object.prototype, 'replicas')).toBe(false);
  });

  test('a name cannot forge the id of another workload', async () => {
    const inventory = await anInventory({ 'a.yaml': deployment('x/y') });

    expect(inventory.workloads.map(({ id }) => id)).toEqual(['default/default/Deployment/x%2Fy']);
  });

  test('files with line breaks, quotes, dashes and emoji in their names are read and told apart', async () => {
    const inventory = await anInventory({
      '-rf.yaml': deployment('a', { replicas: '1' }),
      'a\nb "c".yaml': deployment('b', { replicas: '1' }),
      '🚀/é.yaml': deployment('c', { replicas: '1' }),
    });

    expect(inventory.workloads.map(({ declaredIn }) => declaredIn.path).toSorted()).toEqual([
      '-rf.yaml',
      'a\nb "c".yaml',
      '🚀/é.yaml',
    ]);
  });
});

describe('templates', () => {
  test('are passed over without a word, counted, and never edited', async () => {
    const inventory = await anInventory({
      ...good,
      'chart/Chart.yaml': 'name: c\n',
      'chart/templates/a.yaml': deployment('a'),
      'chart/crds/b.yaml': deployment('b'),
      'loose.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  replicas: {{ .Values.n }}\n',
      'broken.yaml': 'kind: Deployment\n{{- if .Values.x }}\nspec: {}\n{{- end }}\n',
    });

    expect(inventory.workloads.map(({ id }) => id)).toEqual([goodId]);
    expect(inventory.problems).toEqual([]);
    expect(inventory.filesSkipped.templates).toBe(4);
  });

  test('a manifest that only quotes template syntax is a manifest', async () => {
    const text = deployment('a', { replicas: '1' }).replace('  name: a', '  name: a\n  annotations: {x: "{{ .y }}"}');
    const inventory = await anInventory({ 'a.yaml': text });

    const lever = theLever(inventory, 'default/default/Deployment/a', 'replicas');
    expect(lever.field.kind).toBe('editable');
    const edited = lever.field.kind === 'editable' ? editField(text, lever.field.field, 3) : undefined;
    expect(edited).toEqual({ kind: 'edited', text: text.replace('replicas: 1', 'replicas: 3') });
  });
});

test('two inventories of one commit are the same', async () => {
  const root = await aRepository({
    ...good,
    'clusters/eu/apps.yaml': fluxKustomization('apps', './apps'),
    'apps/a.yaml': deployment('a'),
    'apps/bad.yaml': 'kind: Deployment\n\ta',
  });
  const snapshot = await openRepository({ location: root, cacheDirectory: `${root}/c` });

  expect(await takeInventory(snapshot)).toEqual(await takeInventory(snapshot));
});

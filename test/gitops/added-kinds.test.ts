import { describe, expect, test } from 'vitest';
import { parseOperatorConfig } from '../../src/config/index.ts';
import { findLever, formatProblem } from '../../src/domain/index.ts';
import { kindCatalogue, type Inventory } from '../../src/gitops/index.ts';
import { anInventory, theWorkload, told, theLever } from './temporary-repository.ts';

const added = [
  'kinds:',
  '- group: serving.example.com',
  '  versions: [v1]',
  '  kind: ModelServer',
  '  podSpec: [spec.pods.spec]',
  '  podLabels: spec.pods.metadata.labels',
  '  replicas: spec.count',
  '  defaultReplicas: 1',
  '  suspend: spec.stopped',
  '  pause: { lever: suspend, value: true }',
  '',
].join('\n');

const manifest = [
  'apiVersion: serving.example.com/v1',
  'kind: ModelServer',
  'metadata: { name: llama, namespace: ml }',
  'spec:',
  '  count: 3',
  '  pods:',
  '    metadata: { labels: { tier: gpu } }',
  '    spec:',
  '      containers:',
  '      - name: server',
  '        resources: { limits: { nvidia.com/gpu: 4 } }',
  '',
].join('\n');

function configured(text: string): ReturnType<typeof parseOperatorConfig> {
  return parseOperatorConfig({ text, path: '/etc/flyball/flyball.yml' });
}

async function read(config: string, file: string): Promise<Inventory> {
  const kinds = kindCatalogue(configured(config).config?.kinds);
  return anInventory({ 'a.yaml': file }, { kinds });
}

describe('a kind of the user’s own', () => {
  test('is found, read and edited as the configuration describes it', async () => {
    const inventory = await read(added, manifest);

    const id = 'default/ml/ModelServer/llama';
    expect(theWorkload(inventory, id)).toMatchObject({
      gpu: { perReplica: 4 },
      replicas: 3,
      labels: { tier: 'gpu' },
      pause: { lever: 'suspend', pausedValue: true },
    });
    expect(told(theLever(inventory, id, 'replicas'))).toBe('manifest a.yaml:5:10 = 3');
    expect(theLever(inventory, id, 'suspend')).toMatchObject({ current: false, field: { kind: 'editable' } });
  });

  test('is not looked for without the configuration', async () => {
    const inventory = await read('{}', manifest);

    expect(inventory.workloads).toEqual([]);
    expect(inventory.filesParsed).toBe(0);
  });

  test('takes the place of a built-in kind of the same name and version, and of no other', async () => {
    const own = added.replace('serving.example.com', 'apps').replace('ModelServer', 'Deployment');
    const file = manifest.replace('serving.example.com', 'apps').replace('ModelServer', 'Deployment');
    const inventory = await read(own, `${file}---\n${file.replace('Deployment', 'StatefulSet')}`);

    expect(findLever(theWorkload(inventory, 'default/ml/Deployment/llama'), 'replicas')).toMatchObject({ current: 3 });
    expect(theWorkload(inventory, 'default/ml/StatefulSet/llama').replicas).toBe(1);
  });

  test('reaches the item of a list that a key names', async () => {
    const own = added.replace('spec.count', 'spec.roles.[name=decode].count');
    const file = manifest.replace('count: 3', 'roles: [{ name: prefill, count: 2 }, { name: decode, count: 5 }]');
    const inventory = await read(own, file);

    expect(told(theLever(inventory, 'default/ml/ModelServer/llama', 'replicas'))).toBe('manifest a.yaml:5:63 = 5');
  });
});

describe('a kind that is described badly is reported at its place', () => {
  const problemsOf = (text: string): readonly string[] =>
    configured(text).problems.map((problem) => formatProblem(problem).split('\n')[0] ?? '');

  test.each([
    ['a kind with other signs', added.replace('kind: ModelServer', 'kind: "Model|.*"'), ':4:9: '],
    ['no pods', added.replace('  podSpec: [spec.pods.spec]\n', ''), ':2:3: '],
    ['a path with spaces', added.replace('spec.count', 'spec count'), ':7:13: '],
    ['a lever without a field', added.replace('  suspend: spec.stopped\n', ''), ':9:19: '],
    ['a value that does not stop it', added.replace('value: true', 'value: 0'), ':10:35: '],
    ['a bound alone', added.replace('  suspend', '  minReplicas: spec.min\n  suspend'), ':9:16: '],
    ['a field that nobody knows', added.replace('  suspend', '  sleep: 1\n  suspend'), ':9:3: '],
    ['the same kind twice', `${added}${added.replace('kinds:\n', '')}`, ':13:9: '],
  ])('%s', (_, text, place) => {
    expect(configured(text).config).toBeUndefined();
    expect(problemsOf(text)).toEqual([
      expect.stringContaining(`error[CONFIG_INVALID] /etc/flyball/flyball.yml${place}`),
    ]);
  });
});

test('a name that would mean something in a pattern never gets into one', () => {
  const kind = { group: 'a', versions: ['v1'], kind: '(x+)+$', podSpec: [] };

  expect(() => kindCatalogue([kind])).toThrow('is no name of a kind');
});

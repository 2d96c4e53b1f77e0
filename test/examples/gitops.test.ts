import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readTruth } from '../../examples/world/truth.ts';
import { parseRepositoryConfig } from '../../src/config/index.ts';
import { editField, openRepository, takeInventory, type Inventory } from '../../src/gitops/index.ts';
import { loadCostPolicies } from '../../src/policy/index.ts';
import { examples } from './world-data.ts';

const repository = path.join(examples, 'gitops');
const files = (await readdir(repository, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(repository, path.join(entry.parentPath, entry.name)))
  .toSorted();
const text = (file: string): Promise<string> => readFile(path.join(repository, file), 'utf8');

describe('the files', () => {
  test.each(files.filter((file) => /\.ya?ml$/.test(file)))('%s is YAML of Kubernetes objects', async (file) => {
    const documents = [...parseAllDocuments(await text(file))];

    // Flyball's own file is the only one that is no Kubernetes object.
    const kinds = documents.map((document) => (file.startsWith('.github/') ? 'none' : typeof document.get('kind')));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(documents.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds).not.toContain('undefined');
  });

  test('every kustomization names files that are there', async () => {
    const missing: string[] = [];
    for (const file of files.filter((name) => path.basename(name) === 'kustomization.yaml')) {
      const [document] = parseAllDocuments(await text(file));
      const { resources = [] } = (document?.toJS() ?? {}) as { readonly resources?: readonly string[] };
      const targets = resources.map((resource) => path.join(path.dirname(file), resource));
      missing.push(
        ...targets.filter((target) => !files.some((name) => name === target || name.startsWith(`${target}/`))),
      );
    }

    expect(missing).toEqual([]);
  });

  test('mention nobody, hold no secret in clear and no carriage return but in the one file that means it', async () => {
    const contents = await Promise.all(files.map(async (file) => ({ file, content: await text(file) })));

    expect(contents.filter(({ content }) => /(^|[\s"'(])@[a-z]/im.test(content))).toEqual([]);
    expect(contents.filter(({ content }) => /PRIVATE KEY|AKIA|ghp_/.test(content))).toEqual([]);
    expect(contents.filter(({ content }) => content.includes('\r')).map(({ file }) => file)).toEqual([
      'apps/embedding-server/prod-us/inferenceservice.yaml',
    ]);
    expect(contents.filter(({ content }) => /^kind: Secret/m.test(content) && !/^sops:/m.test(content))).toEqual([]);
  });

  test('have a configuration and policies without a problem', async () => {
    const config = parseRepositoryConfig({ text: await text('.github/flyball.yml'), path: '.github/flyball.yml' });
    const documents = await Promise.all(
      files
        .filter((file) => file.startsWith('policies/'))
        .map(async (file) => ({ path: file, text: await text(file), documentIndex: 0 })),
    );
    const loaded = loadCostPolicies(documents);

    expect([...config.problems, ...loaded.problems]).toEqual([]);
    expect(loaded.policies.map(({ name, action }) => `${name}: ${action.type}`).toSorted()).toEqual([
      'multimodal-gpu-cost-cap: scaleDown',
      'training-budget: notify',
    ]);
  });
});

describe('what they declare', () => {
  let folder: string;
  let inventory: Inventory;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-fleet-'));
    const clone = path.join(folder, 'fleet');
    await cp(repository, clone, { recursive: true });
    const git = (...args: readonly string[]) => promisify(execFile)('git', ['-C', clone, ...args]);
    await git('init', '--quiet', '--initial-branch=main');
    await git('add', '--all');
    await git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message=All');
    inventory = await takeInventory(
      await openRepository({ location: clone, cacheDirectory: path.join(folder, 'cache') }),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is what TRUTH.md lists, and is read without a problem', async () => {
    const truth = (await readTruth()).map(({ workload }) => workload);
    const asksForGpus = inventory.workloads.filter(({ gpu }) => gpu.kind === 'devices');

    expect(inventory.problems).toEqual([]);
    expect(asksForGpus.map(({ id }) => id).toSorted()).toEqual(truth.toSorted());
  });

  test('every planted change is of one line in one file', async () => {
    for (const { workload: id, change } of await readTruth()) {
      if (change === undefined) continue;
      const workload = inventory.workloads.find((candidate) => candidate.id === id);
      const lever = workload?.levers.find(({ kind }) => kind === change.lever);
      if (lever?.field.kind !== 'editable') throw new Error(`${id}: ${change.lever} is not editable`);
      expect(`${id} ${String(lever.current)}`).toBe(`${id} ${change.from}`);

      const { field } = lever.field;
      const before = await text(field.path);
      const to = typeof lever.current === 'string' ? change.to : (JSON.parse(change.to) as number | boolean);
      const edit = editField(before, field, to);

      if (edit.kind !== 'edited') throw new Error(`${id}: ${edit.reason} ${edit.detail}`);
      const [old, now] = [before.split('\n'), edit.text.split('\n')];
      const changedLines = now.flatMap((line, index) => (line === old[index] ? [] : [index + 1]));
      expect({ id, lines: now.length, changedLines }).toEqual({ id, lines: old.length, changedLines: [field.line] });
    }
  });
});

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KustomizeBuilder } from '../../src/gitops/kustomize.ts';
import { openSourceReader } from '../../src/gitops/source-reader.ts';
import { type Tracked } from '../../src/gitops/tracked.ts';
import { aSnapshot, type FileContent } from './temporary-repository.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures/gitops/kustomize');

async function filesBelow(folder: string): Promise<Readonly<Record<string, FileContent>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'expected.yaml');
  const pairs = files.map(async (entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [path.relative(folder, file), await readFile(file, 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

function plain(value: Tracked): unknown {
  switch (value.kind) {
    case 'scalar':
      return value.value;
    case 'list':
      return value.items.map(plain);
    case 'map':
      return Object.fromEntries([...value.entries].map(([key, item]) => [key, plain(item)]));
  }
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

function byName(left: KubernetesObject, right: KubernetesObject): number {
  return `${left.kind}/${left.metadata.name}` < `${right.kind}/${right.metadata.name}` ? -1 : 1;
}

/** The expected files are the output of `kubectl kustomize` (Kustomize 5.5.0) on the same folder. */
describe('an overlay builds to what Kustomize makes of it', () => {
  test.each(['merge', 'json-patch', 'names', 'custom', 'components', 'targets'])('%s', async (name) => {
    const snapshot = await aSnapshot(await filesBelow(path.join(fixtures, name)));
    const reader = await openSourceReader(snapshot);

    const built = new KustomizeBuilder(reader).build('.').resources.map(({ root }) => plain(root) as KubernetesObject);

    const documents = parseAllDocuments(await readFile(path.join(fixtures, name, 'expected.yaml'), 'utf8'));
    const expected = (Array.isArray(documents) ? documents : []).map((document) => document.toJS() as KubernetesObject);
    expect(expected.length).toBeGreaterThan(0);
    expect(built.toSorted(byName)).toEqual(expected.toSorted(byName));
    expect(reader.problems).toEqual([]);
  });
});

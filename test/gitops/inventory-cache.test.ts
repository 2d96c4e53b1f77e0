import { spawn } from 'node:child_process';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openRepository, takeInventory, type Inventory } from '../../src/gitops/index.ts';
import { readCacheFile, writeCacheFile } from '../../src/gitops/cache/cache-file.ts';
import { compactDocument, expand } from '../../src/gitops/cache/compact-values.ts';
import { parseYaml } from '../../src/gitops/parse-yaml.ts';
import { trackDocument } from '../../src/gitops/track-document.ts';
import { aRepository, deployment, git, temporaryFolder, writeFiles } from './temporary-repository.ts';
import { documentText } from './yaml-text.ts';

const kustomization = 'kind: Kustomization\nresources: [clip.yaml, whisper.yaml]\nreplicas: [{name: clip, count: 4}]\n';
const files = {
  'app/kustomization.yaml': kustomization,
  'app/clip.yaml': deployment('clip', { replicas: '2' }),
  'app/whisper.yaml': deployment('whisper'),
  'broken.yaml': 'kind: Deployment\n\tx: [',
};

async function inventoryOf(root: string, cacheDirectory?: string, programVersion = '1.0.0'): Promise<Inventory> {
  const snapshot = await openRepository({ location: root, cacheDirectory: path.join(root, '.clones') });
  return takeInventory(
    snapshot,
    cacheDirectory === undefined ? {} : { cache: { folder: cacheDirectory, programVersion } },
  );
}

async function cacheFiles(cacheDirectory: string): Promise<readonly string[]> {
  const names = await readdir(cacheDirectory, { recursive: true });
  return names.filter((name) => name.includes(path.sep)).map((name) => path.join(cacheDirectory, name));
}

describe('with a cache', () => {
  test('the second look at a commit parses nothing and says the same', async () => {
    const [root, cache] = [await aRepository(files), await temporaryFolder()];
    const first = await inventoryOf(root, cache);
    const second = await inventoryOf(root, cache);

    expect(first).toEqual(await inventoryOf(root));
    expect(second).toEqual({ ...first, filesParsed: 0 });
    expect(first.problems).toHaveLength(1);
  });

  test('after a commit only the files that changed are parsed, and those that cannot be', async () => {
    const [root, cache] = [await aRepository(files), await temporaryFolder()];
    await inventoryOf(root, cache);
    await writeFiles(root, { 'app/whisper.yaml': deployment('whisper', { replicas: '9' }) });
    git(root, 'commit', '--all', '--quiet', '--message=More');
    const after = await inventoryOf(root, cache);

    expect(after.filesParsed).toBe(2);
    expect(after).toEqual({ ...(await inventoryOf(root)), filesParsed: 2 });
  });

  test('another version of the program reads everything again', async () => {
    const [root, cache] = [await aRepository(files), await temporaryFolder()];
    const first = await inventoryOf(root, cache);

    expect(await inventoryOf(root, cache, '2.0.0')).toEqual(first);
    expect((await inventoryOf(root, cache, '2.0.0')).filesParsed).toBe(0);
  });

  test('a folder that cannot be written is a warning, and nothing is missing', async () => {
    const root = await aRepository(files);
    const inventory = await inventoryOf(root, path.join(root, 'app/clip.yaml/cache'));

    expect(inventory.workloads).toEqual((await inventoryOf(root)).workloads);
    expect(inventory.problems.at(-1)).toMatchObject({ code: 'CACHE_UNWRITABLE', severity: 'warning' });
  });

  test('other settings have results of their own', async () => {
    const [root, cache] = [await aRepository(files), await temporaryFolder()];
    await inventoryOf(root, cache);
    const snapshot = await openRepository({ location: root, cacheDirectory: path.join(root, '.clones') });
    const clusters = { folderPattern: undefined, defaultName: 'elsewhere' };

    const inventory = await takeInventory(snapshot, { cache: { folder: cache, programVersion: '1.0.0' }, clusters });

    expect(inventory.workloads[0]?.cluster).toBe('elsewhere');
  });

  test.each([
    ['cut off', (file: string) => truncate(file, 40)],
    ['empty', (file: string) => truncate(file, 0)],
    [
      'damaged',
      async (file: string) => {
        const bytes = await readFile(file);
        bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 0xff;
        await writeFile(file, bytes);
      },
    ],
    [
      'of another program',
      (file: string) => writeCacheFile(file, { version: 999, inventory: {}, documents: new Map() }),
    ],
  ])('a file that is %s is passed over and written again', async (_, damage) => {
    const [root, cache] = [await aRepository(files), await temporaryFolder()];
    const first = await inventoryOf(root, cache);
    for (const file of await cacheFiles(cache)) await damage(file);

    expect(await inventoryOf(root, cache)).toEqual(first);
    expect((await inventoryOf(root, cache)).filesParsed).toBe(0);
  });

  test('two at once do not disturb each other', async () => {
    const [root, cache] = [await aRepository(files), await temporaryFolder()];
    const all = await Promise.all(Array.from({ length: 4 }, async () => inventoryOf(root, cache)));

    expect(new Set(all.map((inventory) => JSON.stringify(inventory.workloads))).size).toBe(1);
    expect((await cacheFiles(cache)).filter((file) => file.endsWith('.new'))).toEqual([]);
  });
});

test('a process that is killed while it writes leaves the old file or the new one, never half of one', async () => {
  const file = path.join(await temporaryFolder(), 'cache');
  await writeCacheFile(file, { round: -1 });
  const writer = `
    import { writeCacheFile } from ${JSON.stringify(path.resolve('src/gitops/cache/cache-file.ts'))};
    for (let round = 0; ; round += 1) await writeCacheFile(${JSON.stringify(file)}, { round, filler: 'x'.repeat(4_000_000) });
  `;
  for (let delay = 300; delay < 900; delay += 120) {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', writer], {
      stdio: 'ignore',
    });
    await wait(delay);
    child.kill('SIGKILL');

    expect(await readCacheFile(file)).toMatchObject({ round: expect.any(Number) });
  }
});

test('whatever is kept of a document comes back as it was tracked', () => {
  fc.assert(
    fc.property(documentText, (text) => {
      const outcome = parseYaml(text);
      fc.pre(outcome.kind === 'parsed');
      const file = { path: 'a.yaml', blobId: 'b', text, obstacle: undefined };
      const roots = outcome.documents.flatMap(
        (document, documentIndex) => trackDocument(document, { file, documentIndex, mechanism: 'manifest' }) ?? [],
      );

      expect(roots.map((root) => expand(compactDocument(root), { file, mechanism: 'manifest' }))).toEqual(roots);
    }),
    { numRuns: 300 },
  );
});

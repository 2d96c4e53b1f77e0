import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fetchMirror, type Mirror } from '../../src/gitops/git/mirror.ts';
import { listTree } from '../../src/gitops/git/tree.ts';
import { createBareClone, openRepository, syncBareClone, takeInventory } from '../../src/gitops/index.ts';
import { aGitServer } from './git-server.ts';
import { aRepository, deployment, git, temporaryFolder, writeFiles } from './temporary-repository.ts';

const modelBytes = 2_000_000;

/** Manifests beside something large that is none. */
async function aFleet(options: { readonly canFilter: boolean }): Promise<string> {
  const root = await aRepository({
    'apps/clip.yaml': deployment('clip', { replicas: '3' }),
    'models/clip.onnx': randomBytes(modelBytes),
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/templates/_names.tpl': '{{/* names */}}\n',
    'README.md': '# Fleet\n',
  });
  git(root, 'config', 'uploadpack.allowFilter', String(options.canFilter));
  return root;
}

async function aMirror(
  url: string,
  more: { readonly ref?: string; readonly authorization?: string } = {},
): Promise<Mirror> {
  const cacheDirectory = await temporaryFolder();
  return fetchMirror({ ref: undefined, authorization: undefined, ...more, url, cacheDirectory });
}

/** Which paths of the newest commit a mirror has the contents of. */
async function contentsOf(gitDirectory: string, commit: string): Promise<readonly string[]> {
  const entries = await listTree(gitDirectory, commit);
  return entries.flatMap(({ path: file, blobId }) => {
    try {
      git(gitDirectory, 'cat-file', '-e', blobId);
      return [file];
    } catch {
      return [];
    }
  });
}

describe('an address', () => {
  test('is fetched without the files that cannot be manifests', async () => {
    const root = await aFleet({ canFilter: true });
    const cacheDirectory = await temporaryFolder();

    const snapshot = await openRepository({ location: pathToFileURL(root).href, cacheDirectory });

    expect(snapshot.files.map(({ path: file, size }) => [file, size === undefined ? 'left out' : 'here'])).toEqual([
      ['README.md', 'left out'],
      ['apps/clip.yaml', 'here'],
      ['chart/Chart.yaml', 'here'],
      ['chart/templates/_names.tpl', 'left out'],
      ['models/clip.onnx', 'left out'],
    ]);
    expect(await contentsOf(snapshot.gitDirectory, snapshot.commit)).toEqual(['apps/clip.yaml', 'chart/Chart.yaml']);
    const { workloads } = await takeInventory(snapshot);
    expect(workloads.map(({ name }) => name)).toEqual(['clip']);
    expect(await snapshot.readText('README.md')).toMatchObject({ kind: 'unreadable', reason: 'missing' });
  });

  test('is not written to its clone', async () => {
    const root = await aFleet({ canFilter: true });
    const cacheDirectory = await temporaryFolder();

    const { gitDirectory } = await openRepository({ location: pathToFileURL(root).href, cacheDirectory });

    expect(await readFile(path.join(gitDirectory, 'config'), 'utf8')).not.toContain(root);
    expect(await readdir(gitDirectory)).not.toContain('FETCH_HEAD');
  });

  test('gives what was left out when it is asked for, once', async () => {
    const root = await aFleet({ canFilter: true });
    const snapshot = await openRepository({
      location: pathToFileURL(root).href,
      cacheDirectory: await temporaryFolder(),
    });
    const template = snapshot.files.filter(({ path: file }) => file.endsWith('.tpl'));

    const fetched = await snapshot.fetchContents(template);
    await rm(root, { recursive: true });
    const again = await snapshot.fetchContents(template);

    expect(fetched.map(({ size }) => size)).toEqual([16]);
    expect(again).toEqual(fetched);
  });

  test('brings only what is new the next time', async () => {
    const root = await aFleet({ canFilter: true });
    const cacheDirectory = await temporaryFolder();
    const location = pathToFileURL(root).href;
    await openRepository({ location, cacheDirectory });
    await writeFiles(root, { 'apps/llama.yaml': deployment('llama', { replicas: '1' }) });
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--message=Two');

    const snapshot = await openRepository({ location, cacheDirectory });

    expect(await contentsOf(snapshot.gitDirectory, snapshot.commit)).toEqual([
      'apps/clip.yaml',
      'apps/llama.yaml',
      'chart/Chart.yaml',
    ]);
  });

  test('whose server leaves nothing out is fetched whole', async () => {
    const root = await aFleet({ canFilter: false });

    const snapshot = await openRepository({
      location: pathToFileURL(root).href,
      cacheDirectory: await temporaryFolder(),
    });

    expect(snapshot.files.every(({ size }) => size !== undefined)).toBe(true);
  });

  test('over HTTP sends a small part of what the repository holds', async () => {
    const root = await aFleet({ canFilter: true });
    const server = await aGitServer(path.dirname(root));

    const mirror = await aMirror(server.url(path.basename(root)));
    const entries = await listTree(mirror.gitDirectory, mirror.commit);
    const files = await mirror.fetchContents(entries.filter(({ path: file }) => file.endsWith('.yaml')));

    expect(files.every(({ size }) => size !== undefined)).toBe(true);
    expect(server.bytesSent()).toBeLessThan(modelBytes / 100);
  });

  test('of a server that gives no single files is fetched whole in the end', async () => {
    const root = await aFleet({ canFilter: true });
    const server = await aGitServer(path.dirname(root), { protocol: 'version 0' });

    const mirror = await aMirror(server.url(path.basename(root)));
    const entries = await listTree(mirror.gitDirectory, mirror.commit);
    const files = await mirror.fetchContents(entries);

    expect(files.map(({ size }) => size)).not.toContain(undefined);
    expect(server.bytesSent()).toBeGreaterThan(modelBytes);
  });

  test('is asked with the credentials that are given, and they are written nowhere', async () => {
    const root = await aFleet({ canFilter: true });
    const authorization = 'Basic eC1hY2Nlc3MtdG9rZW46c2VjcmV0';
    const server = await aGitServer(path.dirname(root), { authorization });
    const url = server.url(path.basename(root));

    await expect(aMirror(url)).rejects.toThrow(/could not be fetched/);
    const mirror = await aMirror(url, { authorization });
    const [fetched] = await mirror.fetchContents(await listTree(mirror.gitDirectory, mirror.commit));

    expect(fetched?.size).toBe(8);
    expect(await readFile(path.join(mirror.gitDirectory, 'config'), 'utf8')).not.toContain('eC1hY2Nlc3M');
  });

  test('gives another reference than its default branch', async () => {
    const root = await aFleet({ canFilter: true });
    git(root, 'checkout', '--quiet', '-b', 'change');
    await writeFiles(root, { 'apps/clip.yaml': deployment('clip', { replicas: '9' }) });
    git(root, 'commit', '--quiet', '--all', '--message=Nine');
    git(root, 'update-ref', 'refs/pull/7/head', 'HEAD');
    git(root, 'checkout', '--quiet', 'main');

    const mirror = await aMirror(pathToFileURL(root).href, { ref: 'refs/pull/7/head' });

    expect(mirror.commit).toBe(git(root, 'rev-parse', 'change'));
    expect(git(mirror.gitDirectory, 'for-each-ref', '--format=%(refname)')).toBe('refs/flyball/refs/pull/7/head');
    await expect(aMirror(pathToFileURL(root).href, { ref: 'refs/heads/a:refs/heads/b' })).rejects.toThrow(
      /not allowed/,
    );
  });

  test('that goes away between two fetches is told with what git says', async () => {
    const root = await aFleet({ canFilter: true });
    const server = await aGitServer(path.dirname(root));
    const mirror = await aMirror(server.url(path.basename(root)));
    const entries = await listTree(mirror.gitDirectory, mirror.commit);
    await server.close();

    await expect(mirror.fetchContents(entries)).rejects.toThrow(/could not be fetched.*Failed to connect/);
  });
});

describe('branches on a partial clone', () => {
  test('are made in a copy that stands by itself, and the copy follows the address', async () => {
    const root = await aFleet({ canFilter: true });
    const cacheDirectory = await temporaryFolder();
    const location = pathToFileURL(root).href;
    const snapshot = await openRepository({ location, cacheDirectory });
    const to = path.join(await temporaryFolder(), 'forge.git');

    const store = await createBareClone({ from: snapshot.gitDirectory, to, remoteUrl: snapshot.remoteUrl });
    await writeFiles(root, { 'apps/clip.yaml': deployment('clip', { replicas: '4' }) });
    git(root, 'commit', '--quiet', '--all', '--message=Two');
    const next = await openRepository({ location, cacheDirectory });
    await syncBareClone({ gitDirectory: to, from: next.gitDirectory, branch: next.branch });
    await rm(cacheDirectory, { recursive: true });

    const made = await store.writeCommit({
      parent: next.commit,
      files: [{ path: 'apps/clip.yaml', text: deployment('clip', { replicas: '2' }) }],
      message: 'Scale',
      name: 'Flyball',
      email: 'flyball@localhost',
      epochSeconds: 1_700_000_000,
    });
    expect(await store.diff(next.commit, made.commit)).toMatch(/^-  replicas: 4\n\+  replicas: 2$/m);
    expect(git(to, 'rev-parse', 'HEAD')).toBe(next.commit);
  });

  test('can be worked with: git fetches what is left out from the address when it needs it', async () => {
    const root = await aFleet({ canFilter: true });
    git(root, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const snapshot = await openRepository({
      location: pathToFileURL(root).href,
      cacheDirectory: await temporaryFolder(),
    });
    const to = path.join(await temporaryFolder(), 'forge.git');

    await createBareClone({ from: snapshot.gitDirectory, to, remoteUrl: snapshot.remoteUrl });

    expect(git(to, 'show', 'main:README.md')).toBe('# Fleet');
  });

  test('a partial clone of the user is copied as far as it goes', async () => {
    const root = await aFleet({ canFilter: true });
    const folder = path.join(await temporaryFolder(), 'clone');
    git(root, 'clone', '--quiet', '--no-checkout', '--filter=blob:none', pathToFileURL(root).href, folder);
    git(folder, 'show', 'HEAD:apps/clip.yaml');
    await writeFile(path.join(folder, 'untracked'), '');
    const snapshot = await openRepository({ location: folder, cacheDirectory: await temporaryFolder() });
    const to = path.join(await temporaryFolder(), 'forge.git');

    const store = await createBareClone({ from: snapshot.gitDirectory, to, remoteUrl: snapshot.remoteUrl });

    expect(await store.readText(snapshot.commit, 'apps/clip.yaml')).toBe(deployment('clip', { replicas: '3' }));
    expect(snapshot.files.flatMap(({ path: file, size }) => (size === undefined ? [] : [file]))).toEqual([
      'apps/clip.yaml',
    ]);
  });
});

import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../src/domain/index.ts';
import { clearKilledGit, withLock } from '../../src/gitops/git/lock.ts';
import { openRepository } from '../../src/gitops/index.ts';
import { aRepository, git, temporaryFolder, writeFiles } from './temporary-repository.ts';

async function problemOf(location: string): Promise<{ readonly code: string; readonly text: string }> {
  const cacheDirectory = await temporaryFolder();
  try {
    await openRepository({ location, cacheDirectory });
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { code: error.problem.code, text: `${error.message} ${error.problem.remedy}` };
  }
  throw new Error('it was opened');
}

describe('a local repository', () => {
  test('is read at its HEAD commit, whatever lies in the work tree', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n', 'run.sh': '#!/bin/sh\n' });
    await writeFiles(root, { 'a.yaml': 'a: 2\n', 'new.yaml': 'b: 1\n' });

    const snapshot = await openRepository({ location: root, cacheDirectory: path.join(root, 'cache') });

    expect(snapshot.files.map(({ path: file }) => file)).toEqual(['a.yaml', 'run.sh']);
    expect(await snapshot.readText('a.yaml')).toEqual({ kind: 'text', text: 'a: 1\n' });
    expect(await snapshot.readText('new.yaml')).toMatchObject({ kind: 'unreadable', reason: 'missing' });
    expect(snapshot).toMatchObject({
      branch: 'main',
      commit: git(root, 'rev-parse', 'HEAD'),
      name: path.basename(root),
    });
  });

  test('keeps the commit it was opened at when the branch moves on', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const snapshot = await openRepository({ location: root, cacheDirectory: path.join(root, 'cache') });

    await writeFiles(root, { 'a.yaml': 'a: 2\n' });
    git(root, 'commit', '--quiet', '--all', '--message=Two');

    expect(await snapshot.readText('a.yaml')).toEqual({ kind: 'text', text: 'a: 1\n' });
  });

  test('may be bare, or a linked work tree', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const elsewhere = await temporaryFolder();
    git(root, 'clone', '--quiet', '--bare', root, path.join(elsewhere, 'bare.git'));
    git(root, 'worktree', 'add', '--quiet', '-b', 'other', path.join(elsewhere, 'linked'));

    const bare = await openRepository({ location: path.join(elsewhere, 'bare.git'), cacheDirectory: elsewhere });
    const linked = await openRepository({ location: path.join(elsewhere, 'linked'), cacheDirectory: elsewhere });

    expect([bare.branch, linked.branch]).toEqual(['main', 'other']);
    expect([bare.commit, linked.commit]).toEqual([bare.commit, bare.commit]);
  });

  test('is named after where it was cloned from, without its credentials', async () => {
    const root = await aRepository({});
    git(root, 'remote', 'add', 'origin', 'https://robot:secret@github.com/acme/fleet.git');

    const snapshot = await openRepository({ location: root, cacheDirectory: path.join(root, 'cache') });

    expect(snapshot.name).toBe('acme/fleet');
    expect(snapshot.remoteUrl).toBe('https://github.com/acme/fleet.git');
  });

  test('runs none of the programs that its own configuration names', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const marker = path.join(root, 'ran');
    for (const key of ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'diff.external', 'core.gitProxy']) {
      git(root, 'config', key, `touch ${marker}`);
    }
    await writeFile(path.join(root, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${marker}\n`);
    await chmod(path.join(root, '.git/hooks/post-checkout'), 0o755);

    const snapshot = await openRepository({ location: root, cacheDirectory: path.join(root, 'cache') });
    await snapshot.readText('a.yaml');

    await expect(stat(marker)).rejects.toThrow('ENOENT');
  });
});

describe('what cannot be opened is said', () => {
  test('a folder that is no repository, even inside of one', async () => {
    const root = await aRepository({ 'sub/a.yaml': 'a: 1\n' });

    const problem = await problemOf(path.join(root, 'sub'));

    expect(problem.code).toBe('REPOSITORY_UNREADABLE');
    expect(problem.text).toContain('git init');
  });

  test('a repository without a commit', async () => {
    const root = await temporaryFolder();
    git(root, 'init', '--quiet');

    expect((await problemOf(root)).text).toContain('no commit yet');
  });

  test('a folder that is not there', async () => {
    expect((await problemOf('/no/such/folder')).text).toContain('no folder of this name');
  });

  test.each([
    'ext::sh -c touch% /tmp/flyball-ran',
    'http://example.com/a.git',
    'git://example.com/a.git',
    'ssh://-oProxyCommand=touch/a',
    'https://robot:hunter2@example.com/a.git',
  ])('the address %s, without its password', async (location) => {
    const problem = await problemOf(location);

    expect(problem.code).toBe('REPOSITORY_UNREADABLE');
    expect(problem.text).not.toContain('hunter2');
  });

  test.each(['--upload-pack=touch /tmp/flyball-ran', 'git@-oProxyCommand=x:y'])(
    'the name %s is a folder',
    async (location) => {
      expect((await problemOf(location)).text).toContain('no folder of this name');
    },
  );

  test('an address where nothing is', async () => {
    const problem = await problemOf('file:///no/such/repository');

    expect(problem).toMatchObject({ code: 'REPOSITORY_UNREADABLE' });
    expect(problem.text).toContain('fatal:');
  });
});

describe('a repository at an address', () => {
  test('is fetched one commit deep, and again when it has moved on', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const cacheDirectory = await temporaryFolder();
    const location = `file://${root}`;
    const first = await openRepository({ location, cacheDirectory });
    await writeFiles(root, { 'a.yaml': 'a: 2\n' });
    git(root, 'commit', '--quiet', '--all', '--message=Two');

    const second = await openRepository({ location, cacheDirectory });

    expect(await first.readText('a.yaml')).toEqual({ kind: 'text', text: 'a: 1\n' });
    expect(await second.readText('a.yaml')).toEqual({ kind: 'text', text: 'a: 2\n' });
    expect(second.commit).toBe(git(root, 'rev-parse', 'HEAD'));
    expect(git(second.gitDirectory, 'rev-list', '--count', 'refs/heads/main')).toBe('1');
    expect((await readdir(cacheDirectory)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  test('keeps its address out of the clone, so that a token in it would not stay', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const cacheDirectory = await temporaryFolder();

    const snapshot = await openRepository({ location: `file://${root}`, cacheDirectory });

    expect(await readFile(path.join(snapshot.gitDirectory, 'config'), 'utf8')).not.toContain(root);
  });

  test('is opened by two scans at once without a collision', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const cacheDirectory = await temporaryFolder();
    const location = `file://${root}`;

    const both = await Promise.all([1, 2].map(() => openRepository({ location, cacheDirectory })));

    expect(both.map(({ commit }) => commit)).toEqual([both[0]?.commit, both[0]?.commit]);
  });

  test('follows a new default branch', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const cacheDirectory = await temporaryFolder();
    await openRepository({ location: `file://${root}`, cacheDirectory });
    git(root, 'branch', '--move', 'main', 'trunk');

    expect((await openRepository({ location: `file://${root}`, cacheDirectory })).branch).toBe('trunk');
  });
});

describe('the lock', () => {
  const deadPid = 4_194_300;

  test('of a dead process of this machine is taken over', async () => {
    const folder = await temporaryFolder();
    const lock = path.join(folder, 'a.lock');
    await writeFile(lock, `${deadPid}@${os.hostname()}\n`);

    expect(await withLock(lock, () => Promise.resolve('done'), 2)).toBe('done');
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['of an earlier process with the same number', `${process.pid}@${os.hostname()} another-run\n`],
    ['without a holder, as a full disk leaves it,', ''],
  ])('%s is taken over', async (_, content) => {
    const folder = await temporaryFolder();
    const lock = path.join(folder, 'a.lock');
    await writeFile(lock, content);

    expect(await withLock(lock, ({ isTakenOver }) => Promise.resolve(isTakenOver), 2)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  test('that is taken over lets what a killed git left be cleared, and nothing else', async () => {
    const root = await aRepository({ 'a.yaml': 'a: 1\n' });
    const gitDirectory = path.join(root, '.git');
    const left = ['packed-refs.lock', 'refs/heads/main.lock', 'objects/pack/tmp_pack_x'];
    for (const name of left) await writeFile(path.join(gitDirectory, name), '');
    expect(() => git(root, 'commit', '--quiet', '--allow-empty', '--message=Refused')).toThrow('lock');
    await clearKilledGit(gitDirectory);

    expect((await readdir(gitDirectory, { recursive: true })).filter((name) => /\.lock$|tmp_/.test(name))).toEqual([]);
    git(root, 'commit', '--quiet', '--allow-empty', '--message=Next');
    expect(git(root, 'rev-list', '--count', 'main')).toBe('2');
  });

  test.each([`${process.pid}@${os.hostname()}`, `${deadPid}@another-machine`])(
    'held by %s is respected',
    async (holder) => {
      const folder = await temporaryFolder();
      const lock = path.join(folder, 'a.lock');
      await writeFile(lock, `${holder}\n`);

      await expect(withLock(lock, () => Promise.resolve('done'), 1)).rejects.toThrow(holder);
      expect(await readFile(lock, 'utf8')).toBe(`${holder}\n`);
    },
  );

  test('is released when the work fails', async () => {
    const lock = path.join(await temporaryFolder(), 'a.lock');

    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(lock, () => Promise.resolve('next'), 0)).toBe('next');
  });

  test('lets one in at a time', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'x'));
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await readdir(folder);
      inside -= 1;
    };

    await Promise.all(Array.from({ length: 5 }, () => withLock(path.join(folder, 'a.lock'), work)));

    expect(most).toBe(1);
  });
});

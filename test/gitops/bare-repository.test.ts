import { chmod, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBareClone, openBareRepository, syncBareClone, type BareRepository } from '../../src/gitops/index.ts';
import { aRepository, git, temporaryFolder, writeFiles, type FileContent } from './temporary-repository.ts';

async function aBareClone(files: Readonly<Record<string, FileContent>>): Promise<{
  readonly root: string;
  readonly bare: BareRepository;
  readonly head: string;
}> {
  const root = await aRepository(files);
  const bare = await createBareClone({ from: root, to: path.join(await temporaryFolder(), 'forge.git') });
  return { root, bare, head: git(root, 'rev-parse', 'HEAD') };
}

const by = {
  message: 'Scale down\n\nFlyball-Proposal: 1\n',
  name: 'Flyball',
  email: 'flyball@localhost',
  epochSeconds: 1_793_491_200,
};

describe('a commit', () => {
  test('changes only the named file, and is the same commit when it is written again', async () => {
    const { bare, head } = await aBareClone({ 'a.yaml': 'a: 1\n', 'b/c.yaml': 'c: 1\n' });
    const files = [{ path: 'b/c.yaml', text: 'c: 2\n' }];

    const first = await bare.writeCommit({ ...by, parent: head, files });
    const second = await bare.writeCommit({ ...by, parent: head, files });

    expect(second).toEqual(first);
    expect(git(bare.gitDirectory, 'diff', '--numstat', head, first.commit)).toBe('1\t1\tb/c.yaml');
    expect(await bare.readText(first.commit, 'b/c.yaml')).toBe('c: 2\n');
    expect(await bare.commitInfo(first.commit)).toEqual({
      commit: first.commit,
      parents: [head],
      tree: first.tree,
      authorName: 'Flyball',
      authorEmail: 'flyball@localhost',
      committerEmail: 'flyball@localhost',
      message: by.message,
    });
    expect(git(bare.gitDirectory, 'fsck', '--strict')).not.toContain('error');
  });

  test('keeps an executable file executable', async () => {
    const root = await aRepository({ 'run.sh': 'a\n' });
    await chmod(path.join(root, 'run.sh'), 0o755);
    git(root, 'commit', '--quiet', '--all', '--message=Mode');
    const bare = openBareRepository(path.join(root, '.git'));

    const { commit } = await bare.writeCommit({
      ...by,
      parent: git(root, 'rev-parse', 'HEAD'),
      files: [{ path: 'run.sh', text: 'b\n' }],
    });

    expect(git(root, 'ls-tree', commit)).toContain('100755');
  });

  test('keeps line ends and texts that git would convert on a checkout', async () => {
    const { bare, head } = await aBareClone({ 'a.yaml': 'a: 1\r\n', '.gitattributes': '* text=auto eol=lf\n' });

    const { commit } = await bare.writeCommit({ ...by, parent: head, files: [{ path: 'a.yaml', text: 'a: 2\r\n🚀' }] });

    expect(await bare.readText(commit, 'a.yaml')).toBe('a: 2\r\n🚀');
  });

  test.each([
    '../a.yaml',
    '/etc/passwd',
    'a/../../b',
    '.git/config',
    'b/.GIT/x',
    'new.yaml',
    'a.yaml/x',
    'a\u0000b',
    '',
  ])('to the path %j is refused', async (file) => {
    const { bare, head } = await aBareClone({ 'a.yaml': 'a: 1\n' });

    await expect(bare.writeCommit({ ...by, parent: head, files: [{ path: file, text: 'x' }] })).rejects.toThrow(
      /not a path inside|does not exist/,
    );
  });

  test('to a symbolic link is refused', async () => {
    const { bare, head } = await aBareClone({ 'l.yaml': { link: '/etc/passwd' } });

    await expect(bare.writeCommit({ ...by, parent: head, files: [{ path: 'l.yaml', text: 'x' }] })).rejects.toThrow(
      'mode 120000',
    );
    await expect(bare.readText(head, 'l.yaml')).rejects.toThrow('mode 120000');
  });

  test('runs no hook of the repository', async () => {
    const { bare, head } = await aBareClone({ 'a.yaml': 'a: 1\n' });
    const marker = path.join(await temporaryFolder(), 'ran');
    for (const hook of ['reference-transaction', 'pre-commit', 'post-commit', 'update']) {
      await writeFiles(bare.gitDirectory, { [`hooks/${hook}`]: `#!/bin/sh\ntouch ${marker}\n` });
      await chmod(path.join(bare.gitDirectory, 'hooks', hook), 0o755);
    }

    const { commit } = await bare.writeCommit({ ...by, parent: head, files: [{ path: 'a.yaml', text: 'a: 2\n' }] });
    await bare.updateBranch({ branch: 'flyball/x', commit, expected: undefined });

    await expect(bare.readBranch('flyball/x')).resolves.toMatchObject({ commit });
    await expect(stat(marker)).rejects.toThrow('ENOENT');
  });
});

describe('branches', () => {
  test('are made, listed, moved and removed only from where they are expected', async () => {
    const { bare, head } = await aBareClone({ 'a.yaml': 'a: 1\n' });
    const { commit } = await bare.writeCommit({ ...by, parent: head, files: [{ path: 'a.yaml', text: 'a: 2\n' }] });

    await bare.updateBranch({ branch: 'flyball/b', commit, expected: undefined });
    await bare.updateBranch({ branch: 'flyball/a', commit: head, expected: undefined });

    await expect(bare.updateBranch({ branch: 'flyball/a', commit, expected: undefined })).rejects.toThrow(
      'update-ref failed',
    );
    await expect(bare.updateBranch({ branch: 'flyball/a', commit, expected: commit })).rejects.toThrow(
      'update-ref failed',
    );
    await expect(bare.deleteBranch({ branch: 'flyball/a', expected: commit })).rejects.toThrow('update-ref failed');
    expect(await bare.listBranches('flyball/')).toEqual(['flyball/a', 'flyball/b']);
    await bare.updateBranch({ branch: 'flyball/a', commit, expected: head });
    expect(await bare.readBranch('flyball/a')).toMatchObject({ commit, parents: [head] });
    await bare.deleteBranch({ branch: 'flyball/a', expected: commit });
    expect(await bare.listBranches('')).toEqual(['flyball/b', 'main']);
    expect(await bare.readBranch('flyball/a')).toBeUndefined();
  });

  test('a branch is not mistaken for one that its name begins', async () => {
    const { bare, head } = await aBareClone({});
    await bare.updateBranch({ branch: 'flyball/a/x', commit: head, expected: undefined });

    expect(await bare.readBranch('flyball/a')).toBeUndefined();
  });

  test.each(['-f', '--help', '../x', 'a..b', 'a@{1}', 'a b', 'a.lock', 'x/', '/x', 'HEAD~1', '*', ''])(
    'the name %j is refused',
    async (branch) => {
      const { bare, head } = await aBareClone({});

      await expect(bare.readBranch(branch)).rejects.toThrow('is not a branch name');
      await expect(bare.updateBranch({ branch, commit: head, expected: undefined })).rejects.toThrow(
        'is not a branch name',
      );
    },
  );

  test.each(['HEAD', '--all', 'main', 'abc'])('%j is not taken for a commit', async (commit) => {
    const { bare, head } = await aBareClone({});

    await expect(bare.commitInfo(commit)).rejects.toThrow('object id');
    await expect(bare.diff(head, commit)).rejects.toThrow('object id');
  });
});

describe('the copy', () => {
  test('follows a branch of the repository it was made from, and keeps its own', async () => {
    const { root, bare, head } = await aBareClone({ 'a.yaml': 'a: 1\n' });
    await bare.updateBranch({ branch: 'flyball/x', commit: head, expected: undefined });
    await writeFiles(root, { 'a.yaml': 'a: 2\n' });
    git(root, 'commit', '--quiet', '--all', '--message=Two');

    await syncBareClone({ gitDirectory: bare.gitDirectory, from: root, branch: 'main' });

    expect(await bare.readBranch('main')).toMatchObject({ commit: git(root, 'rev-parse', 'HEAD'), parents: [head] });
    expect(await bare.readBranch('flyball/x')).toMatchObject({ commit: head });
  });

  test('shows a diff that a person would see', async () => {
    const { bare, head } = await aBareClone({ 'a.yaml': 'spec:\n  replicas: 6\n' });
    const { commit } = await bare.writeCommit({
      ...by,
      parent: head,
      files: [{ path: 'a.yaml', text: 'spec:\n  replicas: 3\n' }],
    });

    expect(await bare.diff(head, commit)).toContain('@@ -1,2 +1,2 @@\n spec:\n-  replicas: 6\n+  replicas: 3\n');
  });
});

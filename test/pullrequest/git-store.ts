import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BranchStore } from '../../src/pullrequest/index.ts';

const person = {
  GIT_AUTHOR_NAME: 'Ana',
  GIT_AUTHOR_EMAIL: 'ana@example.com',
  GIT_COMMITTER_NAME: 'Ana',
  GIT_COMMITTER_EMAIL: 'ana@example.com',
  GIT_AUTHOR_DATE: '2026-10-31T12:00:00Z',
  GIT_COMMITTER_DATE: '2026-10-31T12:00:00Z',
};

/** Runs git as a person with a fixed clock. */
export function git(directory: string, args: readonly string[], over: { input?: string; env?: object } = {}): string {
  const env = { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', ['-C', directory, '-c', 'init.defaultBranch=main', ...args], {
    encoding: 'utf8',
    input: over.input ?? '',
    env: { ...env, ...person, ...over.env },
  }).replace(/\n$/, '');
}

/** A repository with one commit of these files, removed after the test. */
export function aRepository(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'flyball-forge-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  git(directory, ['init', '--quiet']);
  commitFiles(directory, files, 'Add the fleet');
  return directory;
}

export function commitFiles(directory: string, files: Readonly<Record<string, string>>, message: string): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  git(directory, ['add', '--all']);
  git(directory, ['commit', '--quiet', '--allow-empty', '-m', message]);
  return git(directory, ['rev-parse', 'HEAD']);
}

/** The branch store over plain git commands in one repository. */
export function gitStore(directory: string): BranchStore {
  const revision = (name: string): string | undefined => {
    try {
      return git(directory, ['rev-parse', '--verify', '--quiet', name]);
    } catch {
      return undefined;
    }
  };
  return {
    readText: (commit, path) =>
      Promise.resolve(
        execFileSync('git', ['-C', directory, 'cat-file', 'blob', `${commit}:${path}`], { encoding: 'utf8' }),
      ),
    writeCommit: ({ parent, files, message, name, email, epochSeconds }) => {
      const env = { GIT_INDEX_FILE: join(directory, '.git', 'flyball-index') };
      git(directory, ['read-tree', parent], { env });
      for (const { path, text } of files) {
        const blob = git(directory, ['hash-object', '-w', '--stdin'], { input: text });
        git(directory, ['update-index', '--cacheinfo', `100644,${blob},${path}`], { env });
      }
      const tree = git(directory, ['write-tree'], { env });
      const date = `${epochSeconds} +0000`;
      const commit = git(directory, ['commit-tree', tree, '-p', parent, '-F', '-'], {
        input: message,
        env: {
          GIT_AUTHOR_NAME: name,
          GIT_AUTHOR_EMAIL: email,
          GIT_COMMITTER_NAME: name,
          GIT_COMMITTER_EMAIL: email,
          GIT_AUTHOR_DATE: date,
          GIT_COMMITTER_DATE: date,
        },
      });
      return Promise.resolve({ commit, tree });
    },
    diff: (from, to) => Promise.resolve(`${git(directory, ['diff', '--no-color', from, to])}\n`),
    listBranches: (prefix) => {
      const names = git(directory, ['for-each-ref', '--format=%(refname:short)', 'refs/heads']).split('\n');
      return Promise.resolve(names.filter((name) => name.startsWith(prefix)).toSorted());
    },
    readBranch: (branch) => {
      const commit = revision(`refs/heads/${branch}`);
      if (commit === undefined) return Promise.resolve(undefined);
      const [parents = '', tree = '', authorEmail = '', committerEmail = '', ...message] = git(directory, [
        'show',
        '--no-patch',
        '--format=%P%n%T%n%ae%n%ce%n%B',
        commit,
      ]).split('\n');
      return Promise.resolve({
        commit,
        parents: parents.split(' '),
        tree,
        authorEmail,
        committerEmail,
        message: message.join('\n'),
      });
    },
    updateBranch: ({ branch, commit, expected }) => {
      git(directory, ['update-ref', `refs/heads/${branch}`, commit, expected ?? '0'.repeat(40)]);
      return Promise.resolve();
    },
    deleteBranch: ({ branch, expected }) => {
      git(directory, ['update-ref', '-d', `refs/heads/${branch}`, expected]);
      return Promise.resolve();
    },
  };
}

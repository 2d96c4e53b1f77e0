import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openBareRepository, type BareRepository } from '../../src/gitops/index.ts';

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

/** The branches of a repository with a work tree, through the code that publishes. */
export function gitStore(directory: string): BareRepository {
  return openBareRepository(join(directory, '.git'));
}

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { main } from '../../src/command-line.ts';
import type { ExitCode } from '../../src/terminal.ts';

export const examples = path.resolve(import.meta.dirname, '../../examples');
export const asOf = '2026-11-01T00:00:00Z';

/** A temporary folder, removed after the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'flyball-scan-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ana',
  GIT_AUTHOR_EMAIL: 'ana@example.com',
  GIT_AUTHOR_DATE: '2026-10-31T12:00:00Z',
  GIT_COMMITTER_NAME: 'Ana',
  GIT_COMMITTER_EMAIL: 'ana@example.com',
  GIT_COMMITTER_DATE: '2026-10-31T12:00:00Z',
};

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { env: environment, encoding: 'utf8' });
}

/** The example's manifests as a Git repository, after `change` did what a test wants done to them. */
export function aFleet(folder: string, change: (fleet: string) => void = () => undefined): string {
  const fleet = path.join(folder, 'fleet');
  mkdirSync(fleet, { recursive: true });
  cpSync(path.join(examples, 'gitops'), fleet, { recursive: true });
  change(fleet);
  git(fleet, 'init', '--quiet', '--initial-branch=main');
  git(fleet, 'add', '--all');
  git(fleet, 'commit', '--quiet', '--message=The fleet');
  return fleet;
}

/** Runs one command line as a pipe would. */
export async function flyball(
  cwd: string,
  ...args: readonly string[]
): Promise<{ readonly exitCode: ExitCode; readonly stdout: string; readonly stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const exitCode = await main(args, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    now: () => Date.parse(asOf),
    cwd,
  });
  return { exitCode, ...written };
}

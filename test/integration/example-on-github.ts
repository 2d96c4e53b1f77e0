import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Fleet } from '../github/fleet.ts';
import { asOf, examples, flyball } from '../scan/fleet.ts';

/** The example's manifests, as files of a repository on GitHub; its owners have not agreed to anything yet. */
export function exampleFiles(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const root = path.join(examples, 'gitops');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile() && entry.name !== 'flyball.yml')
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  return { ...Object.fromEntries(files.map((name) => [name, readFileSync(path.join(root, name), 'utf8')])), ...more };
}

export const agreed = { '.github/flyball.yml': '# agreed\n' };

/** Sets environment variables for one test. */
export function useEnvironment(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) process.env[name] = value;
  onTestFinished(() => {
    for (const name of Object.keys(values)) Reflect.deleteProperty(process.env, name);
  });
}

/** Writes an operator's configuration with the example's bills and metrics, and what a test adds; returns its path. */
export function exampleConfig({ github, app }: Fleet, folder: string, more = ''): string {
  const sources = readFileSync(path.join(examples, 'flyball.yml'), 'utf8')
    .replaceAll('path: billing', `path: ${examples}/billing`)
    .replaceAll('path: metrics', `path: ${examples}/metrics`)
    .replace('../.flyball/demo/ledger.duckdb', path.join(folder, 'ledger.duckdb'));
  const config = path.join(folder, 'flyball.yml');
  writeFileSync(
    config,
    `${sources}\ngithub: { apiUrl: "${github.apiUrl}", appId: ${app.id}, privateKeyEnvironment: FLYBALL_TEST_KEY }\n${more}`,
  );
  return config;
}

/** Runs a command on acme/fleet as the App, with the example's bills and metrics. */
export async function flyballOnGitHub(
  world: Fleet,
  folder: string,
  ...[command, ...more]: readonly [string, ...string[]]
): Promise<Awaited<ReturnType<typeof flyball>>> {
  useEnvironment({ FLYBALL_TEST_KEY: world.app.privateKey });
  const common = ['--config', exampleConfig(world, folder), '--out', path.join(folder, 'out'), '--as-of', asOf];
  return flyball(folder, command, '--github', 'acme/fleet', ...common, ...more);
}

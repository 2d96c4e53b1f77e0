import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  editField,
  openRepository,
  takeInventory,
  type Inventory,
  type InventoryOptions,
  type RepositorySnapshot,
} from '../../src/gitops/index.ts';
import { findLever, type Lever, type LeverKind, type LeverValue, type Workload } from '../../src/domain/index.ts';

/** A file's text, its bytes, or the target of a symbolic link. */
export type FileContent = string | Uint8Array | { readonly link: string };

const author = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_AUTHOR_DATE: '2026-11-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  GIT_COMMITTER_DATE: '2026-11-01T00:00:00Z',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** Runs real git, with a fixed author and date. */
export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: directory,
    env: { PATH: process.env['PATH'], HOME: directory, ...author },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-gitops-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeFiles(root: string, files: Readonly<Record<string, FileContent>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    if (typeof content === 'object' && 'link' in content) await symlink(content.link, file);
    else await writeFile(file, content);
  }
}

/** A repository with one commit on `main`. */
export async function aRepository(files: Readonly<Record<string, FileContent>>): Promise<string> {
  const root = await temporaryFolder();
  git(root, 'init', '--quiet', '--initial-branch=main');
  await writeFiles(root, files);
  git(root, 'add', '--all', '--force');
  git(root, 'commit', '--quiet', '--allow-empty', '--message=Manifests');
  return root;
}

export async function aSnapshot(files: Readonly<Record<string, FileContent>>): Promise<RepositorySnapshot> {
  const location = await aRepository(files);
  return openRepository({ location, cacheDirectory: path.join(location, '.cache') });
}

export async function anInventory(
  files: Readonly<Record<string, FileContent>>,
  options?: InventoryOptions,
): Promise<Inventory> {
  return takeInventory(await aSnapshot(files), options);
}

/** The workload with an id. */
export function theWorkload(inventory: Inventory, id: string): Workload {
  const found = inventory.workloads.find((workload) => workload.id === id);
  if (found === undefined) {
    throw new Error(`no ${id} among ${inventory.workloads.map((workload) => workload.id).join(', ') || 'none'}`);
  }
  return found;
}

export function theLever(inventory: Inventory, id: string, kind: LeverKind): Lever {
  const lever = findLever(theWorkload(inventory, id), kind);
  if (lever === undefined) throw new Error(`${id} has no lever ${kind}`);
  return lever;
}

/** `mechanism path:line:column = value`, or `reason: …`: a lever in one line. */
export function told(lever: Lever): string {
  if (lever.field.kind === 'not-editable') return `${lever.field.reason} (${String(lever.current)})`;
  const { mechanism, path: file, line, column } = lever.field.field;
  return `${mechanism} ${file}:${line}:${column} = ${String(lever.current)}`;
}

export function deployment(
  name: string,
  options: { readonly replicas?: string; readonly namespace?: string } = {},
): string {
  return [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata:',
    `  name: ${name}`,
    ...(options.namespace === undefined ? [] : [`  namespace: ${options.namespace}`]),
    'spec:',
    ...(options.replicas === undefined ? [] : [`  replicas: ${options.replicas}`]),
    '  template:',
    '    metadata:',
    '      labels:',
    `        app: ${name}`,
    '    spec:',
    '      nodeSelector:',
    '        node.kubernetes.io/instance-type: g6.xlarge',
    '      containers:',
    '        - name: server',
    '          resources:',
    '            limits:',
    '              nvidia.com/gpu: 1',
    '',
  ].join('\n');
}

export function fluxKustomization(name: string, folder: string, spec: readonly string[] = []): string {
  return [
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    'metadata:',
    `  name: ${name}`,
    '  namespace: flux-system',
    'spec:',
    `  path: ${folder}`,
    '  sourceRef:',
    '    kind: GitRepository',
    '    name: flux-system',
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/** The files after giving a lever a value, as Flyball edits them. Fails the test when the edit is refused. */
export function withLeverSet(
  files: Readonly<Record<string, string>>,
  lever: Lever,
  to: LeverValue,
): Record<string, string> {
  if (lever.field.kind !== 'editable') throw new Error(`${lever.kind} is not editable: ${lever.field.detail}`);
  const { field } = lever.field;
  const result = editField(files[field.path] ?? '', field, to);
  if (result.kind === 'refused') throw new Error(`refused: ${result.reason}: ${result.detail}`);
  return { ...files, [field.path]: result.text };
}

/** The lines that one text has more than another, when no line of the other is gone or moved; undefined otherwise. */
export function addedLines(before: string, after: string): readonly string[] | undefined {
  const added: string[] = [];
  const old = before.split('\n');
  let next = 0;
  for (const line of after.split('\n')) {
    if (line === old[next]) next += 1;
    else added.push(line);
  }
  return next === old.length ? added : undefined;
}

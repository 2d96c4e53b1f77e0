import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { aFleet, flyball, git, scratchFolder } from './fleet.ts';

test('the inventory names the line that decides each lever, and why another one may not be changed', async () => {
  const folder = scratchFolder();

  const { stdout, exitCode } = await flyball(folder, 'inventory', '--repo', aFleet(folder));

  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /prod-us Deployment inference\/clip-server +replicas +6 +apps\/clip-server\/overlays\/prod-us\/replicas\.yaml:6 +manifest +yes \(kustomize-patch\)/,
  );
  expect(stdout).toMatch(/inference\/llama-chat +minReplicas +8 .*HorizontalPodAutoscaler +yes/);
  expect(stdout).toMatch(/audio\/tts +replicas +1 .*yes, by adding \(kustomize-replicas\)/);
  expect(stdout).toMatch(/prod-us NodePool gpu-h100 +gpuCount +2 +infrastructure\/prod-us\/node-pools\.yaml:60 .*yes/);
  expect(stdout).toMatch(/22 workloads, 3 pools of capacity, \d+ levers, \d+ editable/);
});

test('as JSON it has places for people and paths for programs', async () => {
  const folder = scratchFolder();

  const { stdout } = await flyball(folder, 'inventory', '--repo', aFleet(folder), '--json');
  const { workloads } = JSON.parse(stdout) as {
    readonly workloads: readonly { readonly name: string; readonly levers: readonly object[] }[];
  };

  expect(workloads.find(({ name }) => name === 'translate-nllb')?.levers).toContainEqual({
    lever: 'replicas',
    current: 5,
    owner: 'manifest',
    editable: true,
    mechanism: 'helm-release-values',
    place: { path: 'apps/translate-nllb/prod-eu/release.yaml', line: 16, column: 19 },
    documentIndex: 0,
    yamlPath: ['spec', 'values', 'replicaCount'],
    added: null,
  });
});

test('a name that an attacker chose cannot colour the terminal or add a line', async () => {
  const folder = scratchFolder();
  const fleet = path.join(folder, 'hostile');
  mkdirSync(fleet);
  writeFileSync(
    path.join(fleet, 'a.yaml'),
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: "x\\u001b[31m\\nyes" }\nspec: { replicas: 1 }\n',
  );
  git(fleet, 'init', '--quiet', '--initial-branch=main');
  git(fleet, 'add', '--all');
  git(fleet, 'commit', '--quiet', '--message=Hostile');

  const { stdout, stderr } = await flyball(folder, 'inventory', '--repo', fleet);

  expect(stdout + stderr).not.toContain('\u001b');
  expect(stdout).not.toMatch(/^yes/m);
});

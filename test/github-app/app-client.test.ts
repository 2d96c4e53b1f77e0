import path from 'node:path';
import { expect, test } from 'vitest';
import { makeGitHubApp, type GitHubApp } from '../../src/github/index.ts';
import { openRemoteRepository } from '../../src/gitops/git/repository.ts';
import { aFleet, fleet, type Fleet } from '../github/fleet.ts';
import { temporaryFolder } from '../gitops/temporary-repository.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function clientOf({ github, app }: Fleet, isThrottled = false): GitHubApp {
  return makeGitHubApp({ appId: app.id, privateKey: app.privateKey, baseUrl: github.apiUrl, isThrottled, log: silent });
}

test('an App finds the repositories of all its installations', async () => {
  const world = await aFleet();
  const { github, app } = world;
  const beta = github.organization('beta', [world.ana]);
  const repositories = [];
  for (let number = 1; number <= 3; number += 1) {
    repositories.push(await github.repository({ owner: beta, name: `fleet-${number}`, files: { 'a.yaml': 'a: 1\n' } }));
  }
  github.install(app, beta, { repositories });

  const found = await clientOf(world).repositories();

  expect(found.map(({ owner, name, isPrivate }) => `${owner}/${name} ${isPrivate ? 'private' : 'public'}`)).toEqual([
    'acme/fleet private',
    'beta/fleet-1 public',
    'beta/fleet-2 public',
    'beta/fleet-3 public',
  ]);
  expect(await clientOf(world).login()).toBe('flyball[bot]');
});

test('git reads a private repository with a token for that one alone', async () => {
  const world = await aFleet();
  const other = await world.github.repository({
    owner: world.acme,
    name: 'other',
    isPrivate: true,
    files: { 'a.yaml': 'a: 1\n' },
  });
  const client = clientOf(world);
  const [found] = await client.repositories();
  const authorization = await client.readAuthorization({ installationId: world.installation.id, name: fleet.repo });
  const cacheDirectory = await temporaryFolder();
  const open = (url: string) =>
    openRemoteRepository({ url, name: 'acme/fleet', authorization, ref: undefined, cacheDirectory });

  const snapshot = await open(found?.cloneUrl ?? '');

  expect(snapshot.files.map(({ path: file }) => file)).toContain('apps/clip.yaml');
  await expect(open((found?.cloneUrl ?? '').replace(fleet.repo, other.name))).rejects.toThrow(/could not be fetched/);
  expect(path.basename(snapshot.gitDirectory)).toMatch(/^[0-9a-f]{32}\.git$/);
});

test('what GitHub refuses for a moment is asked again', async () => {
  const world = await aFleet();
  world.github.fail({ route: 'GET /app/installations', times: 2, fault: { kind: 'status', status: 502 } });

  expect(await clientOf(world).repositories()).toHaveLength(1);
}, 20_000);

test('a secondary limit is waited for', async () => {
  const world = await aFleet();
  world.github.fail({
    route: 'GET /repos/{owner}/{repo}',
    times: 1,
    fault: { kind: 'secondary-rate-limit', status: 403, retryAfterSeconds: 1 },
  });

  const { data } = await clientOf(world, true).installation(world.installation.id).rest.repos.get(fleet);

  expect(data.name).toBe(fleet.repo);
}, 20_000);

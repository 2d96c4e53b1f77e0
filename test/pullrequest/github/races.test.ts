import { expect, test } from 'vitest';
import { makeGitHubApp } from '../../../src/github/index.ts';
import { keepDashboard, readDecisions, recordDecision } from '../../../src/pullrequest/index.ts';
import { type World, aWorld, outcomes, publish, repositoryOf, scale } from './world.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The client that the App runs with: it sends failed requests again. */
function patient(world: World) {
  const { github, app, installation } = world;
  const options = { appId: app.id, privateKey: app.privateKey, baseUrl: github.apiUrl, isThrottled: false, log: quiet };
  return { ...repositoryOf(world), octokit: makeGitHubApp(options).installation(installation.id) };
}

test('two runs at once open one pull request, and the next one finds nothing to do', async () => {
  const world = await aWorld();
  await Promise.allSettled([publish(world, [scale('clip', 3)]), publish(world, [scale('clip', 3)])]);
  await publish(world, [scale('clip', 3)]);
  expect(world.github.pulls(world.repository)).toHaveLength(1);
  expect(outcomes(await publish(world, [scale('clip', 3)]))).toEqual(['unchanged']);
});

test('what a person decides while a scan writes is kept', async () => {
  const world = await aWorld();
  await publish(world, [scale('clip', 3)]);
  const result = await publish(world, [scale('clip', 2)], {
    diff: async () => {
      await recordDecision(repositoryOf(world), 1, { kind: 'hold', by: 'ana', at: world.clock.now });
      return '';
    },
  });
  expect(outcomes(result)).toEqual(['updated']);
  expect(readDecisions(world.github.pulls(world.repository)[0]?.body ?? '')).toMatchObject([{ kind: 'hold' }]);
});

test.each(['POST /repos/{owner}/{repo}/pulls', 'POST /repos/{owner}/{repo}/git/refs'])(
  'a client that sends %s again after a lost answer doubles nothing',
  { timeout: 30_000 },
  async (route) => {
    const world = await aWorld();
    world.github.fail({ route, fault: { kind: 'dropped-answer' } });
    const result = await publish(world, [scale('clip', 3)], { repository: patient(world) });
    expect(outcomes(result)).toEqual(['created']);
    expect(world.github.pulls(world.repository)).toHaveLength(1);
  },
);

test('a client that sends failed requests again does not double issues and comments', { timeout: 30_000 }, async () => {
  const world = await aWorld();
  await publish(world, [scale('clip', 3)]);
  const fault = { kind: 'dropped-answer' } as const;
  world.github.fail({ route: 'POST /repos/{owner}/{repo}/issues', fault });
  world.github.fail({ route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments', fault });
  const content = { outcomes: [], heldBack: [], problems: [], asOf: world.clock.now, commit: '' };

  await expect(keepDashboard(patient(world), content)).rejects.toThrow(/HTTP 500/);
  await expect(publish(world, [], { repository: patient(world) })).rejects.toThrow(/HTTP 500/);

  expect(await keepDashboard(patient(world), content)).toEqual({ kind: 'unchanged', number: 2 });
  expect(await publish(world, [], { repository: patient(world) })).toMatchObject({ closed: [{ number: 1 }] });
  expect(world.github.comments(world.repository, 1)).toHaveLength(1);
});

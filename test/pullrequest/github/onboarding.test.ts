import { expect, test } from 'vitest';
import { defaultRepositoryConfig, parseRepositoryConfig, starterRepositoryConfig } from '../../../src/config/index.ts';
import type { Proposal } from '../../../src/domain/index.ts';
import { ensureOnboarding } from '../../../src/pullrequest/index.ts';
import { hostileText } from '../../builders.ts';
import { fleet } from '../../github/fleet.ts';
import { aHostileProposal } from '../worlds.ts';
import { type World, aWorld, readText, repositoryOf, scale, writes } from './world.ts';

const path = '.github/flyball.yml';

async function onboard(world: World, proposals: readonly Proposal[] = []) {
  const { data } = await world.anasOctokit.rest.git.getRef({ ...fleet, ref: 'heads/main' });
  const base = { branch: 'main', commit: data.object.sha };
  const file = { path, text: starterRepositoryConfig };
  const { kind } = await ensureOnboarding({ repository: repositoryOf(world), base, file, proposals });
  return kind;
}

test('one pull request asks, is over when it is merged, and shows what a first scan would propose', async () => {
  const world = await aWorld();
  expect(await onboard(world, [scale('clip', 3), aHostileProposal(hostileText)])).toBe('opened');
  const mark = world.github.requests.length;
  expect(await onboard(world, [scale('clip', 3)])).toBe('waiting');
  expect(writes(world, mark)).toEqual([]);
  expect(world.github.pulls(world.repository)[0]?.body).toContain('a month');

  await world.anasOctokit.rest.pulls.merge({ ...fleet, pull_number: 1 });

  expect(await onboard(world)).toBe('over');
  expect(await readText(world, path, 'main')).toBe(starterRepositoryConfig);
});

test('closed without a merge, it stays silent', async () => {
  const world = await aWorld();
  await onboard(world);
  await world.anasOctokit.rest.pulls.update({ ...fleet, pull_number: 1, state: 'closed' });
  expect([await onboard(world), await onboard(world)]).toEqual(['silent', 'silent']);
  expect(world.github.pulls(world.repository)).toHaveLength(1);
});

test('nothing is asked of a repository that has a configuration', async () => {
  const world = await aWorld();
  await world.github.push(world.repository, { by: world.ana, files: { [path]: 'ignore: []\n' } });
  expect(await onboard(world)).toBe('over');
  expect(world.github.pulls(world.repository)).toEqual([]);
});

test('a lost answer makes no second pull request', async () => {
  const world = await aWorld();
  world.github.fail({ route: 'POST /graphql', fault: { kind: 'dropped-answer' } });
  await onboard(world).catch(() => undefined);
  world.github.fail({ route: 'POST /repos/{owner}/{repo}/pulls', fault: { kind: 'dropped-answer' } });
  await onboard(world).catch(() => undefined);
  await onboard(world);
  expect(world.github.pulls(world.repository)).toHaveLength(1);
});

test('the file that is written sets nothing, and is valid with every line in use', () => {
  expect(parseRepositoryConfig({ path, text: starterRepositoryConfig })).toEqual({
    config: defaultRepositoryConfig,
    problems: [],
  });
  const used = starterRepositoryConfig.replaceAll(/^# (?=[a-zA-Z]+:$| )/gm, '');
  const { config, problems } = parseRepositoryConfig({ path, text: used });
  expect(problems).toEqual([]);
  expect(config.policies).toEqual(['clusters/prod/policies']);
  expect(Object.keys(config.guards)).toHaveLength(3);
  expect(config.pullRequests).toMatchObject({ newPerDayMax: 3, labels: ['team/platform'], reviewers: ['ana'] });
});

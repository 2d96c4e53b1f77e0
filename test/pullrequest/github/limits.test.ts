import { expect, test } from 'vitest';
import { aSaving, dollars, hostileText } from '../../builders.ts';
import { aHostileProposal } from '../worlds.ts';
import { aWorld, branchOf, outcomes, passDays, publish, repositoryOf, scale } from './world.ts';

const saves = (amount: number) => ({ saving: aSaving({ likely: dollars(amount) }) });
const apps = ['clip', 'whisper', 'llama'];
const limits = { openPullRequestsMax: 1, newPullRequestsPerDayMax: 20 };

test('what saves most comes first, and what is over the limit is told', async () => {
  const world = await aWorld(apps);
  const wanted = [scale('clip', 3, saves(10)), scale('whisper', 3, saves(500)), scale('llama', 3, saves(200))];

  const result = await publish(world, wanted, { limits });

  expect(result.outcomes.map(({ proposal, outcome }) => [proposal.workload.name, outcome])).toEqual([
    ['whisper', 'created'],
    ['llama', 'limited'],
    ['clip', 'limited'],
  ]);
  expect(result.outcomes[1]?.detail).toBe('1 pull requests are open');
});

test('a pull request that closes frees its place in the same scan', async () => {
  const world = await aWorld(apps);
  await publish(world, [scale('clip', 3)], { limits });
  expect(outcomes(await publish(world, [scale('whisper', 3)], { limits }))).toEqual(['created']);
});

test('what a person asks for is opened over the limits', async () => {
  const world = await aWorld(apps);
  const openNow = new Set([branchOf(scale('clip', 3))]);
  const none = { openPullRequestsMax: 0, newPullRequestsPerDayMax: 0 };
  const result = await publish(world, [scale('clip', 3), scale('whisper', 3)], { limits: none, openNow });
  expect(outcomes(result).toSorted()).toEqual(['created', 'limited']);
});

test('only so many are opened within a day', async () => {
  const world = await aWorld(apps);
  const perDay = { openPullRequestsMax: 20, newPullRequestsPerDayMax: 1 };
  const wanted = [scale('clip', 3), scale('whisper', 3)];
  expect(outcomes(await publish(world, wanted, { limits: perDay })).toSorted()).toEqual(['created', 'limited']);
  expect(outcomes(await publish(world, wanted, { limits: perDay })).toSorted()).toEqual(['limited', 'unchanged']);
  passDays(world, 1);
  expect(outcomes(await publish(world, wanted, { limits: perDay })).toSorted()).toEqual(['created', 'unchanged']);
});

test('a pull request that nobody touched for 14 days, or that adds cost, takes no place', async () => {
  const world = await aWorld(apps);
  await publish(world, [scale('clip', 3)], { limits });
  passDays(world, 15);
  const more = [scale('clip', 3), scale('whisper', 9, { action: 'scale-up', ...saves(-100) }), scale('llama', 3)];
  expect(outcomes(await publish(world, more, { limits })).toSorted()).toEqual(['created', 'created', 'unchanged']);
});

test('an unsure proposal is a draft; reviewers are asked, and one that GitHub does not take is a problem', async () => {
  const world = await aWorld();
  const result = await publish(world, [scale('clip', 3, { confidenceRatio: 0.2 })], {
    draftBelowConfidenceRatio: 0.5,
    reviewers: { users: ['ana', 'nobody'], teams: [] },
    labels: ['team/vision'],
  });
  const [pull] = world.github.pulls(world.repository);
  expect(pull?.pull).toMatchObject({ isDraft: true, requestedReviewers: [{ login: 'ana' }] });
  expect(pull?.labels.map(({ name }) => name)).toContain('team/vision');
  expect(result.problems).toMatchObject([{ code: 'REVIEWER_NOT_REQUESTED' }]);
});

test('the state is read from more than 1,000 pull requests', { timeout: 60_000 }, async () => {
  const world = await aWorld();
  await publish(world, [scale('clip', 3)]);
  await world.github.seedPulls(world.repository, { count: 1050, author: world.ana });
  const mark = world.github.requests.length;

  expect(outcomes(await publish(world, [scale('clip', 3)]))).toEqual(['unchanged']);
  const asked = world.github.requests.slice(mark).filter(({ actor }) => actor.startsWith('installation'));
  expect(asked.length).toBeLessThan(20);
});

test('hostile names change nothing but their own text', async () => {
  const world = await aWorld();
  const [change] = scale('clip', 3).changes;
  const proposal = { ...aHostileProposal(hostileText), changes: [change] as const };
  const result = await publish(world, [proposal]);
  expect(outcomes(result)).toEqual(['created']);
  expect(outcomes(await publish(world, [proposal]))).toEqual(['unchanged']);
  expect(world.github.pulls(world.repository)[0]?.pull?.head.ref).toBe(branchOf(proposal));
});

test.each([
  'POST /repos/{owner}/{repo}/git/refs',
  'POST /graphql',
  'POST /repos/{owner}/{repo}/pulls',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
])('a lost answer to %s doubles nothing: the next run completes', async (route) => {
  const world = await aWorld();
  world.github.fail({ route, fault: { kind: 'dropped-answer' } });
  await publish(world, [scale('clip', 3)]).catch(() => undefined);

  await publish(world, [scale('clip', 3)]);

  const pulls = world.github.pulls(world.repository);
  expect(pulls).toHaveLength(1);
  expect(pulls[0]?.labels.map(({ name }) => name)).toContain('flyball');
  expect(outcomes(await publish(world, [scale('clip', 3)]))).toEqual(['unchanged']);
  const { data } = await repositoryOf(world).octokit.rest.repos.listBranches({ owner: 'acme', repo: 'fleet' });
  expect(data.map(({ name }) => name)).toEqual([branchOf(scale('clip', 3)), 'main']);
});

test.each([
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}',
])('a lost answer to %s while closing says the reason once', async (route) => {
  const world = await aWorld();
  await publish(world, [scale('clip', 3)]);
  world.github.fail({ route, fault: { kind: 'dropped-answer' } });
  await publish(world, []).catch(() => undefined);

  await publish(world, []);

  expect(world.github.comments(world.repository, 1)).toHaveLength(1);
  expect(world.github.pulls(world.repository)[0]?.state).toBe('closed');
  const { data } = await repositoryOf(world).octokit.rest.repos.listBranches({ owner: 'acme', repo: 'fleet' });
  expect(data.map(({ name }) => name)).toEqual(['main']);
});

test('an outage in the middle is an error that says where, and the next run completes', async () => {
  const world = await aWorld();
  const fault = { kind: 'status', status: 502 } as const;
  world.github.fail({ route: 'POST /repos/{owner}/{repo}/pulls', fault });
  await expect(publish(world, [scale('clip', 3)])).rejects.toThrow(/acme\/fleet \(HTTP 502\)/);
  expect(outcomes(await publish(world, [scale('clip', 3)]))).toEqual(['created']);
});

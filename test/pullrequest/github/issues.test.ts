import { expect, test } from 'vitest';
import type { Problem } from '../../../src/domain/index.ts';
import {
  type DashboardContent,
  keepConfigIssue,
  keepDashboard,
  readCheckedBoxes,
} from '../../../src/pullrequest/index.ts';
import { hostileText } from '../../builders.ts';
import { fleet } from '../../github/fleet.ts';
import { aHostileProposal } from '../worlds.ts';
import { type World, aWorld, branchOf, passDays, publish, repositoryOf, scale, writes } from './world.ts';

const commit = '0'.repeat(40);
const problem: Problem = {
  code: 'CONFIG_INVALID',
  severity: 'error',
  place: { kind: 'file', path: '.github/flyball.yml', line: 3, column: 5 },
  message: 'guards.openProposalsMax is "many", expected a number.',
  remedy: 'Write a number.',
  excerpt: 'openProposalsMax: many\n                  ^',
};

async function show(world: World, over: Partial<DashboardContent> = {}) {
  const content = { outcomes: [], heldBack: [], problems: [], asOf: world.clock.now, commit, ...over };
  return keepDashboard(repositoryOf(world), content);
}

const bodyOf = (world: World, number = 1): string => world.repository.issues.get(number)?.body ?? '';

test('the dashboard lists what is open and what is held back, with boxes, and is written only when it differs', async () => {
  const world = await aWorld();
  const limits = { openPullRequestsMax: 1, newPullRequestsPerDayMax: 9 };
  const { outcomes } = await publish(world, [scale('clip', 3), scale('whisper', 3)], { limits });

  expect(await show(world, { outcomes, problems: [problem] })).toEqual({ kind: 'created', number: 2 });
  const mark = world.github.requests.length;
  passDays(world, 1);
  expect(await show(world, { outcomes, problems: [problem] })).toEqual({ kind: 'unchanged', number: 2 });

  expect(writes(world, mark)).toEqual([]);
  expect(bodyOf(world, 2)).toContain('### Open (1)\n\n- [ ] <!-- flyball:rebase flyball/');
  expect(bodyOf(world, 2)).toContain('### Over the limit (1)\n\n- [ ] <!-- flyball:open-now flyball/');
  expect(bodyOf(world, 2)).toContain('### Problems (1)');
  expect(await show(world)).toEqual({ kind: 'updated', number: 2 });
});

test('checked boxes are read, and nothing else', async () => {
  const world = await aWorld();
  const odd = scale('clip--a', 3);
  const outcome = { proposal: odd, branch: branchOf(odd), outcome: 'limited', pull: undefined, detail: 'x' } as const;
  await show(world, { outcomes: [outcome] });
  expect(readCheckedBoxes(bodyOf(world))).toEqual({ rescan: false, branches: [] });

  const checked = bodyOf(world).replaceAll('- [ ]', '- [x]').replaceAll('\n', '\r\n');

  expect(checked).not.toMatch(/<!--(?:(?!-->)[\s\S])*--(?!>)/);
  expect(readCheckedBoxes(checked)).toEqual({
    rescan: true,
    branches: [{ action: 'open-now', branch: branchOf(odd) }],
  });
  expect(readCheckedBoxes('text - [x] <!-- flyball:rescan -->\n- [x] <!-- flyball:rebase main -->')).toEqual({
    rescan: false,
    branches: [],
  });
});

test('an older scan leaves the dashboard of a newer one', async () => {
  const world = await aWorld();
  const asOf = world.clock.now;
  passDays(world, 1);
  await show(world);
  expect(await show(world, { asOf, problems: [problem] })).toEqual({ kind: 'newer', number: 1 });
});

test('a dashboard that a person closed stays closed', async () => {
  const world = await aWorld();
  await show(world);
  await world.anasOctokit.rest.issues.update({ ...fleet, issue_number: 1, state: 'closed' });
  expect(await show(world, { problems: [problem] })).toEqual({ kind: 'left-closed', number: 1 });
});

test("a person's issue with the marker is not the dashboard", async () => {
  const world = await aWorld();
  const body = 'Mine\n\n<!-- flyball:dashboard {"asOf":9999999999999} -->';
  await world.anasOctokit.rest.issues.create({ ...fleet, title: 'Flyball dashboard', body });
  expect(await show(world)).toEqual({ kind: 'created', number: 2 });
});

test('thousands of hostile lines fit into a body, every list is there, and what is left out is counted', async () => {
  const world = await aWorld();
  const proposal = aHostileProposal(hostileText);
  const one = {
    proposal,
    branch: branchOf(proposal),
    outcome: 'limited',
    pull: undefined,
    detail: hostileText,
  } as const;
  const outcomes = Array.from({ length: 3000 }, () => one);
  const problems = Array.from({ length: 3000 }, () => ({ ...problem, message: hostileText }));
  expect(await show(world, { outcomes, problems })).toMatchObject({ kind: 'created' });
  expect(bodyOf(world).length).toBeLessThan(65_536);
  expect(bodyOf(world)).toContain('### Problems (3000)');
  expect(bodyOf(world)).toMatch(/- and 2\d{3} more/);
});

test('what is wrong in the configuration is one issue, which closes when it is corrected and opens when it is not', async () => {
  const world = await aWorld();
  const keep = async (problems: readonly Problem[]) =>
    keepConfigIssue(repositoryOf(world), { problems, asOf: world.clock.now, commit });

  expect(await keep([])).toEqual({ kind: 'none', number: undefined });
  expect(await keep([problem])).toEqual({ kind: 'created', number: 1 });
  expect(await keep([problem])).toEqual({ kind: 'unchanged', number: 1 });
  expect(bodyOf(world)).toContain('`.github/flyball.yml:3:5`');
  expect(await keep([])).toEqual({ kind: 'closed', number: 1 });
  expect(await keep([problem])).toEqual({ kind: 'updated', number: 1 });
  expect(world.repository.issues.get(1)?.state).toBe('open');
});

test('a lost answer makes no second issue', async () => {
  const world = await aWorld();
  world.github.fail({ route: 'POST /repos/{owner}/{repo}/issues', fault: { kind: 'dropped-answer' } });
  await show(world).catch(() => undefined);
  expect(await show(world)).toEqual({ kind: 'unchanged', number: 1 });
});

test('thousands of configuration problems fit into an issue', async () => {
  const world = await aWorld();
  const problems = Array.from({ length: 2000 }, () => ({ ...problem, message: '&'.repeat(2000), remedy: hostileText }));
  const scan = { problems, asOf: world.clock.now, commit };
  expect(await keepConfigIssue(repositoryOf(world), scan)).toMatchObject({ kind: 'created' });
  expect(bodyOf(world)).toContain('And 1960 more.');
});

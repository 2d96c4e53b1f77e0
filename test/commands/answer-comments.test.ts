import { expect, test } from 'vitest';
import { answerComments, commandHelp, type CommandFacts } from '../../src/commands/index.ts';
import { epochMs } from '../../src/domain/index.ts';
import { listOwnPulls } from '../../src/pullrequest/index.ts';
import { fleet, personOctokit } from '../github/fleet.ts';
import {
  aWorld,
  branchOf,
  outcomes,
  passDays,
  publish,
  repositoryOf,
  scale,
  type World,
} from '../pullrequest/github/world.ts';

const clipTo3 = scale('clip', 3);

const facts: CommandFacts = {
  status: 'The scan looked at 2 workloads.',
  explain: (branch) =>
    branch === branchOf(clipTo3) ? ['@everyone <b>its busiest hours</b> need 1.8 of 6 GPUs'] : undefined,
  cost: () => '$1,763 in 30 days',
  why: (name) => [`${name}: right-sized`],
};

async function anOpenPull(): Promise<World> {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  return world;
}

async function comment(world: World, body: string, octokit = world.anasOctokit): Promise<number> {
  passDays(world, 0.01);
  return (await octokit.rest.issues.createComment({ ...fleet, issue_number: 1, body })).data.id;
}

async function answer(world: World): ReturnType<typeof answerComments> {
  return answerComments({ repository: repositoryOf(world), facts, now: epochMs(world.clock.now) });
}

/** What Flyball wrote, without its markers. */
async function replies(world: World): Promise<readonly string[]> {
  const { data } = await world.anasOctokit.rest.issues.listComments({ ...fleet, issue_number: 1, per_page: 100 });
  return data.filter(({ user }) => user?.login === 'flyball[bot]').map(({ body = '' }) => body);
}

async function reactions(world: World, id: number): Promise<readonly string[]> {
  const { data } = await world.anasOctokit.rest.reactions.listForIssueComment({ ...fleet, comment_id: id });
  return data.map(({ content }) => content);
}

async function decisions(world: World): Promise<readonly string[]> {
  const [pull] = await listOwnPulls(repositoryOf(world));
  return pull?.decisions.map(({ kind, by }) => `${kind} by ${by}`) ?? [];
}

test('a command is carried out once, with reactions and one reply', async () => {
  const world = await anOpenPull();
  const id = await comment(world, 'Not this week.\n/flyball snooze 14d a launch');

  expect((await answer(world)).answered).toBe(1);
  expect((await answer(world)).answered).toBe(0);

  expect(await decisions(world)).toEqual(['snooze by ana']);
  expect(await reactions(world, id)).toEqual(['eyes', '+1']);
  expect(await replies(world)).toEqual([expect.stringContaining('`/flyball snooze`\n\nDone;')]);
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['snoozed']);
});

test('several commands of a comment get one reply, questions with what the scan knows, escaped', async () => {
  const world = await anOpenPull();
  await comment(world, '/flyball explain\n/flyball cost\n/flyball why llama\n/flyball status\n/flyball help');
  await answer(world);
  const [reply = '', ...others] = await replies(world);

  expect(others).toEqual([]);
  expect(reply).toContain('$1,763 in 30 days');
  expect(reply).toContain('llama: right-sized');
  expect(reply).toContain('The scan looked at 2 workloads.');
  expect(reply).not.toMatch(/(?<!`)@everyone|(?<!`)<b>/);
  for (const { name } of commandHelp) expect(reply).toContain(`/flyball ${name}`);
});

test('unknown words get the nearest command, and what is not understood changes nothing', async () => {
  const world = await anOpenPull();
  const id = await comment(world, '/flyball snoze 14d\n/flyball snooze until 2020-01-01\n/flyball undo');
  await answer(world);

  expect(await decisions(world)).toEqual([]);
  expect(await reactions(world, id)).toEqual(['eyes', 'confused']);
  const [reply = ''] = await replies(world);
  expect(reply).toContain('did you mean /flyball snooze?');
  expect(reply).toContain('That day is over.');
  expect(reply).toContain('does not carry it out yet');
});

test('people who may not write are refused once, with the reason', async () => {
  const world = await anOpenPull();
  const outsider = world.github.user('mallory');
  world.repository.collaborators.set('mallory', 'read');
  await comment(world, '/flyball ignore\n/flyball help', personOctokit(world.github, outsider));
  await answer(world);
  await answer(world);

  expect(await decisions(world)).toEqual([]);
  const [reply = '', ...others] = await replies(world);
  expect(others).toEqual([]);
  expect(reply).toContain('Only people who may write to this repository can ask for it.');
  expect(reply).toContain('/flyball pause');
});

test('quoted lines, code, edited comments, bots and other pull requests are no commands', async () => {
  const world = await anOpenPull();
  await comment(world, '> /flyball hold\n\n```\n/flyball hold\n```\n\n    /flyball hold');
  const edited = await comment(world, 'hello');
  passDays(world, 0.01);
  await world.anasOctokit.rest.issues.updateComment({ ...fleet, comment_id: edited, body: '/flyball hold' });
  await comment(world, '/flyball hold', repositoryOf(world).octokit);
  const { data: issue } = await world.anasOctokit.rest.issues.create({ ...fleet, title: 'Talk' });
  await world.anasOctokit.rest.issues.createComment({ ...fleet, issue_number: issue.number, body: '/flyball hold' });

  expect((await answer(world)).answered).toBe(0);
  expect(await decisions(world)).toEqual([]);
});

test('of a comment with 500 commands ten are carried out, and the rest is said', async () => {
  const world = await anOpenPull();
  await comment(world, `${'/flyball hold\n'.repeat(500)}${'x'.repeat(50_000)}`);
  await answer(world);

  expect((await replies(world))[0]).toContain('490 more commands of the comment were left out');
  expect(await decisions(world)).toEqual(['hold by ana']);
});

test('a run that ends before its reply is completed by the next, and decides nothing twice', async () => {
  const world = await anOpenPull();
  await comment(world, '/flyball pause');
  world.github.fail({
    route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    times: 1,
    fault: { kind: 'status', status: 502 },
  });
  await expect(answer(world)).rejects.toMatchObject({ problem: { code: 'GITHUB_REQUEST_FAILED' } });
  await answer(world);

  expect(await decisions(world)).toEqual(['pause by ana']);
  expect(await replies(world)).toHaveLength(1);
});

test('rebase asks for a branch made anew', async () => {
  const world = await anOpenPull();
  await comment(world, '/flyball rebase');

  expect([...(await answer(world)).rebase]).toEqual([branchOf(clipTo3)]);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decision, dayMs, epochMs } from '../../../src/domain/index.ts';
import { readDecisions, recordDecision, withDecisions } from '../../../src/pullrequest/index.ts';
import { asOf, hostileText } from '../../builders.ts';
import { fleet } from '../../github/fleet.ts';
import { type World, aWorld, outcomes, passDays, publish, repositoryOf, scale } from './world.ts';

const clipTo3 = scale('clip', 3);
const later = epochMs(asOf + 10 * dayMs);

async function say(world: World, decision: object, number = 1): Promise<void> {
  passDays(world, 0.01);
  const said = { by: 'ana', at: world.clock.now, ...decision } as Decision;
  expect(await recordDecision(repositoryOf(world), number, said)).toBe(true);
}

async function anOpenPull(): Promise<World> {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  return world;
}

test('hold leaves a pull request as it is, even when nobody proposes it, and unhold ends that', async () => {
  const world = await anOpenPull();
  await say(world, { kind: 'hold' });
  expect(outcomes(await publish(world, [scale('clip', 2)]))).toEqual(['held']);
  expect(await publish(world, [])).toMatchObject({ closed: [], leftAlone: [{ detail: 'held by ana' }] });
  await say(world, { kind: 'unhold' });
  expect(outcomes(await publish(world, [scale('clip', 2)]))).toEqual(['updated']);
});

test('pause keeps every action of a workload from being proposed, until resume', async () => {
  const world = await anOpenPull();
  await say(world, { kind: 'pause' });
  const up = scale('clip', 9, { action: 'scale-up' });
  expect(outcomes(await publish(world, [clipTo3, up]))).toEqual(['paused', 'paused']);
  await say(world, { kind: 'resume' });
  expect(outcomes(await publish(world, [clipTo3, up])).toSorted()).toEqual(['created', 'unchanged']);
});

test('snooze closes a pull request, and another one is opened afterwards', async () => {
  const world = await anOpenPull();
  await say(world, { kind: 'snooze', until: later, reason: 'a launch' });
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['snoozed']);
  expect(world.github.pulls(world.repository)[0]?.state).toBe('closed');
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['snoozed']);
  passDays(world, 11);
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['created']);
});

test('ignore closes a pull request for good, and unignore takes it back', async () => {
  const world = await anOpenPull();
  await say(world, { kind: 'ignore', until: undefined, reason: undefined });
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['ignored']);
  passDays(world, 400);
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['ignored']);
  await say(world, { kind: 'unignore' });
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['created']);
});

test('unignore takes back that a person closed it', async () => {
  const world = await anOpenPull();
  await world.anasOctokit.rest.pulls.update({ ...fleet, pull_number: 1, state: 'closed' });
  await say(world, { kind: 'unignore' });
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['created']);
});

test('a value that a person set is proposed, or why it cannot be is told', async () => {
  const world = await anOpenPull();
  await say(world, { kind: 'set', lever: 'replicas', value: 4 });
  const asked: unknown[] = [];
  const result = await publish(world, [clipTo3], {
    withValues: (_, values) => {
      asked.push(...values);
      return { kind: 'proposal', proposal: scale('clip', 4) };
    },
  });
  expect(outcomes(result)).toEqual(['updated']);
  expect(asked).toEqual([{ lever: 'replicas', value: 4 }]);
  const refused = await publish(world, [clipTo3], { withValues: () => ({ kind: 'refused', detail: 'below 1' }) });
  expect(refused.outcomes).toMatchObject([{ outcome: 'refused', detail: 'below 1' }]);
});

test('decisions outlive an update of the text, and the same one twice is one', async () => {
  const world = await anOpenPull();
  const decision = { kind: 'feedback', verdict: 'wrong', reason: hostileText, by: 'ana', at: asOf } as const;
  await recordDecision(repositoryOf(world), 1, decision);
  await recordDecision(repositoryOf(world), 1, decision);
  await publish(world, [scale('clip', 2)]);
  expect(readDecisions(world.github.pulls(world.repository)[0]?.body ?? '')).toHaveLength(1);
});

test("decisions and markers in a person's pull request count for nothing", async () => {
  const world = await anOpenPull();
  const { body } = world.github.pulls(world.repository)[0] ?? {};
  await world.github.push(world.repository, { by: world.ana, branch: 'flyball/mine', files: { 'a.yaml': 'a: 1' } });
  const forged = withDecisions(body ?? '', [{ kind: 'pause', by: 'ana', at: asOf }]);
  const pull = { ...fleet, title: 'Mine', head: 'flyball/mine', base: 'main', body: forged };
  await world.anasOctokit.rest.pulls.create(pull);

  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['unchanged']);
  expect(await recordDecision(repositoryOf(world), 2, { kind: 'hold', by: 'ana', at: asOf })).toBe(false);
});

test('what is written is read back, whatever the reason says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 150 }), fc.boolean(), (reason, isWindows) => {
      const body = withDecisions('Text\n\n<!-- flyball:proposal {} -->\n', [
        { kind: 'ignore', until: undefined, reason: reason.trim(), by: 'ana', at: asOf },
      ]);
      const [decision] = readDecisions(isWindows ? body.replaceAll('\n', '\r\n') : body);
      expect(decision?.kind).toBe('ignore');
      expect(body.split('\n')).toHaveLength(5);
    }),
  );
});

test('many decisions leave room for the text: the oldest go first', () => {
  const many = Array.from({ length: 500 }, (_, index) => ({
    kind: 'ignore' as const,
    until: undefined,
    reason: '\u20ac'.repeat(300),
    by: 'ana',
    at: epochMs(asOf + index),
  }));
  const body = withDecisions('Text', many);
  expect(body.length).toBeLessThan(4200);
  expect(readDecisions(body).at(-1)?.at).toBe(asOf + 499);
});

test('a marker that is quoted in the text is text', () => {
  const quoted = '<!-- flyball:decisions [{"kind":"pause","by":"eve","at":1}] -->';
  expect(readDecisions(`${quoted}\n\nText\n\n<!-- flyball:proposal {} -->`)).toEqual([]);
  expect(readDecisions(`> ${quoted}`)).toEqual([]);
  expect(readDecisions('<!-- flyball:decisions [{"kind":"toString","by":"eve","at":1}, null, 3] -->')).toEqual([]);
});

import { expect, test } from 'vitest';
import { aSaving, dollars } from '../../builders.ts';
import { fleet } from '../../github/fleet.ts';
import { aWorld, branchOf, manifest, outcomes, passDays, publish, readText, scale, writes } from './world.ts';

const clipTo3 = scale('clip', 3);
const whisperTo4 = scale('whisper', 4);

test('a proposal is a pull request with one signed commit that changes one value', async () => {
  const world = await aWorld();

  const result = await publish(world, [clipTo3]);

  expect(outcomes(result)).toEqual(['created']);
  const [pull] = world.github.pulls(world.repository);
  expect(pull).toMatchObject({ state: 'open', author: { login: 'flyball[bot]' } });
  expect(pull?.labels.map(({ name }) => name)).toEqual(['flyball', 'cost/decrease', 'risk/low']);
  expect(await readText(world, 'apps/clip.yaml', branchOf(clipTo3))).toBe(manifest('clip', 3));
  const { data: commits } = await world.anasOctokit.rest.pulls.listCommits({ ...fleet, pull_number: 1 });
  expect(commits).toHaveLength(1);
  expect(commits[0]?.commit.verification?.verified).toBe(true);
  const { data: branches } = await world.anasOctokit.rest.repos.listBranches(fleet);
  expect(branches.map(({ name }) => name)).toEqual([branchOf(clipTo3), 'main']);
});

test('the same facts write nothing, even when the base moved on', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3, whisperTo4]);
  await world.github.push(world.repository, { by: world.ana, files: { 'README.md': '# Fleet' } });
  const mark = world.github.requests.length;

  const first = await publish(world, [clipTo3, whisperTo4]);
  const second = await publish(world, [clipTo3, whisperTo4]);

  expect([...outcomes(first), ...outcomes(second)]).toEqual(Array.from({ length: 4 }, () => 'unchanged'));
  expect(writes(world, mark).filter((route) => !route.startsWith('git '))).toEqual([]);
});

test('new figures for the same change are a new text on the same commit', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  const before = world.github.pulls(world.repository)[0]?.pull?.head.sha;

  const result = await publish(world, [clipTo3], { data: 'd2' });

  expect(outcomes(result)).toEqual(['updated']);
  expect(world.github.pulls(world.repository)[0]?.pull?.head.sha).toBe(before);
  expect(outcomes(await publish(world, [clipTo3], { data: 'd2' }))).toEqual(['unchanged']);
});

test('another value rebuilds the branch as one commit on the new base', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  await world.github.push(world.repository, { by: world.ana, files: { 'README.md': '# Fleet' } });

  const result = await publish(world, [scale('clip', 2)]);

  expect(outcomes(result)).toEqual(['updated']);
  expect(world.github.pulls(world.repository)).toHaveLength(1);
  expect(await readText(world, 'apps/clip.yaml', branchOf(clipTo3))).toBe(manifest('clip', 2));
  const { data: commits } = await world.anasOctokit.rest.pulls.listCommits({ ...fleet, pull_number: 1 });
  expect(commits).toHaveLength(1);
  expect(outcomes(await publish(world, [scale('clip', 2)]))).toEqual(['unchanged']);
});

test('a conflict with the base rebuilds the branch', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  const text = manifest('clip').replace('team vision', 'team sound').replace('spec:', 'spec: # of a pod');
  await world.github.push(world.repository, { by: world.ana, files: { 'apps/clip.yaml': text } });
  const start = text.indexOf('replicas: ') + 'replicas: '.length;
  const [change] = clipTo3.changes;
  const moved = { ...clipTo3, changes: [{ ...change, field: { ...change.field, start, end: start + 1 } }] as const };

  const results = [await publish(world, [moved]), await publish(world, [moved]), await publish(world, [moved])];

  // GitHub looks for conflicts only when it is asked.
  expect(results.map((result) => outcomes(result)[0])).toEqual(['unchanged', 'updated', 'unchanged']);
  expect(await readText(world, 'apps/clip.yaml', branchOf(clipTo3))).toBe(text.replace('replicas: 6', 'replicas: 3'));
});

test('a change that nobody proposes any more is closed with one comment, and its branch removed', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3, whisperTo4]);

  const result = await publish(world, [whisperTo4]);

  const { number } = result.closed[0] ?? { number: 0 };
  expect(result.closed).toMatchObject([{ branch: branchOf(clipTo3) }]);
  expect(world.github.pulls(world.repository).find((pull) => pull.number === number)?.state).toBe('closed');
  expect(world.github.comments(world.repository, number)).toHaveLength(1);
  const { data: branches } = await world.anasOctokit.rest.repos.listBranches(fleet);
  expect(branches.map(({ name }) => name)).not.toContain(branchOf(clipTo3));
  expect(outcomes(await publish(world, [clipTo3, whisperTo4])).toSorted()).toEqual(['created', 'unchanged']);
});

test('a pull request closes itself when the base already has the value', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  await world.github.push(world.repository, { by: world.ana, files: { 'apps/clip.yaml': manifest('clip', 3) } });

  const result = await publish(world, [clipTo3]);

  expect(outcomes(result)).toEqual(['no-change']);
  expect(world.github.pulls(world.repository)[0]?.state).toBe('closed');
  expect(world.github.comments(world.repository, 1)[0]?.body).toContain('Already there');
});

test('no diff, no pull request', async () => {
  const world = await aWorld();
  expect(outcomes(await publish(world, [scale('clip', 6)]))).toEqual(['no-change']);
  expect(world.github.pulls(world.repository)).toEqual([]);
});

test("a person's commit on the branch survives every scan, and is told once by a label", async () => {
  const world = await aWorld();
  await publish(world, [clipTo3, whisperTo4]);
  const branch = branchOf(clipTo3);
  await world.github.push(world.repository, {
    by: world.ana,
    branch,
    files: { 'apps/clip.yaml': manifest('clip', 5) },
  });

  const results = [
    await publish(world, [scale('clip', 2), whisperTo4]),
    await publish(world, [scale('clip', 2), whisperTo4]),
  ];
  const mark = world.github.requests.length;
  const vanished = await publish(world, [whisperTo4]);

  expect(results.map((result) => outcomes(result).toSorted())).toEqual([
    ['edited', 'unchanged'],
    ['edited', 'unchanged'],
  ]);
  expect(vanished.leftAlone).toMatchObject([{ branch, detail: 'a person pushed to it' }]);
  expect(writes(world, mark)).toEqual([]);
  expect(await readText(world, 'apps/clip.yaml', branch)).toBe(manifest('clip', 5));
});

test('a commit that is pushed while the scan writes is not lost', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  const branch = branchOf(clipTo3);
  const by = world.ana;

  const result = await publish(world, [scale('clip', 2)], {
    diff: async () => {
      await world.github.push(world.repository, { by, branch, files: { 'apps/clip.yaml': manifest('clip', 5) } });
      return '';
    },
  });

  expect(outcomes(result)).toEqual(['edited']);
  expect(await readText(world, 'apps/clip.yaml', branch)).toBe(manifest('clip', 5));
  const { data: branches } = await world.anasOctokit.rest.repos.listBranches(fleet);
  expect(branches.map(({ name }) => name)).toEqual([branch, 'main']);
});

test('closed stays closed, until the change and its saving are other ones', async () => {
  const world = await aWorld();
  const saving = (likely: number) => aSaving({ likely: dollars(likely) });
  await publish(world, [scale('clip', 3, { saving: saving(1000) })]);
  await world.anasOctokit.rest.pulls.update({ ...fleet, pull_number: 1, state: 'closed' });
  passDays(world, 1);

  const same = await publish(world, [scale('clip', 3, { saving: saving(3000) })]);
  const alike = await publish(world, [scale('clip', 2, { saving: saving(1240) })]);
  const other = await publish(world, [scale('clip', 1, { saving: saving(1260) })]);

  expect([same, alike, other].map((result) => outcomes(result)[0])).toEqual(['declined', 'declined', 'created']);
});

test('what a person opens again is live again', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  await world.anasOctokit.rest.pulls.update({ ...fleet, pull_number: 1, state: 'closed' });
  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['declined']);
  await world.anasOctokit.rest.pulls.update({ ...fleet, pull_number: 1, state: 'open' });

  expect(outcomes(await publish(world, [scale('clip', 2)]))).toEqual(['updated']);
});

test('merged is done, and is not proposed again when the merge is taken back', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  await world.anasOctokit.rest.pulls.merge({ ...fleet, pull_number: 1 });
  expect(await publish(world, [])).toMatchObject({ merged: [{ number: 1 }], closed: [] });
  await world.github.push(world.repository, { by: world.ana, files: { 'apps/clip.yaml': manifest('clip') } });

  expect(outcomes(await publish(world, [clipTo3]))).toEqual(['declined']);
});

test('a scan that is older than what is written leaves it', async () => {
  const world = await aWorld();
  const old = world.clock.now;
  passDays(world, 1);
  await publish(world, [clipTo3]);

  expect(outcomes(await publish(world, [scale('clip', 2)], { asOf: old }))).toEqual(['newer']);
  expect(await publish(world, [], { asOf: old })).toMatchObject({ closed: [], leftAlone: [{ number: 1 }] });
});

test('a branch is made anew on the new base when a person asks', async () => {
  const world = await aWorld();
  await publish(world, [clipTo3]);
  const { github, repository, ana } = world;
  const base = await github.push(repository, { by: ana, files: { 'README.md': '# Fleet' } });

  const result = await publish(world, [clipTo3], { rebase: new Set([branchOf(clipTo3)]) });

  expect(outcomes(result)).toEqual(['updated']);
  const head = github.pulls(repository)[0]?.pull?.head.sha ?? '';
  const { data } = await world.anasOctokit.rest.repos.getCommit({ ...fleet, ref: head });
  expect(data.parents.map(({ sha }) => sha)).toEqual([base]);
});

test("a person's branch of that name without a pull request is left alone", async () => {
  const world = await aWorld();
  const branch = branchOf(clipTo3);
  await world.github.push(world.repository, {
    by: world.ana,
    branch,
    files: { 'apps/clip.yaml': manifest('clip', 5) },
  });

  const result = await publish(world, [clipTo3]);

  expect(outcomes(result)).toEqual(['edited']);
  expect(world.github.pulls(world.repository)).toEqual([]);
  expect(await readText(world, 'apps/clip.yaml', branch)).toBe(manifest('clip', 5));
});

test('an edit that is not proven opens nothing, and closes what is open', async () => {
  const world = await aWorld();
  const refused = { prove: async () => ({ kind: 'refused', detail: 'it would move spec.paused' }) as const };
  expect(outcomes(await publish(world, [clipTo3], refused))).toEqual(['refused']);
  expect(world.github.pulls(world.repository)).toEqual([]);
  await publish(world, [clipTo3]);

  expect(outcomes(await publish(world, [scale('clip', 2)], refused))).toEqual(['refused']);
  expect(world.github.pulls(world.repository)[0]?.state).toBe('closed');
  expect(world.github.comments(world.repository, 1)[0]?.body).toContain('it would move spec.paused');
});

test('a change in a shared file leaves the rest of the file as it is on the base', async () => {
  const world = await aWorld();
  const text = `${manifest('clip')}# the end\r\n`;
  await world.github.push(world.repository, { by: world.ana, files: { 'apps/clip.yaml': text } });
  await publish(world, [clipTo3]);
  expect(await readText(world, 'apps/clip.yaml', branchOf(clipTo3))).toBe(text.replace('replicas: 6', 'replicas: 3'));
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { aFleet as onGitHub, fleet, personOctokit, type Fleet } from '../github/fleet.ts';
import { growPaths } from '../check/example-change.ts';
import { examples, scratchFolder } from '../scan/fleet.ts';
import { exampleFiles, flyballOnGitHub } from './example-on-github.ts';

const rules = (more = ''): Readonly<Record<string, string>> => ({
  '.github/flyball.yml': `check:\n  reviewAboveMonthlyUsd: 1000\n  budgetOwners: [finn]\n${more}`,
});

function original(file: string): string {
  return readFileSync(path.join(examples, 'gitops', file), 'utf8');
}

/** Two more servers, twice as many replicas, and rules of its own that nobody must believe. */
function growth(): Readonly<Record<string, string>> {
  return {
    [growPaths.captions]: original(growPaths.captions).replace('"value": 4', '"value": 6'),
    [growPaths.clip]: original(growPaths.clip).replace('replicas: 6 ', 'replicas: 10 '),
    '.github/flyball.yml': 'check: { enabled: false }\nignore: ["*/*/*/*"]\n',
  };
}

/** A repository whose owners agreed, and finn, who watches its budget. */
async function aBudgetedFleet(more = ''): Promise<Fleet> {
  const world = await onGitHub({ files: exampleFiles(rules(more)) });
  world.github.user('finn');
  world.repository.collaborators.set('finn', 'write');
  return world;
}

async function propose(world: Fleet, files: Readonly<Record<string, string>>, branch = 'grow'): Promise<number> {
  await world.github.push(world.repository, { by: world.ana, branch, files });
  const { data } = await world.anasOctokit.rest.pulls.create({ ...fleet, title: 'Grow', head: branch, base: 'main' });
  return data.number;
}

function checkRuns({ repository }: Fleet) {
  return [...repository.checkRuns.values()];
}

async function commentsOf({ anasOctokit }: Fleet, pull: number): Promise<readonly string[]> {
  const { data } = await anasOctokit.rest.issues.listComments({ ...fleet, issue_number: pull });
  return data.map(({ body = '' }) => body);
}

async function suggestionsOf({ anasOctokit }: Fleet, pull: number) {
  return (await anasOctokit.rest.pulls.listReviewComments({ ...fleet, pull_number: pull })).data;
}

function writes({ github }: Fleet, from: number): readonly (string | undefined)[] {
  return github.requests
    .slice(from)
    .filter(({ method, route = '' }) => method !== 'GET' && !/access_tokens|\bgit\b|upload-pack/.test(route))
    .map(({ route }) => route);
}

describe('the check of a pull request on GitHub', () => {
  let folder: string;
  beforeEach(() => {
    folder = scratchFolder();
  });
  const check = (world: Fleet, pull: number, ...more: readonly string[]) =>
    flyballOnGitHub(world, folder, 'check', '--pull', String(pull), ...more);

  test('says what it costs in a check run, a comment and suggestions, asks the budget’s owners, and once', async () => {
    const world = await aBudgetedFleet();
    const pull = await propose(world, growth());
    const { exitCode, stdout } = await check(world, pull);
    const [run] = checkRuns(world);
    const comments = await commentsOf(world, pull);
    const suggestions = await suggestionsOf(world, pull);
    const { data: asked } = await world.anasOctokit.rest.pulls.listRequestedReviewers({ ...fleet, pull_number: pull });

    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('check run created, comment created')]);
    expect(run).toMatchObject({
      name: 'Flyball cost',
      status: 'completed',
      conclusion: 'failure',
      externalId: String(pull),
    });
    expect(run?.title).toMatch(/^This change adds \$[\d,]+ a month/);
    expect(run?.annotations.map(({ path: file }) => file).toSorted()).toEqual(
      [growPaths.captions, growPaths.clip].toSorted(),
    );
    expect(comments.length).toBe(1);
    expect(comments[0]).toContain('| `multimodal/caption-server` in `prod-us` |');
    expect(comments[0]).toContain('multimodal-gpu-cost-cap');
    expect(asked.users.map(({ login }) => login)).toEqual(['finn']);
    expect(suggestions.length).toBeGreaterThan(0);
    for (const { path: file, line, body } of suggestions) {
      const [, text = ''] = /^```suggestion\n(.*)\n```$/m.exec(body) ?? [];
      const lines = (growth()[file] ?? '').split('\n');
      expect(text).not.toBe(lines[(line ?? 0) - 1]);
      expect(text.replaceAll(/\d/g, '')).toBe((lines[(line ?? 0) - 1] ?? '').replaceAll(/\d/g, ''));
    }

    const before = world.github.requests.length;
    const again = await check(world, pull);
    expect(again.stdout).toContain('check run unchanged, comment unchanged, suggestions 0');
    expect(writes(world, before)).toEqual([]);
  }, 240_000);

  test('follows new commits, in the same comment, down to nothing that is worth a word', async () => {
    const world = await aBudgetedFleet();
    const pull = await propose(world, growth());
    await check(world, pull);
    const back = Object.fromEntries([growPaths.captions, growPaths.clip].map((file) => [file, original(file)]));
    await world.github.push(world.repository, { by: world.ana, branch: 'grow', files: back });
    await check(world, pull);
    const comments = await commentsOf(world, pull);

    expect(comments.length).toBe(1);
    expect(comments[0]).toMatch(/^\*\*This change does not touch what GPU workloads cost\.\*\*\n/);
    expect(checkRuns(world).map(({ conclusion }) => conclusion)).toEqual(['failure', 'neutral']);
  }, 240_000);

  test('tells a fork what public prices say, and nothing of bills, use, budgets, owners or regions', async () => {
    const world = await aBudgetedFleet();
    const bo = world.github.user('bo');
    world.repository.collaborators.set('bo', 'read');
    const fork = await world.github.fork(world.repository, bo);
    await world.github.push(fork, { by: bo, branch: 'grow', files: growth() });
    const { data: made } = await personOctokit(world.github, bo).rest.pulls.create({
      ...fleet,
      title: 'From outside',
      head: 'bo:grow',
      base: 'main',
    });
    const { exitCode, stdout } = await check(world, made.number);
    const [comment = ''] = await commentsOf(world, made.number);
    const [run] = checkRuns(world);
    const said = [comment, run?.title, run?.summary, JSON.stringify(run?.annotations)].join('\n');

    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('comment created')]);
    expect(comment).toContain('Public list prices only');
    expect(run?.conclusion).toBe('neutral');
    expect(said).not.toMatch(/in `prod-us`|cost-cap|on the bill|finn|threshold|busy|node-hours|NodePool/);
    expect(await suggestionsOf(world, made.number)).toEqual([]);
  }, 240_000);

  test.each([
    ['a pull request of Flyball', '', 'it is a pull request of Flyball'],
    ['a repository that does not want it', '  enabled: false\n', 'check.enabled: false'],
  ])(
    'leaves %s alone',
    async (what, more, said) => {
      const world = await aBudgetedFleet(more);
      const branch = 'flyball/clip-server/scale';
      await world.github.push(world.repository, { by: world.ana, branch, files: growth() });
      const author = what.endsWith('of Flyball') ? world.octokit : world.anasOctokit;
      const { data } = await author.rest.pulls.create({ ...fleet, title: 'Grow', head: branch, base: 'main' });
      const { exitCode, stdout } = await check(world, data.number);

      expect([exitCode, stdout]).toEqual([0, expect.stringContaining(said)]);
      expect([checkRuns(world).length, (await commentsOf(world, data.number)).length]).toEqual([0, 0]);
    },
    120_000,
  );

  test('goes by the rules of the branch that it is for: errors in them leave it unchecked, and it says so', async () => {
    const world = await aBudgetedFleet('  nonsense: 1\n');
    const pull = await propose(world, growth());
    const { exitCode, stderr } = await check(world, pull);

    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('CONFIG_INVALID')]);
    expect(checkRuns(world).map(({ conclusion, title }) => [conclusion, title])).toEqual([
      ['neutral', 'Not checked: the configuration has errors'],
    ]);
    expect(await commentsOf(world, pull)).toEqual([]);
  }, 120_000);

  test('writes nothing when new commits came while it was reckoned', async () => {
    const world = await aBudgetedFleet();
    const pull = await propose(world, growth());
    let isPushed = false;
    const watch = setInterval(() => {
      const isReading = world.github.requests.some(({ route = '' }) => route.includes('/compare/'));
      if (!isReading || isPushed) return;
      isPushed = true;
      void world.github.push(world.repository, { by: world.ana, branch: 'grow', files: { 'README.md': 'more\n' } });
    }, 5);
    const { stdout } = await check(world, pull).finally(() => clearInterval(watch));

    expect(isPushed).toBe(true);
    expect(stdout).toContain('nothing written: the pull request has other commits by now');
    expect([checkRuns(world).length, (await commentsOf(world, pull)).length]).toEqual([0, 0]);
  }, 120_000);
});

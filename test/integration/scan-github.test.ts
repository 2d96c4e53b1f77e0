import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { aFleet as onGitHub, fleet, personOctokit, type Fleet } from '../github/fleet.ts';
import { asOf, examples, flyball, scratchFolder } from '../scan/fleet.ts';
import { agreed, exampleFiles, flyballOnGitHub, useEnvironment } from './example-on-github.ts';

/** Runs as the App, with the example's bills and metrics. */
function scan(world: Fleet, folder: string, ...more: readonly string[]): ReturnType<typeof flyballOnGitHub> {
  return flyballOnGitHub(world, folder, 'scan', ...more);
}

async function openPulls({ anasOctokit }: Fleet) {
  return (await anasOctokit.rest.pulls.list({ ...fleet, state: 'open', per_page: 100 })).data;
}

describe('a scan of a repository on GitHub', () => {
  let folder: string;
  beforeEach(() => {
    folder = scratchFolder();
  });

  test('asks its owners first, and opens nothing else until they agree', async () => {
    const world = await onGitHub({ files: exampleFiles() });
    const first = await scan(world, folder);
    const [pull, ...others] = await openPulls(world);

    expect(first.stdout).toContain('onboarding opened');
    expect([pull?.title, others.length]).toEqual(['Configure Flyball', 0]);
    expect(pull?.body).toContain('A first scan would propose:');

    await world.anasOctokit.rest.pulls.merge({ ...fleet, pull_number: pull?.number ?? 0 });
    const second = await scan(world, folder);
    const opened = await openPulls(world);

    expect(second.stdout).toContain('created');
    expect(opened.length).toBeGreaterThan(2);
    expect(opened.every(({ user }) => user?.login === 'flyball[bot]')).toBe(true);
  }, 120_000);

  test('opens a pull request with one commit a proposal and a dashboard, and writes nothing the second time', async () => {
    const world = await onGitHub({ files: exampleFiles(agreed) });
    await scan(world, folder);
    const opened = await openPulls(world);
    const [first] = opened;
    const { data: commits } = await world.anasOctokit.rest.pulls.listCommits({
      ...fleet,
      pull_number: first?.number ?? 0,
    });
    const { data: changed } = await world.anasOctokit.rest.pulls.listFiles({
      ...fleet,
      pull_number: first?.number ?? 0,
    });
    const { data: issues } = await world.anasOctokit.rest.issues.listForRepo({ ...fleet, state: 'open' });
    const before = world.github.requests.length;
    const again = await scan(world, folder);
    const writes = world.github.requests
      .slice(before)
      .filter(
        ({ method, route = '' }) => method !== 'GET' && !route.includes('access_tokens') && !route.includes('graphql'),
      );

    expect(opened.length).toBeGreaterThan(2);
    expect([commits.length, changed.length]).toEqual([1, 1]);
    expect(changed[0]).toMatchObject({ additions: 1, deletions: 1 });
    expect(issues.filter(({ pull_request: pull }) => pull === undefined).map(({ title }) => title)).toEqual([
      'Flyball dashboard',
    ]);
    expect(again.stdout).not.toMatch(/ {2}(?:created|updated|closed) /);
    expect(writes.filter(({ route = '' }) => !/git\b|upload-pack/.test(route)).map(({ route }) => route)).toEqual([]);
  }, 120_000);

  test('closes what a person merged in another way, and declines what a person closed', async () => {
    const world = await onGitHub({ files: exampleFiles(agreed) });
    await scan(world, folder);
    const [merged, declined] = await openPulls(world);
    await world.anasOctokit.rest.pulls.merge({ ...fleet, pull_number: merged?.number ?? 0 });
    await world.anasOctokit.rest.pulls.update({ ...fleet, pull_number: declined?.number ?? 0, state: 'closed' });
    const after = await scan(world, folder);
    const numbers = (await openPulls(world)).map(({ number }) => number);

    expect(after.stdout).toContain('declined');
    expect(numbers).not.toContain(merged?.number);
    expect(numbers).not.toContain(declined?.number);
  }, 120_000);

  test('does what people ask in comments and by the boxes of the dashboard', async () => {
    const world = await onGitHub({ files: exampleFiles(agreed) });
    await scan(world, folder);
    const [pull] = await openPulls(world);
    const number = pull?.number ?? 0;
    await world.anasOctokit.rest.issues.createComment({
      ...fleet,
      issue_number: number,
      body: '/flyball ignore it is planned\n/flyball explain',
    });
    const ignored = await scan(world, folder);
    const { data: comments } = await world.anasOctokit.rest.issues.listComments({ ...fleet, issue_number: number });
    const { data: issues } = await world.anasOctokit.rest.issues.listForRepo({ ...fleet, state: 'open' });
    const dashboard = issues.find(({ title }) => title === 'Flyball dashboard');
    const asked = (dashboard?.body ?? '').replace(/- \[ \] (?=<!-- flyball:reopen )/, '- [x] ');
    await world.anasOctokit.rest.issues.update({ ...fleet, issue_number: dashboard?.number ?? 0, body: asked });
    const reopened = await scan(world, folder);

    expect(ignored.stdout).toContain('ignored');
    expect(comments.map(({ body = '' }) => body).join('\n')).toMatch(/Done;[^]*Likely saving -?\$/);
    expect(asked).toContain('- [x] <!-- flyball:reopen ');
    expect(reopened.stdout).not.toContain('ignored');
    // Ten were opened today already.
    expect(reopened.stdout).toMatch(/ {2}limited +flyball\//);
  }, 180_000);

  test('with a broken configuration touches no pull request, and says in an issue what to correct', async () => {
    const world = await onGitHub({ files: exampleFiles(agreed) });
    await scan(world, folder);
    const before = (await openPulls(world)).length;
    await world.github.push(world.repository, {
      by: world.ana,
      branch: 'main',
      files: { '.github/flyball.yml': 'ignore: 7\n' },
    });
    const broken = await scan(world, folder);
    const { data: issues } = await world.anasOctokit.rest.issues.listForRepo({ ...fleet, state: 'open' });

    expect(broken.stdout).toContain('nothing was opened, changed or closed: .github/flyball.yml has errors');
    expect((await openPulls(world)).length).toBe(before);
    expect(issues.map(({ title }) => title)).toContain('Flyball: the configuration needs a correction');
  }, 120_000);

  test('while a source gives no answer touches nothing', async () => {
    const world = await onGitHub({ files: exampleFiles(agreed) });
    await scan(world, folder);
    const config = path.join(folder, 'flyball.yml');
    const before = world.github.requests.length;
    writeFileSync(
      path.join(folder, 'gone.yml'),
      readFileSync(config, 'utf8').replace('metrics:', 'metrics:\n  - { kind: prometheus, url: "http://127.0.0.1:1" }'),
    );
    const { stdout, exitCode } = await flyball(
      folder,
      'scan',
      '--github',
      'acme/fleet',
      '--config',
      path.join(folder, 'gone.yml'),
      '--out',
      path.join(folder, 'out'),
      '--as-of',
      asOf,
    );

    expect(exitCode).toBe(3);
    expect(stdout).toContain('a source of bills or metrics gives no answer');
    expect(
      world.github.requests
        .slice(before)
        .filter(({ method, route = '' }) => method === 'POST' && route.includes('pulls')),
    ).toEqual([]);
  }, 120_000);

  test('a dry run writes nothing', async () => {
    const world = await onGitHub({ files: exampleFiles(agreed) });
    const { exitCode } = await scan(world, folder, '--dry-run');

    expect(exitCode).toBe(0);
    expect(await openPulls(world)).toEqual([]);
  }, 60_000);

  test('with a person’s token writes as that person', async () => {
    const world = await onGitHub({ files: exampleFiles(agreed) });
    const token = world.ana.token ?? '';
    useEnvironment({ GITHUB_TOKEN: token, GITHUB_API_URL: world.github.apiUrl });
    const config = path.join(folder, 'flyball.yml');
    writeFileSync(config, `billing: [{ path: ${examples}/billing }]\nmetrics: [{ path: ${examples}/metrics }]\n`);
    const options = ['--config', config, '--out', path.join(folder, 'out'), '--as-of', asOf];
    const { stdout } = await flyball(folder, 'scan', '--github', 'acme/fleet', ...options);
    const { data } = await personOctokit(world.github, world.ana).rest.users.getAuthenticated();

    expect(stdout).toContain('created');
    expect(new Set((await openPulls(world)).map(({ user }) => user?.login))).toEqual(new Set([data.login]));
    expect(stdout).not.toContain(token);
  }, 120_000);

  test.each([
    ['no credentials', {}, 'CONFIG_INVALID', 'nothing to sign in'],
    ['a wrong token', { GITHUB_TOKEN: 'nonsense' }, 'GITHUB_REQUEST_FAILED', 'HTTP 401'],
  ])('with %s ends with what to do', async (_, environment, code, message) => {
    const world = await onGitHub();
    useEnvironment({ GITHUB_API_URL: world.github.apiUrl, ...environment });
    const { exitCode, stderr } = await flyball(folder, 'scan', '--github', 'acme/fleet');

    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(code);
    expect(stderr).toContain(message);
  });
});

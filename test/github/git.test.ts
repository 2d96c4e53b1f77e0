import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Fleet, aFleet, aPull, appOctokit, clipPath, fleet } from './fleet.ts';
import { runGit } from './git/run-git.ts';
import type { Permissions } from './index.ts';

async function aToken({ github, app, installation }: Fleet, permissions: Permissions = { contents: 'write' }) {
  const create = appOctokit(github, app).rest.apps.createInstallationAccessToken;
  return (await create({ installation_id: installation.id, permissions })).data.token;
}

/** What a client of git needs to show its token, and to sign its commits. */
function withToken(url: string, token: string): Record<string, string> {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${url}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
    GIT_AUTHOR_NAME: 'flyball[bot]',
    GIT_AUTHOR_EMAIL: 'flyball@example.com',
    GIT_COMMITTER_NAME: 'flyball[bot]',
    GIT_COMMITTER_EMAIL: 'flyball@example.com',
  };
}

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flyball-clone-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function clone({ github }: Fleet, token: string, ...options: readonly string[]): Promise<string> {
  const folder = await aFolder();
  const env = withToken(github.url, token);
  await runGit(folder, ['clone', '--quiet', ...options, `${github.url}/acme/fleet.git`, 'work'], { env });
  return path.join(folder, 'work');
}

test('a clone with a token has the files, and a push moves the branch, the pull request and the webhooks', async () => {
  const fleetOf = await aFleet();
  const { github, app, octokit, repository } = fleetOf;
  const number = await aPull(fleetOf);
  const token = await aToken(fleetOf);
  const env = withToken(github.url, token);
  const work = await clone(fleetOf, token, '--branch=flyball/clip');
  const told = github.webhooks(app).deliveries.length;

  expect(await readFile(path.join(work, clipPath), 'utf8')).toBe('replicas: 4\n');
  await writeFile(path.join(work, clipPath), 'replicas: 2\n');
  await runGit(work, ['commit', '--quiet', '--all', '--message=Scale further'], { env });
  await runGit(work, ['push', '--quiet', 'origin', 'HEAD'], { env });
  const head = await runGit(work, ['rev-parse', 'HEAD']);
  const { data: pull } = await octokit.rest.pulls.get({ ...fleet, pull_number: number });
  const { data: commit } = await octokit.rest.repos.getCommit({ ...fleet, ref: head });

  expect(pull).toMatchObject({ head: { sha: head }, commits: 2 });
  expect(commit.commit.verification).toMatchObject({ verified: false });
  expect(
    github
      .webhooks(app)
      .deliveries.slice(told)
      .map(({ event, action }) => `${event} ${action ?? ''}`.trim()),
  ).toEqual(['push', 'pull_request synchronize', 'check_suite requested']);
  expect(github.requests.filter(({ route }) => route === 'git push').map(({ status }) => status)).toEqual([200, 200]);
  expect(repository.pushedAt).toBeGreaterThan(0);
});

test('a push of several megabytes arrives whole', async () => {
  const fleetOf = await aFleet();
  const token = await aToken(fleetOf);
  const env = withToken(fleetOf.github.url, token);
  const work = await clone(fleetOf, token);
  const { randomBytes } = await import('node:crypto');
  const content = randomBytes(3_000_000);

  await writeFile(path.join(work, 'large.bin'), content);
  await runGit(work, ['add', 'large.bin'], { env });
  await runGit(work, ['commit', '--quiet', '--message=Large'], { env });
  await runGit(work, ['push', '--quiet', 'origin', 'HEAD:refs/heads/large'], { env });
  const { data } = await fleetOf.octokit.rest.repos.getContent({ ...fleet, path: 'large.bin', ref: 'large' });

  expect(data).toMatchObject({ size: 3_000_000, encoding: 'none' });
});

test('a partial clone fetches what it lacks', async () => {
  const fleetOf = await aFleet();
  const token = await aToken(fleetOf, { contents: 'read' });
  const work = await clone(fleetOf, token, '--depth=1', '--filter=blob:none', '--no-checkout');

  const text = await runGit(work, ['show', `HEAD:${clipPath}`], { env: withToken(fleetOf.github.url, token) });

  expect(text).toBe('replicas: 6');
});

test('a push without permission, a clone without a good token, and a repository out of reach are refused', async () => {
  let now = Date.now();
  const fleetOf = await aFleet({ clock: () => now });
  const { github, acme } = fleetOf;
  await github.repository({ owner: acme, name: 'secret', isPrivate: true });
  const reader = await aToken(fleetOf, { contents: 'read' });
  const work = await clone(fleetOf, reader);
  const folder = await aFolder();
  const list = async (name: string, token: string) =>
    runGit(folder, ['ls-remote', `${github.url}/acme/${name}.git`], { env: withToken(github.url, token) });

  await expect(
    runGit(work, ['push', '--quiet', 'origin', 'HEAD:refs/heads/x'], { env: withToken(github.url, reader) }),
  ).rejects.toThrow(/403/);
  await expect(list('secret', reader)).rejects.toThrow(/not found/);
  await expect(list('fleet', 'ghs_wrong')).rejects.toThrow(/could not read Username|Authentication failed/);
  now += 3_600_000;
  await expect(list('fleet', reader)).rejects.toThrow(/could not read Username|Authentication failed/);
});

test('a push whose answer is lost has moved the branch all the same', async () => {
  const fleetOf = await aFleet();
  const { github, octokit } = fleetOf;
  const token = await aToken(fleetOf);
  const env = withToken(github.url, token);
  const work = await clone(fleetOf, token);
  // The first request of a push asks what there is; the second brings the pack.
  github.fail({ route: 'git push', after: 1, fault: { kind: 'dropped-answer' } });

  await expect(runGit(work, ['push', '--quiet', 'origin', 'HEAD:refs/heads/lost'], { env })).rejects.toThrow(
    /git push/,
  );
  const { data } = await octokit.rest.git.getRef({ ...fleet, ref: 'heads/lost' });
  const [, pack] = github.requests.filter(({ route }) => route === 'git push');

  expect(data.object.sha).toBe(await runGit(work, ['rev-parse', 'HEAD']));
  expect(pack?.status).toBeUndefined();
});

test('a push of a workflow needs the permission for workflows', async () => {
  const fleetOf = await aFleet({ permissions: { contents: 'write', workflows: 'write' } });
  const { github } = fleetOf;
  const [without, allowed] = [await aToken(fleetOf), await aToken(fleetOf, { contents: 'write', workflows: 'write' })];
  const work = await clone(fleetOf, without);
  await mkdir(path.join(work, '.github', 'workflows'), { recursive: true });
  await writeFile(path.join(work, '.github', 'workflows', 'ci.yml'), 'on: push\n');
  await runGit(work, ['add', '.'], { env: withToken(github.url, without) });
  await runGit(work, ['commit', '--quiet', '--message=Run'], { env: withToken(github.url, without) });
  const push = async (token: string) =>
    runGit(work, ['push', '--quiet', 'origin', 'HEAD:refs/heads/ci'], { env: withToken(github.url, token) });

  await expect(push(without)).rejects.toThrow(/without workflows permission/);
  await push(allowed);
});

test('a push that is not fast forward is rejected, and nobody is told', async () => {
  const fleetOf = await aFleet();
  const { github, ana, app, repository } = fleetOf;
  const token = await aToken(fleetOf);
  const env = withToken(github.url, token);
  const work = await clone(fleetOf, token);
  await github.push(repository, { by: ana, files: { 'other.txt': 'x' } });
  const told = github.webhooks(app).deliveries.length;

  await runGit(work, ['commit', '--quiet', '--allow-empty', '--message=Late'], { env });

  await expect(runGit(work, ['push', '--quiet', 'origin', 'HEAD:main'], { env })).rejects.toThrow(/rejected/);
  expect(github.webhooks(app).deliveries).toHaveLength(told);
});

import { ProbotOctokit } from 'probot';
import { expect, test } from 'vitest';
import { type Fleet, aBranch, aFleet, appOctokit, fleet } from './fleet.ts';

/** Octokit with the plug-ins for retries and limits that Probot gives an App. */
async function patientOctokit({ github, app, installation }: Fleet) {
  const create = appOctokit(github, app).rest.apps.createInstallationAccessToken;
  const { data } = await create({ installation_id: installation.id });
  const retry = { retryAfterBaseValue: 10 };
  return new ProbotOctokit({ baseUrl: github.apiUrl, auth: { token: data.token }, retry });
}

test('every answer says what is left, and after the last request comes 403 until the hour is over', async () => {
  let now = Date.now();
  const { anasOctokit } = await aFleet({ requestsPerHour: 2, clock: () => now });
  const { repos, rateLimit } = anasOctokit.rest;

  const first = await repos.get(fleet);
  await repos.get(fleet);
  const { data } = await rateLimit.get();

  expect(first.headers).toMatchObject({
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '1',
    'x-ratelimit-used': '1',
  });
  expect(data.resources.core).toMatchObject({ limit: 2, remaining: 0 });
  await expect(repos.get(fleet)).rejects.toMatchObject({
    status: 403,
    message: /API rate limit exceeded/,
    response: { headers: { 'x-ratelimit-remaining': '0' } },
  });
  now += 3_600_000;
  expect((await repos.get(fleet)).headers['x-ratelimit-remaining']).toBe('1');
});

test('a test can use up what is left', async () => {
  const { github, installation, octokit } = await aFleet();
  await octokit.rest.repos.get(fleet);

  github.rateLimits.setRemaining(`installation:${installation.id}`, 0);

  await expect(octokit.rest.repos.get(fleet)).rejects.toMatchObject({
    status: 403,
    message: new RegExp(`API rate limit exceeded for installation ID ${installation.id}`),
  });
});

test.each([403, 429] as const)('a secondary limit says with %i how long to wait, and Octokit waits', async (status) => {
  const fleetOf = await aFleet();
  const octokit = await patientOctokit(fleetOf);
  const route = 'GET /repos/{owner}/{repo}';
  fleetOf.github.fail({ route, fault: { kind: 'secondary-rate-limit', status, retryAfterSeconds: 1 } });
  const started = performance.now();

  const { data } = await octokit.rest.repos.get(fleet);

  expect(data.name).toBe('fleet');
  expect(performance.now() - started).toBeGreaterThan(900);
  expect(fleetOf.github.requests.filter((one) => one.route === route).map((one) => one.status)).toEqual([status, 200]);
});

test('a server that fails twice is asked a third time', async () => {
  const fleetOf = await aFleet();
  const octokit = await patientOctokit(fleetOf);
  fleetOf.github.fail({ route: 'GET /repos/{owner}/{repo}', times: 2, fault: { kind: 'status', status: 502 } });

  expect((await octokit.rest.repos.get(fleet)).status).toBe(200);
  expect(fleetOf.github.unusedFaults()).toEqual([]);
});

test('an answer that is lost on the way leaves what was done: the second try finds it', async () => {
  const fleetOf = await aFleet();
  const { github, repository, octokit } = fleetOf;
  await aBranch(fleetOf, 'flyball/clip');
  const route = 'POST /repos/{owner}/{repo}/pulls';
  const wanted = { ...fleet, title: 'Scale clip', head: 'flyball/clip', base: 'main' };
  github.fail({ route, fault: { kind: 'dropped-answer' } });
  github.fail({ route, after: 5, fault: { kind: 'dropped-request' } });

  await expect(octokit.rest.pulls.create(wanted)).rejects.toThrow(/fetch failed|other side closed|socket/i);
  expect(github.pulls(repository)).toHaveLength(1);
  await expect(octokit.rest.pulls.create(wanted)).rejects.toMatchObject({ status: 422 });
  expect(github.unusedFaults()).toMatchObject([{ fault: { kind: 'dropped-request' } }]);
});

test('a delay only takes its time', async () => {
  const { github, octokit } = await aFleet();
  github.fail({ route: '*', after: 1, fault: { kind: 'delay', delayMs: 300 } });
  const started = performance.now();

  await octokit.rest.repos.get(fleet);

  expect(performance.now() - started).toBeGreaterThan(290);
});

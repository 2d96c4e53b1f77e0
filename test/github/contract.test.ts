import { expect, test } from 'vitest';
import { responseProblems, webhookProblems } from './contract/contract.ts';
import { matchOperation } from './contract/description.ts';
import { aFleet, fleet, octokitOf } from './fleet.ts';
import { startGitHub } from './index.ts';

test('a route that GitHub has not is 404, and fails the test', async () => {
  const { github, octokit } = await aFleet();

  await expect(octokit.request('GET /repos/acme/fleet/pull')).rejects.toMatchObject({ status: 404 });
  expect(() => github.assertNoViolations()).toThrow(/unknown-route GET \/repos\/acme\/fleet\/pull/);
  expect(() => github.assertNoViolations()).not.toThrow();
});

test('a route that this server has not yet is told apart from one that GitHub has not', async () => {
  const { github, octokit } = await aFleet();

  await expect(octokit.rest.repos.listReleases(fleet)).rejects.toMatchObject({ status: 501 });
  expect(github.takeViolations()).toMatchObject([
    { kind: 'not-implemented', route: 'GET /repos/{owner}/{repo}/releases' },
  ]);
});

test.each([
  ['a property of the wrong type', { title: 'A', body: 7 }, 'body /body must be string'],
  ['a property spelled wrong', { title: 'A', lables: ['x'] }, 'body has no property lables'],
  ['a property missing', { body: 'B' }, "body (whole) must have required property 'title'"],
])('%s in a request is 422, done by nobody, and fails the test', async (_, body, problem) => {
  const { github, repository, octokit } = await aFleet();

  await expect(
    octokit.request('POST /repos/{owner}/{repo}/issues', { ...fleet, ...body } as never),
  ).rejects.toMatchObject({
    status: 422,
  });
  expect(repository.issues.size).toBe(0);
  expect(github.takeViolations()).toEqual([
    { kind: 'request', route: 'POST /repos/{owner}/{repo}/issues', problems: [problem] },
  ]);
});

test.each([
  [
    'a value that is not in the list',
    'state=opened',
    'query parameter state must be equal to one of the allowed values: ["open","closed","all"]',
  ],
  ['a parameter that is not there', 'labels=x', 'no query parameter labels'],
  ['a number that is none', 'page=two', 'query parameter page must be integer'],
])('%s in a query fails the test', async (_, query, problem) => {
  const { github, octokit } = await aFleet();

  await expect(octokit.request(`GET /repos/acme/fleet/pulls?${query}`)).rejects.toMatchObject({ status: 422 });
  expect(github.takeViolations()).toEqual([
    { kind: 'request', route: 'GET /repos/{owner}/{repo}/pulls', problems: [problem] },
  ]);
});

test('an answer of this server that is not as described fails the test', async () => {
  const { github, repository, octokit } = await aFleet();
  await octokit.rest.issues.create({ ...fleet, title: 'Dashboard' });
  Object.assign(repository.issues.get(1) ?? {}, { title: 17 });

  await octokit.rest.issues.get({ ...fleet, issue_number: 1 });

  expect(github.takeViolations()).toEqual([
    {
      kind: 'response',
      route: 'GET /repos/{owner}/{repo}/issues/{issue_number} 200',
      problems: ['/title must be string'],
    },
  ]);
});

test('a server that is closed with violations throws them', async () => {
  const github = await startGitHub();
  await fetch(`${github.apiUrl}/nothing`);

  await expect(github.close()).rejects.toThrow(/unknown-route GET \/nothing/);
});

test('a webhook that is not as described fails the test', async () => {
  const { github, installation } = await aFleet();

  github.deliver(installation, 'issues', { action: 'opened' });

  expect(github.takeViolations()).toMatchObject([{ kind: 'webhook', route: 'issues' }]);
  expect(webhookProblems('issues', { action: 'exploded' })).toEqual(['GitHub has no webhook issues-exploded']);
});

test('a status that is not documented is a problem, and an empty body where there should be one', () => {
  const operation = matchOperation('GET', '/repos/acme/fleet');
  if (operation === undefined) throw new Error('GitHub has the operation');

  expect(responseProblems(operation, { status: 202, body: {} })).toEqual(['status 202 is not documented']);
  expect(responseProblems(operation, { status: 200, body: undefined })).toEqual(['the answer has no body']);
});

test.each([
  ['GET', '/repos/a/b/git/ref/heads/x/y', 'GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: 'heads/x/y' }],
  ['GET', '/repos/a/b/git/ref/heads%2Fx', 'GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: 'heads/x' }],
  ['GET', '/repos/a/b/contents', 'GET /repos/{owner}/{repo}/contents/{path}', { path: '' }],
  ['GET', '/repos/a/b/commits/main/check-runs', 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', { ref: 'main' }],
  ['GET', '/repos/a/b/compare/x...y/z', 'GET /repos/{owner}/{repo}/compare/{basehead}', { basehead: 'x...y/z' }],
])('%s %s is %s', (method, pathname, route, params) => {
  expect(matchOperation(method, pathname)).toMatchObject({ route, params });
});

test('the audit says who asked for what, and how it went', async () => {
  const { github, installation, repository } = await aFleet();
  await octokitOf(github, installation).rest.issues.create({ ...fleet, title: 'Dashboard' });

  expect(github.requests.map(({ actor, route, status }) => ({ actor, route, status }))).toEqual([
    {
      actor: `app:${installation.app.id}`,
      route: 'POST /app/installations/{installation_id}/access_tokens',
      status: 201,
    },
    { actor: `installation:${installation.id}`, route: 'POST /repos/{owner}/{repo}/issues', status: 201 },
  ]);
  expect(repository.issues.size).toBe(1);
});

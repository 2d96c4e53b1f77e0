import { Octokit } from '@octokit/rest';
import { expect, test } from 'vitest';
import { aFleet, aPull, appOctokit, clipPath, fleet, personOctokit, tokenOctokit } from './fleet.ts';

test('a private repository is not there for who may not see it', async () => {
  const { github, acme, octokit } = await aFleet();
  await github.repository({ owner: acme, name: 'secret', isPrivate: true });
  const stranger = personOctokit(github, github.user('stranger'));

  await expect(stranger.rest.repos.get(fleet)).rejects.toMatchObject({ status: 404 });
  await expect(new Octokit({ baseUrl: github.apiUrl }).rest.repos.get(fleet)).rejects.toMatchObject({ status: 404 });
  await expect(octokit.rest.repos.get({ owner: 'acme', repo: 'secret' })).rejects.toMatchObject({ status: 404 });
});

test('a permission that an App has not is named in the refusal', async () => {
  const fleetOf = await aFleet({ permissions: { contents: 'read' } });
  const { rest } = fleetOf.octokit;

  await rest.repos.getContent({ ...fleet, path: clipPath });
  await expect(rest.git.createBlob({ ...fleet, content: 'x' })).rejects.toMatchObject({
    status: 403,
    message: /Resource not accessible by integration/,
    response: { headers: { 'x-accepted-github-permissions': 'contents=write' } },
  });
  await expect(rest.pulls.list(fleet)).rejects.toMatchObject({ status: 403 });
});

test('a public repository without the App can be read, and not written', async () => {
  const { github, octokit } = await aFleet();
  await github.repository({ owner: github.user('bo'), name: 'public', files: { 'a.txt': 'a' } });
  const elsewhere = { owner: 'bo', repo: 'public' };

  await octokit.rest.repos.getContent({ ...elsewhere, path: 'a.txt' });
  await expect(octokit.rest.issues.create({ ...elsewhere, title: 'Hello' })).rejects.toMatchObject({ status: 403 });
});

test.each([
  ['admin', 'admin', 'admin'],
  ['maintain', 'write', 'maintain'],
  ['write', 'write', 'write'],
  ['triage', 'read', 'triage'],
  ['read', 'read', 'read'],
] as const)('a collaborator with the role %s has the permission %s', async (role, permission, roleName) => {
  const { github, repository, octokit } = await aFleet();
  github.user('bo');
  repository.collaborators.set('bo', role);

  const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...fleet, username: 'bo' });

  expect({ permission: data.permission.replace('triage', 'read'), role: data.role_name }).toEqual({
    permission,
    role: roleName,
  });
});

test('a team gives its members its role, and outsiders have none', async () => {
  const { github, acme, repository, octokit } = await aFleet({ permissions: { members: 'read' } });
  github.team(acme, 'vision', [github.user('bo')]);
  github.user('stranger');
  repository.teams.set('vision', 'maintain');
  const level = async (username: string) =>
    (await octokit.rest.repos.getCollaboratorPermissionLevel({ ...fleet, username })).data.role_name;
  const membership = { org: 'acme', team_slug: 'vision' };

  expect(await level('bo')).toBe('maintain');
  expect(await level('stranger')).toBe('none');
  expect((await octokit.rest.teams.getMembershipForUserInOrg({ ...membership, username: 'bo' })).data.state).toBe(
    'active',
  );
  await expect(
    octokit.rest.teams.getMembershipForUserInOrg({ ...membership, username: 'stranger' }),
  ).rejects.toMatchObject({ status: 404 });
});

test('a token is no JSON web token, and the other way round', async () => {
  const { github, app, installation } = await aFleet();
  const asApp = appOctokit(github, app);
  const { data } = await asApp.rest.apps.createInstallationAccessToken({ installation_id: installation.id });

  await expect(tokenOctokit(github, data.token).rest.apps.listWebhookDeliveries()).rejects.toMatchObject({
    status: 401,
  });
  const { token } = (await asApp.auth({ type: 'app' })) as { readonly token: string };
  await expect(tokenOctokit(github, token).rest.repos.get(fleet)).rejects.toMatchObject({ status: 401 });
});

test('1,050 pull requests are read page by page, a hundred at most', async () => {
  const { github, ana, repository, octokit } = await aFleet();
  await github.seedPulls(repository, { count: 1050, author: ana });

  const all = await octokit.paginate(octokit.rest.pulls.list, { ...fleet, per_page: 100 });
  const first = await octokit.rest.pulls.list({ ...fleet, per_page: 500 });
  const last = await octokit.rest.pulls.list({ ...fleet, per_page: 100, page: 11 });

  expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 1050 }, (_, index) => 1050 - index));
  expect(first.data).toHaveLength(100);
  expect(first.headers.link).toContain('page=2>; rel="next"');
  expect(first.headers.link).toContain('page=11>; rel="last"');
  expect(last.headers.link).not.toContain('rel="next"');
  expect(github.requests.filter(({ route }) => route === 'GET /repos/{owner}/{repo}/pulls')).toHaveLength(13);
});

test('what has not changed since is answered with 304, and costs nothing', async () => {
  const fleetOf = await aFleet();
  const { octokit } = fleetOf;
  await aPull(fleetOf);
  const { headers } = await octokit.rest.pulls.list(fleet);
  const unchanged = { ...fleet, headers: { 'if-none-match': headers.etag ?? '' } };

  await expect(octokit.rest.pulls.list(unchanged)).rejects.toMatchObject({
    status: 304,
    response: { headers: { 'x-ratelimit-used': headers['x-ratelimit-used'] } },
  });
  await octokit.rest.issues.createComment({ ...fleet, issue_number: 1, body: 'A change' });
  await octokit.rest.issues.update({ ...fleet, issue_number: 1, title: 'Another title' });
  expect((await octokit.rest.pulls.list(unchanged)).status).toBe(200);
});

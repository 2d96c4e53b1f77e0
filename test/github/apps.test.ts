import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { aFleet, appOctokit, fleet, octokitOf, tokenOctokit } from './fleet.ts';

test('an App sees itself and its installations with a JSON web token', async () => {
  const { github, app, installation } = await aFleet();
  const octokit = appOctokit(github, app);

  const self = await octokit.rest.apps.getAuthenticated();
  const installations = await octokit.rest.apps.listInstallations();
  const ofRepository = await octokit.rest.apps.getRepoInstallation(fleet);

  expect(self.data).toMatchObject({ id: app.id, slug: 'flyball', installations_count: 1 });
  expect(installations.data.map(({ id }) => id)).toEqual([installation.id]);
  expect(ofRepository.data.id).toBe(installation.id);
});

test('a token works for an hour of the clock that was passed in, and then no more', async () => {
  let now = Date.now();
  const { github, app, installation } = await aFleet({ clock: () => now });
  const { data } = await appOctokit(github, app).rest.apps.createInstallationAccessToken({
    installation_id: installation.id,
  });
  const octokit = tokenOctokit(github, data.token);

  await octokit.rest.repos.get(fleet);
  now += 59 * 60_000;
  await octokit.rest.repos.get(fleet);
  now += 60_000;

  await expect(octokit.rest.repos.get(fleet)).rejects.toMatchObject({ status: 401, message: /Bad credentials/ });
});

test('a token reaches what it was restricted to, and no other permission than was asked for', async () => {
  const { github, acme, app, installation, repository } = await aFleet();
  const other = await github.repository({ owner: acme, name: 'other', isPrivate: true });
  github.changeRepositories(installation, { add: [other], sender: acme });
  const { data } = await appOctokit(github, app).rest.apps.createInstallationAccessToken({
    installation_id: installation.id,
    repositories: [repository.name],
    permissions: { contents: 'read' },
  });
  const octokit = tokenOctokit(github, data.token);

  const reachable = await octokit.rest.apps.listReposAccessibleToInstallation();

  expect(data.permissions).toEqual({ metadata: 'read', contents: 'read' });
  expect(reachable.data.repositories.map(({ name }) => name)).toEqual(['fleet']);
  await expect(octokit.rest.repos.get({ owner: 'acme', repo: 'other' })).rejects.toMatchObject({ status: 404 });
  await expect(octokit.rest.issues.create({ ...fleet, title: 'An issue' })).rejects.toMatchObject({
    status: 403,
    message: /Resource not accessible by integration/,
  });
});

test('a token for more than the installation has is refused', async () => {
  const { github, app, installation } = await aFleet({ permissions: { contents: 'read' } });
  const octokit = appOctokit(github, app);
  const create = octokit.rest.apps.createInstallationAccessToken;

  await expect(create({ installation_id: installation.id, permissions: { contents: 'write' } })).rejects.toMatchObject({
    status: 422,
  });
  await expect(create({ installation_id: installation.id, repositories: ['elsewhere'] })).rejects.toMatchObject({
    status: 422,
  });
});

test('a token that was revoked, or whose installation is suspended or gone, is refused', async () => {
  const { github, ana, app, installation } = await aFleet();
  const apps = appOctokit(github, app).rest.apps;
  const fresh = async () => {
    const { data } = await apps.createInstallationAccessToken({ installation_id: installation.id });
    return tokenOctokit(github, data.token);
  };
  const [revoked, kept] = [await fresh(), await fresh()];

  await revoked.rest.apps.revokeInstallationAccessToken();
  await expect(revoked.rest.repos.get(fleet)).rejects.toMatchObject({ status: 401 });
  github.suspend(installation, ana);
  await expect(kept.rest.repos.get(fleet)).rejects.toMatchObject({ status: 403, message: /suspended/ });
  github.suspend(installation, ana, false);
  await kept.rest.repos.get(fleet);
  github.uninstall(installation, ana);
  await expect(kept.rest.repos.get(fleet)).rejects.toMatchObject({ status: 401 });
});

test.each([
  ['that has expired', { iat: -900, exp: -300 }, /Expiration time/],
  ['that lasts too long', { iat: -60, exp: 3600 }, /too far in the future/],
  ['from the future', { iat: 300, exp: 500 }, /Issued at/],
])('a JSON web token %s is refused', async (_, { iat, exp }, message) => {
  const { github, app } = await aFleet();
  const { createSign } = await import('node:crypto');
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: app.id, iat: now + iat, exp: now + exp })}`;
  const jwt = `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(app.privateKey, 'base64url')}`;

  const answer = await fetch(`${github.apiUrl}/app`, { headers: { authorization: `Bearer ${jwt}` } });

  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ message: expect.stringMatching(message) });
});

test('a JSON web token that says HS256 and is signed with the public key is refused', async () => {
  const { github, app } = await aFleet();
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: app.id, iat: now - 60, exp: now + 300 })}`;
  const jwt = `${unsigned}.${createHmac('sha256', app.publicKey).update(unsigned).digest('base64url')}`;

  const answer = await fetch(`${github.apiUrl}/app`, { headers: { authorization: `Bearer ${jwt}` } });

  expect(answer.status).toBe(401);
});

test('Octokit finds the clock of a server that is an hour ahead', async () => {
  const { github, installation } = await aFleet({ clock: () => Date.now() + 3_600_000 });

  const { data } = await octokitOf(github, installation).rest.repos.get(fleet);

  expect(data.full_name).toBe('acme/fleet');
});

import { randomBytes } from 'node:crypto';
import { asAnyone, asApp } from '../http/access.ts';
import { type Answer, ApiError, created, noContent, notFound, ok, unprocessable } from '../http/answer.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { accountJson, appJson, installationJson } from '../json/accounts.ts';
import { repositoryJson } from '../json/repository.ts';
import { hasPermission, reaches, roleOf, tokenReaches } from '../state/repositories.ts';
import { type App, type Installation, type Permissions, type World, timestamp } from '../state/world.ts';

const tokenLifeMs = 3_600_000;

export const appRoutes: readonly Route[] = [
  asApp('GET /app', ({ world, app }) => {
    const count = installationsOf(world, app).length;
    return ok({ ...appJson(world, app), installations_count: count });
  }),
  asApp('GET /app/installations', (exchange) =>
    pageOf(exchange, installationsOf(exchange.world, exchange.app), {
      toJson: (installation) => installationJson(exchange.world, installation),
    }),
  ),
  asApp('GET /app/installations/{installation_id}', ({ world, app, params }) =>
    ok(installationJson(world, findInstallation(world, app, Number(params['installation_id'])))),
  ),
  asApp('GET /repos/{owner}/{repo}/installation', ({ world, app, params }) => {
    const repository = world.repositories.get(`${params['owner']}/${params['repo']}`.toLowerCase());
    const found = installationsOf(world, app).find((one) => repository !== undefined && reaches(one, repository));
    if (found === undefined) throw notFound();
    return ok(installationJson(world, found));
  }),
  asApp('GET /orgs/{org}/installation', ({ world, app, params }) => installationOfAccount(world, app, params['org'])),
  asApp('GET /users/{username}/installation', ({ world, app, params }) =>
    installationOfAccount(world, app, params['username']),
  ),
  asApp('POST /app/installations/{installation_id}/access_tokens', ({ world, app, params, body }) =>
    created(makeToken(world, findInstallation(world, app, Number(params['installation_id'])), body)),
  ),
  asAnyone('DELETE /installation/token', ({ world, actor }) => {
    if (actor.kind !== 'installation') throw new ApiError(401, 'Bad credentials');
    world.tokens.delete(actor.token.token);
    return noContent;
  }),
  asAnyone('GET /installation/repositories', installationRepositories),
  asAnyone('GET /apps/{app_slug}', ({ world, params }) => {
    const app = [...world.apps.values()].find(({ slug }) => slug === params['app_slug']);
    if (app === undefined) throw notFound();
    return ok(appJson(world, app));
  }),
  asAnyone('GET /user', ({ world, actor }) => {
    if (actor.kind === 'anonymous') throw new ApiError(401, 'Requires authentication');
    if (actor.kind !== 'user') throw new ApiError(403, 'Resource not accessible by integration');
    return ok(fullUserJson(world, actor.user.login));
  }),
  asAnyone('GET /users/{username}', ({ world, params }) => ok(fullUserJson(world, params['username'] ?? ''))),
];

function installationsOf(world: World, app: App): readonly Installation[] {
  return [...world.installations.values()].filter((installation) => installation.app === app);
}

function findInstallation(world: World, app: App, id: number): Installation {
  const installation = world.installations.get(id);
  if (installation === undefined || installation.app !== app) throw notFound();
  return installation;
}

function installationOfAccount(world: World, app: App, login: string | undefined): Answer {
  const found = installationsOf(world, app).find(({ account }) => account.login.toLowerCase() === login?.toLowerCase());
  if (found === undefined) throw notFound();
  return ok(installationJson(world, found));
}

function makeToken(world: World, installation: Installation, body: Exchange['body']) {
  if (installation.isSuspended) throw new ApiError(403, 'This installation has been suspended');
  const wanted = body as {
    readonly repositories?: readonly string[];
    readonly repository_ids?: readonly number[];
    readonly permissions?: Permissions;
  };
  const permissions = wanted.permissions ?? installation.permissions;
  for (const [name, level] of Object.entries(permissions)) {
    const isMetadata = name === 'metadata' && level === 'read';
    if (!isMetadata && !hasPermission(installation.permissions[name], level)) {
      throw unprocessable('The permissions requested are not granted to this installation.');
    }
  }
  const repositories = wantedRepositories(world, installation, wanted);
  const token = {
    token: `ghs_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`,
    installation,
    expiresAt: world.clock() + tokenLifeMs,
    permissions: { metadata: 'read' as const, ...permissions },
    repositories: repositories === undefined ? undefined : new Set(repositories.map(({ id }) => id)),
  };
  world.tokens.set(token.token, token);
  return {
    token: token.token,
    expires_at: timestamp(token.expiresAt),
    permissions: token.permissions,
    repository_selection: repositories === undefined && installation.repositories === undefined ? 'all' : 'selected',
    ...(repositories === undefined
      ? {}
      : { repositories: repositories.map((repository) => repositoryJson(world, repository)) }),
  };
}

function wantedRepositories(
  world: World,
  installation: Installation,
  wanted: { readonly repositories?: readonly string[]; readonly repository_ids?: readonly number[] },
) {
  if (wanted.repositories === undefined && wanted.repository_ids === undefined) return undefined;
  const reachable = [...world.repositories.values()].filter((repository) => reaches(installation, repository));
  const found = [
    ...(wanted.repositories ?? []).map((name) =>
      reachable.find((one) => one.name.toLowerCase() === name.toLowerCase()),
    ),
    ...(wanted.repository_ids ?? []).map((id) => reachable.find((one) => one.id === id)),
  ].filter((repository) => repository !== undefined);
  if (found.length < (wanted.repositories ?? []).length + (wanted.repository_ids ?? []).length) {
    throw unprocessable(
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  return found;
}

function installationRepositories(exchange: Exchange): Answer {
  const { world, actor } = exchange;
  if (actor.kind !== 'installation') throw new ApiError(403, 'You must authenticate with an installation access token');
  const { token } = actor;
  const repositories = [...world.repositories.values()].filter((repository) => tokenReaches(token, repository));
  return pageOf(exchange, repositories, {
    toJson: (repository) => repositoryJson(world, repository),
    wrap: (rows, total) => ({
      total_count: total,
      repository_selection: token.repositories === undefined ? 'all' : 'selected',
      repositories: rows,
    }),
  });
}

function fullUserJson(world: World, login: string) {
  const account = world.accounts.get(login.toLowerCase());
  if (account === undefined) throw notFound();
  const repositories = [...world.repositories.values()].filter((one) => roleOf(one, account) === 'admin');
  return {
    ...accountJson(world, account),
    name: account.login,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: repositories.filter(({ isPrivate }) => !isPrivate).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: '2020-01-01T00:00:00Z',
    updated_at: '2020-01-01T00:00:00Z',
  };
}

import { allows, asAnyone, findRepository, onRepository } from '../http/access.ts';
import { type Answer, ApiError, noContent, notFound, ok } from '../http/answer.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { accountJson, organizationJson, teamJson } from '../json/accounts.ts';
import { issueJson } from '../json/issues.ts';
import { roleOf, tokenReaches } from '../state/repositories.ts';
import type { Account, Issue, Repository, Team } from '../state/world.ts';

export const peopleRoutes: readonly Route[] = [
  asAnyone('GET /orgs/{org}', (exchange) => {
    const organization = findOrganization(exchange);
    return ok({
      ...organizationJson(exchange.world, organization),
      ...organizationDetails(exchange, organization),
    });
  }),
  asAnyone('GET /orgs/{org}/members/{username}', (exchange) => {
    const organization = membersOf(exchange);
    if (!organization.members.has(exchange.params['username'] ?? '')) throw notFound();
    return noContent;
  }),
  asAnyone('GET /orgs/{org}/teams', (exchange) => {
    const organization = membersOf(exchange);
    return pageOf(exchange, [...organization.teams.values()], {
      toJson: (team) => teamJson(exchange.world, organization, team),
    });
  }),
  asAnyone('GET /orgs/{org}/teams/{team_slug}/members', (exchange) => {
    const team = findTeam(exchange, membersOf(exchange));
    const members = [...team.members].flatMap((login) => exchange.world.accounts.get(login.toLowerCase()) ?? []);
    return pageOf(exchange, members, { toJson: (account) => accountJson(exchange.world, account) });
  }),
  asAnyone('GET /orgs/{org}/teams/{team_slug}/memberships/{username}', (exchange) => {
    const organization = membersOf(exchange);
    const team = findTeam(exchange, organization);
    const login = exchange.params['username'] ?? '';
    if (!team.members.has(login)) throw notFound();
    const url = `${exchange.world.apiUrl}/organizations/${organization.id}/team/${team.id}/memberships/${login}`;
    return ok({ url, role: 'member', state: 'active' });
  }),
  asAnyone('GET /search/issues', searchIssues),
  onRepository('POST /repos/{owner}/{repo}/dispatches', 'contents:write', ({ world, repository, actor, body }) => {
    const { event_type: type, client_payload: payload } = body as {
      readonly event_type: string;
      readonly client_payload?: object;
    };
    const sender =
      actor.kind === 'user' ? actor.user : actor.kind === 'installation' ? actor.token.installation.app.bot : undefined;
    if (sender === undefined) throw new ApiError(401, 'Requires authentication');
    world.notify({
      event: 'repository_dispatch',
      action: type,
      repository,
      sender,
      payload: { branch: repository.defaultBranch, client_payload: payload ?? null },
    });
    return noContent;
  }),
];

function findOrganization({ world, params }: Exchange): Account {
  const account = world.accounts.get((params['org'] ?? '').toLowerCase());
  if (account?.type !== 'Organization') throw notFound();
  return account;
}

// Members and teams: for members, and for Apps with the permission.
function membersOf(exchange: Exchange): Account {
  const organization = findOrganization(exchange);
  const { actor } = exchange;
  if (actor.kind === 'user' && organization.members.has(actor.user.login)) return organization;
  if (actor.kind === 'installation' && actor.token.installation.account === organization) {
    if (allows(actor.token.permissions, 'members:read')) return organization;
    throw new ApiError(403, 'Resource not accessible by integration', {
      headers: { 'x-accepted-github-permissions': 'members=read' },
    });
  }
  throw notFound();
}

function findTeam({ params }: Exchange, organization: Account): Team {
  const team = organization.teams.get(params['team_slug'] ?? '');
  if (team === undefined) throw notFound();
  return team;
}

function organizationDetails({ world }: Exchange, { login }: Account) {
  return {
    name: login,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    html_url: `${world.url}/${login}`,
    type: 'Organization',
    created_at: '2020-01-01T00:00:00Z',
    updated_at: '2020-01-01T00:00:00Z',
    archived_at: null,
  };
}

/** `repo:`, `is:`, `state:`, `label:`, `author:`, `head:`, `in:title` and words of title and body. */
function searchIssues(exchange: Exchange): Answer {
  const { world, query } = exchange;
  const terms = [...(query.get('q') ?? '').matchAll(/(?:(\w+):)?(?:"([^"]*)"|(\S+))/g)].map(
    ([, name, quoted, plain]) => ({ name, value: (quoted ?? plain ?? '').toLowerCase() }),
  );
  const wanted = terms
    .filter(({ name }) => name === 'repo')
    .map(({ value }) => findRepository(world, ...(value.split('/') as [string, string])));
  const repositories = (wanted.length > 0 ? wanted : [...world.repositories.values()]).filter(
    (repository): repository is Repository => repository !== undefined && isVisible(exchange, repository),
  );
  if (wanted.length > 0 && repositories.length === 0) {
    throw new ApiError(422, 'Validation Failed', {
      errors: [
        {
          message:
            'The listed users and repositories cannot be searched either because the resources do not exist or you do not have permission to view them.',
          resource: 'Search',
          field: 'q',
          code: 'invalid',
        },
      ],
    });
  }
  const found = repositories.flatMap((repository) =>
    [...repository.issues.values()]
      .filter((issue) => terms.every((term) => matches(issue, term)))
      .map((issue) => ({ repository, issue })),
  );
  return pageOf(exchange, found, {
    toJson: ({ repository, issue }) => ({ ...issueJson(world, repository, issue), score: 1 }),
    wrap: (rows, total) => ({ total_count: total, incomplete_results: false, search_type: 'lexical', items: rows }),
  });
}

function isVisible({ actor }: Exchange, repository: Repository): boolean {
  if (!repository.isPrivate) return true;
  if (actor.kind === 'user') return roleOf(repository, actor.user) !== undefined;
  return actor.kind === 'installation' && tokenReaches(actor.token, repository);
}

function matches(
  issue: Issue,
  { name, value }: { readonly name: string | undefined; readonly value: string },
): boolean {
  const { pull } = issue;
  switch (name ?? 'words') {
    case 'repo':
    case 'in':
      return true;
    case 'is':
    case 'type':
    case 'state':
      if (value === 'pr') return pull !== undefined;
      if (value === 'issue') return pull === undefined;
      return value === 'merged' ? pull?.merged !== undefined : issue.state === value;
    case 'label':
      return issue.labels.some((label) => label.name.toLowerCase() === value);
    case 'author':
      return issue.author.login.toLowerCase() === value.replace(/^app\/(.*)$/, '$1[bot]');
    case 'head':
      return pull?.head.ref.toLowerCase() === value;
    case 'base':
      return pull?.base.ref.toLowerCase() === value;
    default:
      return `${issue.title}\n${issue.body ?? ''}`.toLowerCase().includes(value);
  }
}

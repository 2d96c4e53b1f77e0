import { onRepository } from '../http/access.ts';
import { type Answer, noContent, notFound, ok } from '../http/answer.ts';
import type { RepositoryExchange, Route } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { accountJson, teamJson } from '../json/accounts.ts';
import { labelJson } from '../json/issues.ts';
import { fullRepositoryJson } from '../json/repository.ts';
import { roleOf } from '../state/repositories.ts';
import { type Role, nodeId } from '../state/world.ts';
import { changeLabel, createLabel, findLabel } from '../state/labels.ts';

// The permission of five roles in the words of an API that knows four.
const legacyPermissions = { read: 'read', triage: 'read', write: 'write', maintain: 'write', admin: 'admin' } as const;

export const repositoryRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}', 'metadata:read', ({ world, repository }) =>
    ok(fullRepositoryJson(world, repository)),
  ),
  onRepository('GET /repos/{owner}/{repo}/collaborators/{username}/permission', 'metadata:read', permissionLevel),
  onRepository(
    'GET /repos/{owner}/{repo}/collaborators/{username}',
    'metadata:read',
    ({ world, repository, params }) => {
      const account = world.accounts.get((params['username'] ?? '').toLowerCase());
      const isThere =
        account !== undefined &&
        (repository.owner === account ||
          repository.owner.members.has(account.login) ||
          repository.collaborators.has(account.login));
      if (!isThere) throw notFound();
      return noContent;
    },
  ),
  onRepository('GET /repos/{owner}/{repo}/teams', { needs: ['administration:read'], role: 'admin' }, (exchange) => {
    const { world, repository } = exchange;
    const teams = [...repository.teams.keys()].flatMap((slug) => repository.owner.teams.get(slug) ?? []);
    return pageOf(exchange, teams, { toJson: (team) => teamJson(world, repository.owner, team) });
  }),
  onRepository('GET /repos/{owner}/{repo}/labels', 'issues:read', (exchange) =>
    pageOf(exchange, [...exchange.repository.labels.values()], {
      toJson: (label) => labelJson(exchange.world, exchange.repository, label),
    }),
  ),
  onRepository(
    'POST /repos/{owner}/{repo}/labels',
    { needs: ['issues:write', 'pull_requests:write'], role: 'write' },
    ({ world, repository, body }) => {
      const wanted = body as { readonly name: string; readonly color?: string; readonly description?: string };
      const label = createLabel(world, repository, wanted);
      return { status: 201, body: labelJson(world, repository, label) };
    },
  ),
  onRepository('GET /repos/{owner}/{repo}/labels/{name}', 'issues:read', ({ world, repository, params }) => {
    const label = findLabel(repository, params['name'] ?? '');
    if (label === undefined) throw notFound();
    return ok(labelJson(world, repository, label));
  }),
  onRepository(
    'PATCH /repos/{owner}/{repo}/labels/{name}',
    { needs: ['issues:write', 'pull_requests:write'], role: 'write' },
    ({ world, repository, params, body }) => {
      const label = findLabel(repository, params['name'] ?? '');
      if (label === undefined) throw notFound();
      changeLabel(repository, label, body);
      return ok(labelJson(world, repository, label));
    },
  ),
  onRepository(
    'DELETE /repos/{owner}/{repo}/labels/{name}',
    { needs: ['issues:write', 'pull_requests:write'], role: 'write' },
    ({ repository, params }) => {
      const label = findLabel(repository, params['name'] ?? '');
      if (label === undefined) throw notFound();
      repository.labels.delete(label.name.toLowerCase());
      for (const issue of repository.issues.values()) issue.labels = issue.labels.filter((one) => one !== label);
      return noContent;
    },
  ),
];

function permissionLevel({ world, repository, params }: RepositoryExchange): Answer {
  const account = world.accounts.get((params['username'] ?? '').toLowerCase());
  if (account === undefined) throw notFound();
  const role: Role | undefined = roleOf(repository, account);
  const permission = role === undefined ? 'none' : legacyPermissions[role];
  return ok({
    permission,
    role_name: role ?? 'none',
    user: {
      ...accountJson(world, account),
      node_id: nodeId('U', account.id),
      permissions: {
        pull: role !== undefined,
        triage: role !== undefined && role !== 'read',
        push: permission === 'write' || permission === 'admin',
        maintain: role === 'maintain' || role === 'admin',
        admin: role === 'admin',
      },
      role_name: role ?? 'none',
    },
  });
}

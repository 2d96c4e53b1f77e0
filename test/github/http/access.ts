import { hasPermission, hasRole, roleOf, tokenReaches } from '../state/repositories.ts';
import type { App, InstallationToken, Permissions, Repository, Role, World } from '../state/world.ts';
import { type Answer, ApiError, notFound } from './answer.ts';
import { type Actor, type Exchange, type Need, type RepositoryHandler, type Route, roleFor } from './exchange.ts';

interface Access {
  /** Any one of these permissions is enough for an App. */
  readonly needs: readonly Need[];
  /** What a person needs, where it is not what the first permission says. */
  readonly role?: Role;
  /** Only Apps may: checks. */
  readonly isForAppsOnly?: boolean;
}

/** A route of a repository: answers 404 to who cannot see it, 403 to who can but may not. */
export function onRepository(route: string, access: Need | Access, handle: RepositoryHandler): Route {
  const checked = typeof access === 'string' ? { needs: [access] } : access;
  return {
    route,
    isWrite: !route.startsWith('GET '),
    handle: (exchange) => {
      const repository = findRepository(exchange.world, exchange.params['owner'], exchange.params['repo']);
      if (repository === undefined) throw notFound();
      authorize(exchange.actor, repository, checked);
      if (repository.isArchived && !route.startsWith('GET ')) {
        throw new ApiError(403, 'Repository was archived so is read-only.');
      }
      return handle({ ...exchange, repository });
    },
  };
}

/** A route for the App itself, with a JSON web token. */
export function asApp(
  route: string,
  handle: (exchange: Exchange & { readonly app: App }) => Answer | Promise<Answer>,
): Route {
  return {
    route,
    isWrite: !route.startsWith('GET '),
    handle: (exchange) => {
      if (exchange.actor.kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded');
      return handle({ ...exchange, app: exchange.actor.app });
    },
  };
}

/** A route for everybody whose token is good. */
export function asAnyone(route: string, handle: (exchange: Exchange) => Answer | Promise<Answer>): Route {
  return { route, isWrite: false, handle };
}

export function findRepository(world: World, owner = '', name = ''): Repository | undefined {
  return world.repositories.get(`${owner}/${name}`.toLowerCase());
}

/** Throws 401, 403 or 404 when the actor may not. */
export function authorize(actor: Actor, repository: Repository, access: Access): void {
  switch (actor.kind) {
    case 'app':
      throw new ApiError(401, 'Bad credentials');
    case 'anonymous':
      if (repository.isPrivate) throw notFound();
      if (!access.needs.some((need) => need.endsWith(':read'))) throw new ApiError(401, 'Requires authentication');
      return;
    case 'installation':
      authorizeInstallation(actor.token, repository, access);
      return;
    case 'user': {
      const role = roleOf(repository, actor.user);
      if (role === undefined) throw notFound();
      if (access.isForAppsOnly === true) {
        throw new ApiError(403, 'You must authenticate via a GitHub App.');
      }
      const wanted = access.role ?? roleFor(access.needs[0] ?? 'metadata:read');
      if (!hasRole(role, wanted)) throw new ApiError(403, `Must have ${wanted} access to Repository.`);
    }
  }
}

function authorizeInstallation(token: InstallationToken, repository: Repository, { needs }: Access): void {
  if (!tokenReaches(token, repository)) {
    if (repository.isPrivate) throw notFound();
    if (needs.some((need) => need.endsWith(':read'))) return;
    throw notAccessible(needs);
  }
  if (!needs.some((need) => allows(token.permissions, need))) throw notAccessible(needs);
}

/** Whether permissions contain one that is needed. Every App may read metadata. */
export function allows(permissions: Permissions, need: Need): boolean {
  const [name, level] = need.split(':') as [string, 'read' | 'write'];
  return need === 'metadata:read' || hasPermission(permissions[name], level);
}

function notAccessible(needs: readonly Need[]): ApiError {
  return new ApiError(403, 'Resource not accessible by integration', {
    headers: { 'x-accepted-github-permissions': needs.map((need) => need.replace(':', '=')).join('; ') },
  });
}

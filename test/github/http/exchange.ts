import type { Account, App, InstallationToken, Repository, Role, World } from '../state/world.ts';
import type { Answer } from './answer.ts';

/** Who asks. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app'; readonly app: App }
  | { readonly kind: 'installation'; readonly token: InstallationToken }
  | { readonly kind: 'user'; readonly user: Account };

/** One request to the REST API, after its route was found. */
export interface Exchange {
  readonly world: World;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** Path and query as they came, for links. */
  readonly url: URL;
  readonly accept: string;
}

export interface RepositoryExchange extends Exchange {
  readonly repository: Repository;
}

/** A permission of Apps: `contents:write`. */
export type Need = `${string}:${'read' | 'write'}`;

export interface Route {
  /** As the description names it: `GET /repos/{owner}/{repo}`. */
  readonly route: string;
  readonly handle: (exchange: Exchange) => Answer | Promise<Answer>;
  /** Serialised with other requests of the same repository. */
  readonly isWrite: boolean;
}

/** Who the person or bot behind a request is; Apps act as their bot. */
export function accountOf(actor: Actor): Account {
  switch (actor.kind) {
    case 'user':
      return actor.user;
    case 'installation':
      return actor.token.installation.app.bot;
    case 'app':
      return actor.app.bot;
    case 'anonymous':
      throw new Error('nobody is signed in');
  }
}

export function appOf(actor: Actor): App | undefined {
  if (actor.kind === 'installation') return actor.token.installation.app;
  return actor.kind === 'app' ? actor.app : undefined;
}

export type RepositoryHandler = (exchange: RepositoryExchange) => Answer | Promise<Answer>;

/** What a person needs where an App needs some permission, unless the route says otherwise. */
export function roleFor(need: Need): Role {
  if (need.endsWith(':read')) return 'read';
  return need.startsWith('issues:') ? 'triage' : 'write';
}

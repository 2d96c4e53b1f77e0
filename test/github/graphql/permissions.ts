import { authorize } from '../http/access.ts';
import { ApiError } from '../http/answer.ts';
import type { Actor, Need } from '../http/exchange.ts';
import type { Turns } from '../http/requests.ts';
import type { Repository, World } from '../state/world.ts';
import { GraphqlError } from './select.ts';

/** What a mutation is given. */
export interface MutationParts {
  readonly world: World;
  readonly turns: Turns;
  readonly actor: Actor;
}

export function unresolved(what: string): GraphqlError {
  return new GraphqlError(`Could not resolve ${what}`, 'NOT_FOUND');
}

/** Throws as GraphQL does when the actor may not. */
export function authorizeGraphql(actor: Actor, repository: Repository, need: Need): void {
  try {
    authorize(actor, repository, { needs: [need] });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.answer.status !== 404) throw new GraphqlError('Resource not accessible by integration', 'FORBIDDEN');
    throw unresolved(`to a Repository with the name '${repository.owner.login}/${repository.name}'.`);
  }
}

import { isAncestor } from '../git/commits.ts';
import { noCommit, readRef, updateRef } from '../git/refs.ts';
import { accountOf } from '../http/exchange.ts';
import { type RefMove, nodeId } from '../state/world.ts';
import { type MutationParts, authorizeGraphql, unresolved } from './permissions.ts';
import { GraphqlError, type GraphqlObject } from './select.ts';

export interface RefsInput {
  readonly repositoryId: string;
  readonly refUpdates: readonly {
    readonly name: string;
    readonly afterOid: string;
    readonly beforeOid?: string;
    readonly force?: boolean;
  }[];
  readonly clientMutationId?: string;
}

/** Moves all references, or none when one of them is not where it was said to be. */
export async function updateRefs({ world, actor, turns }: MutationParts, input: RefsInput): Promise<GraphqlObject> {
  const repository = [...world.repositories.values()].find(({ id }) => nodeId('R', id) === input.repositoryId);
  if (repository === undefined) throw unresolved(`to a node with the global id of '${input.repositoryId}'`);
  authorizeGraphql(actor, repository, 'contents:write');
  const key = `${repository.owner.login}/${repository.name}`.toLowerCase();
  await turns.run(key, async () => {
    const moves: RefMove[] = [];
    for (const { name, afterOid, beforeOid, force } of input.refUpdates) {
      const before = (await readRef(repository.directory, name))?.sha ?? noCommit;
      if (beforeOid !== undefined && beforeOid !== before) {
        throw new GraphqlError(`Reference ${name} is not at ${beforeOid}`, 'UNPROCESSABLE');
      }
      const isForward =
        before === noCommit || afterOid === noCommit || (await isAncestor(repository.directory, before, afterOid));
      if (force !== true && !isForward) throw new GraphqlError(`${name} is not a fast forward`, 'UNPROCESSABLE');
      moves.push({ ref: name, before, after: afterOid });
    }
    for (const { ref, before, after } of moves) await updateRef(repository.directory, ref, after, before);
    await world.refsMoved(repository, moves, accountOf(actor));
  });
  return { typeName: 'UpdateRefsPayload', clientMutationId: input.clientMutationId ?? null };
}

import { findRepository } from '../http/access.ts';
import { type Answer, ApiError } from '../http/answer.ts';
import { type Actor, accountOf } from '../http/exchange.ts';
import type { RestApi } from '../http/rest.ts';
import { mutations } from './mutations.ts';
import { actorObject, repositoryObject } from './objects.ts';
import { type Document, type Field, parseGraphql } from './parse.ts';
import { authorizeGraphql } from './permissions.ts';
import { GraphqlError, type GraphqlObject, selectFields } from './select.ts';

/** Answers a request to `/graphql`: 200 with data, with errors, or with both. */
export async function answerGraphql(api: RestApi, bytes: Buffer, actor: Actor): Promise<Answer> {
  if (actor.kind === 'anonymous' || actor.kind === 'app') {
    return new ApiError(401, 'This endpoint requires you to be authenticated.').answer;
  }
  const request = parseRequest(bytes);
  if (request === undefined) return new ApiError(400, 'Problems parsing JSON').answer;
  let document: Document;
  try {
    document = parseGraphql(request.query, request.variables);
  } catch (error) {
    return { status: 200, body: { errors: [{ message: error instanceof Error ? error.message : String(error) }] } };
  }
  const root = document.kind === 'mutation' ? mutations({ ...api, actor }) : queries(api, actor);
  const data: Record<string, unknown> = {};
  const errors: unknown[] = [];
  for (const field of document.fields) await answerField(root, field, { data, errors });
  return { status: 200, body: errors.length === 0 ? { data } : { data, errors } };
}

async function answerField(
  root: GraphqlObject,
  field: Field,
  { data, errors }: { readonly data: Record<string, unknown>; readonly errors: unknown[] },
): Promise<void> {
  try {
    Object.assign(data, await selectFields(root, [field]));
  } catch (error) {
    if (!(error instanceof GraphqlError)) throw error;
    data[field.key] = null;
    errors.push({
      ...(error.type === undefined ? {} : { type: error.type }),
      path: [field.key],
      message: error.message,
    });
  }
}

function parseRequest(bytes: Buffer): { query: string; variables: Readonly<Record<string, unknown>> } | undefined {
  try {
    const parsed = JSON.parse(bytes.toString()) as { query?: unknown; variables?: Readonly<Record<string, unknown>> };
    return typeof parsed.query === 'string' ? { query: parsed.query, variables: parsed.variables ?? {} } : undefined;
  } catch {
    return undefined;
  }
}

function queries({ world }: RestApi, actor: Actor): GraphqlObject {
  return {
    typeName: 'Query',
    viewer: () => actorObject(world, accountOf(actor)),
    repository: ({ owner, name }: { owner?: string; name?: string }) => {
      const repository = findRepository(world, owner, name);
      if (repository === undefined) {
        throw new GraphqlError(`Could not resolve to a Repository with the name '${owner}/${name}'.`, 'NOT_FOUND');
      }
      authorizeGraphql(actor, repository, 'metadata:read');
      return repositoryObject(world, repository);
    },
  };
}

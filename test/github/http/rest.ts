import { createHash } from 'node:crypto';
import { type Violation, requestProblems, responseProblems } from '../contract/contract.ts';
import { type MatchedOperation, matchOperation } from '../contract/description.ts';
import type { World } from '../state/world.ts';
import { type Answer, ApiError, notFound } from './answer.ts';
import type { Actor, Route } from './exchange.ts';
import type { Turns } from './requests.ts';

/** A request as the REST API reads it: the prefix `/api/v3` is gone from the path. */
export interface RestRequest {
  readonly method: string;
  readonly url: URL;
  readonly pathname: string;
  /** Bytes of the body; empty without one. */
  readonly bytes: Buffer;
  readonly accept: string;
  readonly ifNoneMatch: string | undefined;
}

export interface RestApi {
  readonly world: World;
  readonly routes: ReadonlyMap<string, Route>;
  readonly turns: Turns;
  readonly report: (violation: Violation) => void;
}

/** The documented operation of a request; reports a violation when there is none. */
export function findOperation(api: RestApi, request: RestRequest): MatchedOperation | undefined {
  const matched = matchOperation(request.method, request.pathname);
  if (matched === undefined) {
    const route = `${request.method} ${request.pathname}`;
    api.report({ kind: 'unknown-route', route, problems: ['GitHub documents no such operation'] });
  }
  return matched;
}

/** Carries out a request of the REST API, and checks it and its answer against the published description. */
export async function answerRest(
  api: RestApi,
  request: RestRequest,
  matched: MatchedOperation | undefined,
  actor: Actor,
): Promise<Answer> {
  if (matched === undefined) return notFound().answer;
  const answer = await carryOut(api, request, matched, actor);
  if (answer.text !== undefined) return finished(request, answer, answer.text.data);
  // What is checked is what is sent: without the properties that JSON leaves out.
  const json = answer.body === undefined ? undefined : JSON.stringify(answer.body);
  const body = json === undefined ? undefined : (JSON.parse(json) as unknown);
  const problems = responseProblems(matched, { status: answer.status, body });
  if (problems.length > 0) api.report({ kind: 'response', route: `${matched.route} ${answer.status}`, problems });
  if (json === undefined) return answer;
  const { status, headers = {} } = answer;
  const text = { contentType: 'application/json; charset=utf-8', data: json };
  return finished(request, { status, headers, text }, json);
}

async function carryOut(api: RestApi, request: RestRequest, matched: MatchedOperation, actor: Actor): Promise<Answer> {
  const parsed = parseJson(request.bytes);
  if (parsed === 'malformed') return new ApiError(400, 'Problems parsing JSON').answer;
  const problems = requestProblems(matched, { query: request.url.searchParams, body: parsed.body });
  if (problems.length > 0) api.report({ kind: 'request', route: matched.route, problems });
  const route = api.routes.get(matched.route);
  if (route === undefined) {
    const problem = 'GitHub has this operation, this server has not: add it to test/github/routes';
    api.report({ kind: 'not-implemented', route: matched.route, problems: [problem] });
    return new ApiError(501, problem).answer;
  }
  const { params } = matched;
  const exchange = {
    world: api.world,
    actor,
    params,
    query: request.url.searchParams,
    body: (parsed.body ?? {}) as Readonly<Record<string, unknown>>,
    url: request.url,
    accept: request.accept,
  };
  const handle = async (): Promise<Answer> => {
    try {
      const answer = await route.handle(exchange);
      // What GitHub would have refused must not look as if it had worked.
      return problems.length > 0 && answer.status < 300 ? invalidRequest(problems) : answer;
    } catch (error) {
      if (error instanceof ApiError) return error.answer;
      throw error;
    }
  };
  if (problems.length > 0 && route.isWrite) return invalidRequest(problems);
  const key = `${params['owner'] ?? ''}/${params['repo'] ?? ''}`.toLowerCase();
  return route.isWrite ? api.turns.run(key, handle) : handle();
}

function parseJson(bytes: Buffer): { readonly body: unknown } | 'malformed' {
  if (bytes.length === 0) return { body: undefined };
  try {
    return { body: JSON.parse(bytes.toString()) as unknown };
  } catch {
    return 'malformed';
  }
}

function invalidRequest(problems: readonly string[]): Answer {
  return new ApiError(422, `Invalid request.\n\n${problems.join('\n')}`).answer;
}

/** With an entity tag, or 304 when the client has it already. */
function finished(request: RestRequest, answer: Answer, content: string | Uint8Array): Answer {
  if (request.method !== 'GET' || answer.status !== 200) return answer;
  const etag = `W/"${createHash('sha256').update(content).digest('hex')}"`;
  const headers = { ...answer.headers, etag };
  const known = (request.ifNoneMatch ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return known.includes(etag.slice(2)) ? { status: 304, headers } : { ...answer, headers };
}

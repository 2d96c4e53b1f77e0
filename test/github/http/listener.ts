import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerGit } from '../git/http-backend.ts';
import { answerGraphql } from '../graphql/answer.ts';
import { type Answer, ApiError } from './answer.ts';
import { authenticate } from './authenticate.ts';
import type { Actor } from './exchange.ts';
import type { FaultKind, Faults } from './faults.ts';
import { type RateLimits, rateLimitKey } from './rate-limit.ts';
import { type RequestRecord, readBody } from './requests.ts';
import { type RestApi, type RestRequest, answerRest, findOperation } from './rest.ts';

export interface ListenerParts {
  readonly api: RestApi;
  readonly faults: Faults;
  readonly rateLimits: RateLimits;
  readonly record: (request: RequestRecord) => void;
}

/** Answers every request: git over HTTP, GraphQL, REST. What this server itself does wrong is reported, and a 500. */
export function listener(parts: ListenerParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    respond(parts, request, response).catch((error: unknown) => {
      const route = `${request.method ?? ''} ${request.url ?? ''}`;
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      parts.api.report({ kind: 'response', route, problems: [`this server failed: ${what}`] });
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'Server Error' }));
    });
  };
}

async function respond(parts: ListenerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { world } = parts.api;
  const requestId = randomUUID().replaceAll('-', '').slice(0, 20).toUpperCase();
  const url = new URL(request.url ?? '/', world.url);
  const service = gitService(url);
  const pathname = url.pathname.replace(/^\/api\/(v3(?=\/|$)|(?=graphql$))/, '').replace(/^(?!\/)/, '/');
  const isGraphql = service === undefined && pathname === '/graphql';
  const rest: RestRequest = {
    method: request.method ?? 'GET',
    url,
    pathname,
    bytes: service === undefined ? await readBody(request) : Buffer.alloc(0),
    accept: request.headers.accept ?? '',
    ifNoneMatch: request.headers['if-none-match'],
  };
  const matched = service === undefined && !isGraphql ? findOperation(parts.api, rest) : undefined;
  const route = service ?? (isGraphql ? 'POST /graphql' : matched?.route);
  const who = identify(parts, request);
  const record = (status: number | undefined): void => {
    const actor = 'actor' in who ? rateLimitKey(who.actor) : 'anonymous';
    const body = bodyForRecord(rest.bytes);
    parts.record({
      at: world.clock(),
      method: rest.method,
      path: url.pathname + url.search,
      route,
      actor,
      status,
      requestId,
      body,
    });
  };

  const faults = parts.faults.take(route ?? `${rest.method} ${pathname}`);
  for (const fault of faults) if (fault.kind === 'delay') await sleep(fault.delayMs);
  if (faults.some(({ kind }) => kind === 'dropped-request')) {
    record(undefined);
    request.socket.destroy();
    return;
  }
  const injected = faults.map(faultAnswer).find((answer) => answer !== undefined);
  if (service !== undefined && injected === undefined) {
    const isAnswerDropped = faults.some(({ kind }) => kind === 'dropped-answer');
    const status = await answerGit(parts.api, { request, response, url, service, who, isAnswerDropped });
    record(isAnswerDropped ? undefined : status);
    return;
  }
  const answer = injected ?? (await answerApi(parts, { rest, who, isGraphql, matched }));
  if (faults.some(({ kind }) => kind === 'dropped-answer')) {
    record(undefined);
    request.socket.destroy();
    return;
  }
  record(answer.status);
  send(response, answer, {
    ...('actor' in who ? parts.rateLimits.headers(rateLimitKey(who.actor)) : {}),
    date: new Date(world.clock()).toUTCString(),
    'x-github-request-id': requestId,
    'x-github-media-type': 'github.v3; format=json',
  });
}

export type Identity = { readonly actor: Actor } | { readonly refusal: ApiError };

function identify({ api }: ListenerParts, request: IncomingMessage): Identity {
  try {
    return { actor: authenticate(api.world, request.headers.authorization) };
  } catch (error) {
    if (error instanceof ApiError) return { refusal: error };
    throw error;
  }
}

async function answerApi(
  { api, rateLimits }: ListenerParts,
  {
    rest,
    who,
    isGraphql,
    matched,
  }: {
    readonly rest: RestRequest;
    readonly who: Identity;
    readonly isGraphql: boolean;
    readonly matched: ReturnType<typeof findOperation>;
  },
): Promise<Answer> {
  if ('refusal' in who) return who.refusal.answer;
  const key = rateLimitKey(who.actor);
  // Asking for the limit is free.
  const isFree = matched?.route === 'GET /rate_limit';
  try {
    if (!isFree) rateLimits.spend(key);
  } catch (error) {
    if (error instanceof ApiError) return error.answer;
    throw error;
  }
  const answer = isGraphql
    ? await answerGraphql(api, rest.bytes, who.actor)
    : await answerRest(api, rest, matched, who.actor);
  if (answer.status === 304) rateLimits.refund(key);
  return answer;
}

function gitService(url: URL): 'git fetch' | 'git push' | undefined {
  if (!/^\/[^/]+\/[^/]+\.git\//.test(url.pathname)) return undefined;
  const isPush = url.pathname.endsWith('/git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
  return isPush ? 'git push' : 'git fetch';
}

function faultAnswer(fault: FaultKind): Answer | undefined {
  if (fault.kind === 'status') {
    const answer = new ApiError(fault.status, `Injected fault ${fault.status}`).answer;
    return fault.body === undefined ? answer : { ...answer, body: fault.body };
  }
  if (fault.kind !== 'secondary-rate-limit') return undefined;
  return new ApiError(
    fault.status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    { headers: { 'retry-after': String(fault.retryAfterSeconds) } },
  ).answer;
}

function bodyForRecord(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return bytes.toString('latin1', 0, 200);
  }
}

function send(response: ServerResponse, answer: Answer, headers: Readonly<Record<string, string>>): void {
  const { status, body, text } = answer;
  const contentType = text?.contentType ?? 'application/json; charset=utf-8';
  const content = text?.data ?? (body === undefined ? undefined : JSON.stringify(body));
  response.writeHead(status, {
    ...headers,
    ...(content === undefined ? {} : { 'content-type': contentType }),
    ...answer.headers,
  });
  response.end(content);
}

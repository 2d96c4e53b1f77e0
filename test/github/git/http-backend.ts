import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { authorize, findRepository } from '../http/access.ts';
import { ApiError } from '../http/answer.ts';
import { type Actor, accountOf } from '../http/exchange.ts';
import type { RestApi } from '../http/rest.ts';
import type { RefMove, Repository, World } from '../state/world.ts';
import { noCommit, readRefs } from './refs.ts';
import { gitEnvironment } from './run-git.ts';

interface GitRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly service: 'git fetch' | 'git push';
  readonly who: { readonly actor: Actor } | { readonly refusal: ApiError };
  /** The request is carried out, and the connection ends without an answer. */
  readonly isAnswerDropped: boolean;
}

/** Serves `git clone`, `fetch` and `push` through `git http-backend`; resolves with the status that was answered. */
export async function answerGit(api: RestApi, git: GitRequest): Promise<number> {
  const [, owner, name] = /^\/([^/]+)\/([^/]+)\.git\//.exec(git.url.pathname) ?? [];
  const repository = findRepository(api.world, owner, name);
  const refusal = refusalOf(git, repository);
  if (refusal !== undefined || repository === undefined || 'refusal' in git.who) {
    return refuse(git, refusal ?? 404);
  }
  const { actor } = git.who;
  const isPush = git.request.method === 'POST' && git.service === 'git push';
  if (!isPush) {
    const status = await runBackend(api.world, git, repository);
    finish(git);
    return status;
  }
  const key = `${repository.owner.login}/${repository.name}`.toLowerCase();
  return api.turns.run(key, async () => {
    const before = await readRefs(repository.directory);
    const mayChangeWorkflows = actor.kind !== 'installation' || actor.token.permissions['workflows'] === 'write';
    const status = await runBackend(api.world, git, repository, mayChangeWorkflows ? {} : { REFUSE_WORKFLOWS: '1' });
    const moves = movesBetween(before, await readRefs(repository.directory));
    // Before the answer ends: who pushed finds the pull request as the push left it.
    if (moves.length > 0) await api.world.refsMoved(repository, moves, accountOf(actor));
    finish(git);
    return status;
  });
}

function finish({ request, response, isAnswerDropped }: GitRequest): void {
  if (isAnswerDropped) request.socket.destroy();
  else response.end();
}

// git asks without credentials first: 401 makes it ask again with them.
function refusalOf({ who, service }: GitRequest, repository: Repository | undefined): number | undefined {
  if ('refusal' in who) return who.refusal.answer.status;
  if (repository === undefined) return who.actor.kind === 'anonymous' ? 401 : 404;
  try {
    authorize(who.actor, repository, { needs: [service === 'git push' ? 'contents:write' : 'contents:read'] });
    return repository.isArchived && service === 'git push' ? 403 : undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return who.actor.kind === 'anonymous' ? 401 : error.answer.status;
  }
}

function refuse({ request, response }: GitRequest, status: number): number {
  request.resume();
  response.writeHead(status, {
    'content-type': 'text/plain',
    ...(status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {}),
  });
  response.end(
    status === 401
      ? 'Invalid username or token.\n'
      : status === 404
        ? 'Repository not found.\n'
        : 'Write access to repository not granted.\n',
  );
  return status;
}

function movesBetween(
  before: readonly { readonly name: string; readonly sha: string }[],
  after: readonly { readonly name: string; readonly sha: string }[],
): readonly RefMove[] {
  const old = new Map(before.map(({ name, sha }) => [name, sha]));
  const now = new Map(after.map(({ name, sha }) => [name, sha]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((ref) => old.get(ref) !== now.get(ref))
    .map((ref) => ({ ref, before: old.get(ref) ?? noCommit, after: now.get(ref) ?? noCommit }));
}

async function runBackend(
  world: World,
  { request, response, url, isAnswerDropped }: GitRequest,
  repository: Repository,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { headers } = request;
  const inside = url.pathname.replace(/^\/[^/]+\/[^/]+\.git/, '');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...gitEnvironment(world.root),
      ...env,
      GIT_PROJECT_ROOT: path.dirname(repository.directory),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${path.basename(repository.directory)}${inside}`,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: headers['content-type'] ?? '',
      REMOTE_USER: 'git',
      REMOTE_ADDR: '127.0.0.1',
      GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      // A chunked push has no length; an empty one would be read as zero.
      ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    },
  });
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  request.pipe(child.stdin);
  let head: Buffer | undefined = Buffer.alloc(0);
  let status = 500;
  child.stdout.on('data', (chunk: Buffer) => {
    if (isAnswerDropped) return;
    if (head === undefined) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const cgi = cgiHeaders(head.subarray(0, end).toString());
    status = cgi.status;
    response.writeHead(status, cgi.headers);
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  return status;
}

function cgiHeaders(text: string): { readonly status: number; readonly headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const { status, ...rest } = headers;
  return { status: status === undefined ? 200 : Number.parseInt(status, 10), headers: rest };
}

import {
  exchange,
  ExchangeFailed,
  retryDelayMs,
  type Endpoint,
  type HttpAnswer,
  type HttpCall,
  type Pacing,
} from '../http/index.ts';
import { refused, statementFailed, unreachable, type StatementPlace } from './problems.ts';

/** One page of an answer; Trino sends pages of 1 to 16 MiB. */
export interface Page {
  /** Undefined until the query is planned. */
  readonly columns: readonly { readonly name: string; readonly type: string }[] | undefined;
  readonly rows: readonly (readonly unknown[])[];
}

export interface StatementOptions {
  readonly endpoint: Endpoint;
  readonly pacing: Pacing;
  /** For the whole query. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const pageBytesMax = 128 * 2 ** 20;

/**
 * Runs one statement by Trino's client protocol and gives its pages as they come; a statement that is left early is
 * cancelled. The server's own next address is taken for its path alone: credentials never go to another host.
 * https://trino.io/docs/current/develop/client-protocol.html
 * @throws TrinoUnreachable, StatementFailed, or the signal's reason.
 */
export async function* runStatement(
  sql: string,
  query: string,
  options: StatementOptions,
): AsyncGenerator<Page, void, undefined> {
  const { endpoint, pacing } = options;
  const place = { url: endpoint.url, query };
  const deadlineMs = pacing.now() + options.timeoutMs;
  let next: string | undefined;
  try {
    let state = await ask({ method: 'POST', path: '/v1/statement', text: sql }, place, options);
    for (;;) {
      next = state.nextPath;
      if (state.error !== undefined) {
        next = undefined;
        throw statementFailed(place, endpoint.redact(state.error));
      }
      yield { columns: state.columns, rows: state.rows };
      if (next === undefined) return;
      if (pacing.now() > deadlineMs) {
        throw statementFailed(
          place,
          `the query took longer than ${options.timeoutMs / 60_000} minutes (trino.queryTimeoutMinutes)`,
        );
      }
      state = await ask({ method: 'GET', path: next }, place, options);
    }
  } finally {
    if (next !== undefined) await cancel(endpoint, next);
  }
}

/** A server that does not hear it ends the query by itself, when nobody asks for its pages. */
async function cancel(endpoint: Endpoint, path: string): Promise<void> {
  await exchange(endpoint, { method: 'DELETE', path }, { bytesMax: pageBytesMax, signal: undefined }).catch(
    () => undefined,
  );
}

interface State extends Page {
  readonly nextPath: string | undefined;
  readonly error: string | undefined;
}

async function ask(call: HttpCall, place: StatementPlace, options: StatementOptions): Promise<State> {
  const { endpoint, pacing, signal } = options;
  for (let attempts = 1; ; attempts += 1) {
    signal?.throwIfAborted();
    const outcome = await attempt(endpoint, call, signal);
    if (!(outcome instanceof ExchangeFailed) && !isPassing(outcome.status)) {
      if (outcome.status !== 200) throw refused(place, outcome.status, endpoint.redact(clip(outcome.body)));
      return readState(outcome.body) ?? notTrino(place, outcome);
    }
    const retryAfter = outcome instanceof ExchangeFailed ? undefined : outcome.retryAfter;
    const delayMs = retryDelayMs(attempts, retryAfter, pacing);
    if (delayMs === undefined) {
      const what =
        outcome instanceof ExchangeFailed ? outcome.message : `HTTP ${outcome.status}, ${clip(outcome.body)}`;
      throw unreachable(place, endpoint.redact(what), attempts);
    }
    await pacing.wait(delayMs, signal);
  }
}

async function attempt(
  endpoint: Endpoint,
  call: HttpCall,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer | ExchangeFailed> {
  try {
    return await exchange(endpoint, call, { bytesMax: pageBytesMax, signal });
  } catch (error) {
    if (error instanceof ExchangeFailed) return error;
    throw error;
  }
}

function isPassing(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

function notTrino(place: StatementPlace, answer: HttpAnswer): never {
  throw refused(place, answer.status, `the answer is not one of Trino: ${clip(answer.body)}`);
}

/** What the answer says; undefined when it is none of the protocol. */
function readState(body: string): State | undefined {
  const answer = parseJson(body);
  if (!isRecord(answer) || typeof answer['id'] !== 'string') return undefined;
  const { columns, data, error, nextUri } = answer;
  const nextPath = typeof nextUri === 'string' ? statementPath(nextUri) : undefined;
  if (nextUri !== undefined && nextPath === undefined) return undefined;
  if (data !== undefined && !(Array.isArray(data) && data.every((row) => Array.isArray(row)))) return undefined;
  return {
    columns: Array.isArray(columns)
      ? columns.map((column: unknown) => ({ name: textOf(column, 'name'), type: textOf(column, 'type') }))
      : undefined,
    rows: (data ?? []) as readonly (readonly unknown[])[],
    nextPath,
    error: isRecord(error) ? clip(`${textOf(error, 'errorName')}: ${textOf(error, 'message')}`) : undefined,
  };
}

/** From `/v1/statement/` on: a proxy may put something before it, or have another name outside. */
function statementPath(address: string): string | undefined {
  const path = URL.canParse(address) ? new URL(address).pathname : '';
  const start = path.indexOf('/v1/statement/');
  return start === -1 ? undefined : path.slice(start);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown, key: string): string {
  const found = isRecord(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : '';
}

/** One line of at most 300 characters. */
function clip(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}

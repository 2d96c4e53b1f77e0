import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Endpoint } from './endpoint.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** No answer, or one that is not read to its end. */
export class ExchangeFailed extends Error {
  readonly kind: 'network' | 'timeout' | 'too-large';

  constructor(kind: 'network' | 'timeout' | 'too-large', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ExchangeFailed';
    this.kind = kind;
  }
}

/** What is asked: a form or a text by POST, as queries can be long, or parameters where the API has no other way. */
export type HttpCall =
  | { readonly method: 'GET' | 'DELETE'; readonly path: string; readonly form?: URLSearchParams }
  | { readonly method: 'POST'; readonly path: string; readonly form: URLSearchParams }
  | { readonly method: 'POST'; readonly path: string; readonly text: string };

/**
 * Sends one request and reads the whole answer, of at most `bytesMax`. Redirects are not followed: they could carry the
 * credentials elsewhere. No compression is asked for: inside one network it costs more time than it saves.
 * @throws ExchangeFailed; or the signal's reason when it aborts.
 */
export async function exchange(
  endpoint: Endpoint,
  call: HttpCall,
  options: { readonly bytesMax: number; readonly signal: AbortSignal | undefined },
): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(endpoint.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    return await send(endpoint, call, { bytesMax: options.bytesMax, signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ExchangeFailed) throw error;
    if (timeout.aborted) {
      throw new ExchangeFailed('timeout', `no whole answer within ${endpoint.timeoutMs / 1000} s`, { cause: error });
    }
    throw new ExchangeFailed('network', networkReason(error), { cause: error });
  }
}

function send(
  endpoint: Endpoint,
  call: HttpCall,
  limits: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const content = contentOf(call);
  const parameters = call.method === 'POST' ? '' : (call.form?.toString() ?? '');
  const url = new URL(`${endpoint.url}${call.path}${parameters === '' ? '' : `?${parameters}`}`);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = {
      ...endpoint.headers,
      Accept: 'application/json',
      ...(content === undefined
        ? {}
        : { 'Content-Type': content.type, 'Content-Length': Buffer.byteLength(content.text) }),
    };
    const outgoing = request(url, { method: call.method, agent: endpoint.agent, headers, signal: limits.signal });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      readBody(answer, limits.bytesMax).then(
        (body) => resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], body }),
        (error: unknown) => {
          outgoing.destroy();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
    outgoing.end(content?.text);
  });
}

function contentOf(call: HttpCall): { readonly type: string; readonly text: string } | undefined {
  if (call.method !== 'POST') return undefined;
  return 'form' in call
    ? { type: 'application/x-www-form-urlencoded', text: call.form.toString() }
    : { type: 'text/plain; charset=utf-8', text: call.text };
}

async function readBody(answer: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) throw new ExchangeFailed('too-large', `the answer is larger than ${bytesMax / 2 ** 20} MiB`);
    chunks.push(chunk as Buffer);
  }
  if (!answer.complete) throw new ExchangeFailed('network', 'the connection ended before the answer did');
  return Buffer.concat(chunks).toString('utf8');
}

/** Node's own texts name host and port at most. An AggregateError (several addresses of a host) has an empty one. */
function networkReason(error: unknown): string {
  if (error instanceof AggregateError) return networkReason(error.errors[0]);
  return error instanceof Error ? error.message : 'unknown error';
}

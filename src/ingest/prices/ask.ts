import { ProblemError } from '../../domain/index.ts';
import { exchange, ExchangeFailed, openEndpoint, retryDelayMs, type Endpoint, type Pacing } from '../http/index.ts';

/** A provider's price list, and how it lets one in. */
export interface PriceList {
  /** Without path; a mirror of the operator's, or the provider's own. */
  readonly url: string;
  /** Environment variable with an API key, sent as a header. */
  readonly keyEnvironment?: string;
}

export interface AskOptions {
  readonly pacing: Pacing;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

const timeoutSeconds = 60;
const answerBytesMax = 64 * 2 ** 20;

/** Runs with a connection to a price list. @throws ProblemError without its key. */
export async function withPriceList<Result>(
  { url, keyEnvironment }: PriceList,
  { environment }: AskOptions,
  work: (endpoint: Endpoint) => Promise<Result>,
): Promise<Result> {
  const endpoint = await openEndpoint(
    {
      url,
      authorization: { kind: 'none' },
      headers: {},
      secretHeaders:
        keyEnvironment === undefined ? {} : { 'X-Goog-Api-Key': { kind: 'environment', name: keyEnvironment } },
      tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
      timeoutSeconds,
      concurrency: 1,
    },
    environment,
  );
  try {
    return await work(endpoint);
  } finally {
    endpoint.close();
  }
}

/** One page of JSON; what may pass is tried again. @throws ProblemError SOURCE_UNREACHABLE. */
export async function askJson(
  endpoint: Endpoint,
  call: { readonly path: string; readonly form: URLSearchParams },
  { pacing, signal }: AskOptions,
): Promise<Readonly<Record<string, unknown>>> {
  for (let attempts = 1; ; attempts += 1) {
    const answer = await exchange(endpoint, { method: 'GET', ...call }, { bytesMax: answerBytesMax, signal }).catch(
      (error: unknown) => {
        if (error instanceof ExchangeFailed) return error;
        throw error;
      },
    );
    const isPassing = answer instanceof ExchangeFailed || answer.status === 429 || answer.status >= 500;
    if (!isPassing) {
      const value = answer.status === 200 ? parseObject(answer.body) : undefined;
      if (value !== undefined) return value;
      const what = `HTTP ${answer.status}: ${answer.body.replaceAll(/\s+/g, ' ').slice(0, 200)}`;
      throw priceListUnreachable(endpoint.url, call.path, endpoint.redact(what));
    }
    const retryAfter = answer instanceof ExchangeFailed ? undefined : answer.retryAfter;
    const delayMs = retryDelayMs(attempts, retryAfter, pacing);
    if (delayMs === undefined) {
      const what = answer instanceof ExchangeFailed ? answer.message : `HTTP ${answer.status}`;
      throw priceListUnreachable(endpoint.url, call.path, `${what} (${attempts} attempts)`);
    }
    await pacing.wait(delayMs, signal);
  }
}

export function priceListUnreachable(url: string, query: string, what: string): ProblemError {
  return new ProblemError({
    code: 'SOURCE_UNREACHABLE',
    severity: 'error',
    place: { kind: 'query', url, query },
    message: `The price list gives no answer: ${what}. No price file was written.`,
    remedy: 'Check the network, a proxy, or the address of a mirror (--url).',
  });
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

import { readAnswer, serverText } from './answer.ts';
import type { Endpoint } from '../../http/index.ts';
import { exchange, ExchangeFailed, type HttpAnswer, type HttpCall } from '../../http/index.ts';
import { limitConcurrency, retryDelayMs, type Pacing } from '../../http/index.ts';
import { unreachable, type SourceUnreachable } from './problems.ts';

/** A limit of the server or of ours that a smaller range may keep. */
export class TooLarge extends Error {}

const answerBytesMax = 64 * 2 ** 20;

/**
 * Exchanges with one server, at most `concurrency` at a time. What may pass is tried again; once the server is given up,
 * what still waits fails with it. The function throws {@link TooLarge}, SourceUnreachable, or the signal's reason.
 */
export function createPatientExchange(
  endpoint: Endpoint,
  options: { readonly concurrency: number; readonly pacing: Pacing; readonly signal?: AbortSignal | undefined },
): (call: HttpCall, query: string) => Promise<HttpAnswer> {
  const { pacing, signal } = options;
  const inTurn = limitConcurrency(options.concurrency);
  let givenUp: SourceUnreachable | undefined;
  const tryAgainAndAgain = async (call: HttpCall, query: string): Promise<HttpAnswer> => {
    for (let attempts = 1; ; attempts += 1) {
      signal?.throwIfAborted();
      if (givenUp !== undefined) throw givenUp;
      const outcome = await attempt(endpoint, call, signal);
      const size = tooLarge(outcome);
      if (size !== undefined) throw new TooLarge(endpoint.redact(size));
      if (!(outcome instanceof ExchangeFailed) && !isPassing(outcome.status)) return outcome;
      const retryAfter = outcome instanceof ExchangeFailed ? undefined : outcome.retryAfter;
      const delayMs = retryDelayMs(attempts, retryAfter, pacing);
      if (delayMs === undefined) {
        givenUp = unreachable({ url: endpoint.url, query }, endpoint.redact(describe(outcome)), attempts);
        throw givenUp;
      }
      await pacing.wait(delayMs, signal);
    }
  };
  return (call, query) => inTurn(() => tryAgainAndAgain(call, query));
}

async function attempt(
  endpoint: Endpoint,
  call: HttpCall,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer | ExchangeFailed> {
  try {
    return await exchange(endpoint, call, { bytesMax: answerBytesMax, signal });
  } catch (error) {
    if (error instanceof ExchangeFailed) return error;
    throw error;
  }
}

function describe(outcome: HttpAnswer | ExchangeFailed): string {
  return outcome instanceof ExchangeFailed ? outcome.message : `HTTP ${outcome.status}, ${errorOf(outcome)}`;
}

function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Texts of Prometheus, Thanos, Mimir, Cortex and VictoriaMetrics for limits that depend on the range. */
const tooLargeTexts = [
  'too many samples',
  'exceeded maximum resolution',
  'too many points',
  'maximum number of',
  'the limit',
  'limit exceeded',
  'timed out',
  'deadline exceeded',
  'exceeds',
];

/** Why a smaller range may be answered; undefined when the size is not the trouble. */
function tooLarge(outcome: HttpAnswer | ExchangeFailed): string | undefined {
  if (outcome instanceof ExchangeFailed) return outcome.kind === 'network' ? undefined : outcome.message;
  const { status } = outcome;
  if (status < 400 || status === 401 || status === 403 || status === 429) return undefined;
  const text = errorOf(outcome);
  const isLimit = tooLargeTexts.some((part) => text.toLowerCase().includes(part));
  return status === 413 || status === 504 || isLimit ? `HTTP ${status}, ${text}` : undefined;
}

/** What the server says is wrong, on one line. */
export function errorOf({ body }: HttpAnswer): string {
  const answer = readAnswer(body);
  return answer.kind === 'error' ? answer.error : serverText(body);
}

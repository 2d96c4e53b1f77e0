import type { Problem } from '../../../domain/index.ts';
import { readAnswer, readNames, serverText, type AnswerSeries } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { exchange, ExchangeFailed, type HttpAnswer, type HttpCall } from './http-exchange.ts';
import { limitConcurrency, retryDelayMs, type Pacing } from './pacing.ts';
import { answerUnreadable, queryTooLarge, refused, unreachable, type SourceUnreachable } from './problems.ts';

/** Points a series that Prometheus gives at most; VictoriaMetrics gives 30,000. */
const pointsMax = 11_000;

const answerBytesMax = 256 * 2 ** 20;

export interface QueryAnswer {
  readonly series: readonly AnswerSeries[];
  readonly warnings: readonly string[];
  readonly malformed: number;
  /** Ranges that the server cannot answer, however short. */
  readonly failed: readonly Problem[];
}

/** Evaluation times `startMs`, `startMs + stepMs` … up to and with `endMs`. */
export interface QueryRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface PrometheusClient {
  readonly url: string;
  /** Answers chunk by chunk in the order of time. @throws SourceUnreachable, QueryFailed, or the signal's reason. */
  queryRange(query: string, range: QueryRange): AsyncGenerator<QueryAnswer>;
  /** The raw samples of a range selector such as `up[1h]` at a time, with their own timestamps. */
  querySamples(query: string, atMs: number): Promise<QueryAnswer>;
  /** Metric names with samples in the time; undefined when the server does not say. */
  metricNames(
    range: { readonly startMs: number; readonly endMs: number },
    matcher: string,
  ): Promise<readonly string[] | undefined>;
}

/** The limits that a smaller range may keep. */
class TooLarge extends Error {}

/** A client of one server. Retries what may pass, halves a range that is too large, and keeps to `concurrency` requests. */
export function createPrometheusClient(
  endpoint: Endpoint,
  options: { readonly concurrency: number; readonly pacing: Pacing; readonly signal?: AbortSignal | undefined },
): PrometheusClient {
  const { pacing, signal } = options;
  const inTurn = limitConcurrency(options.concurrency);
  /** Once the server is given up, queries in wait fail with it instead of trying it again. */
  let givenUp: SourceUnreachable | undefined;

  const attempt = async (call: HttpCall): Promise<HttpAnswer | ExchangeFailed> => {
    try {
      return await exchange(endpoint, call, { bytesMax: answerBytesMax, signal });
    } catch (error) {
      if (error instanceof ExchangeFailed) return error;
      throw error;
    }
  };

  const call = (request: HttpCall, query: string): Promise<HttpAnswer> =>
    inTurn(async () => {
      for (let attempts = 1; ; attempts += 1) {
        signal?.throwIfAborted();
        if (givenUp !== undefined) throw givenUp;
        const outcome = await attempt(request);
        const size = tooLarge(outcome);
        if (size !== undefined) throw new TooLarge(endpoint.redact(size));
        if (!(outcome instanceof ExchangeFailed) && !isPassing(outcome.status)) return outcome;
        const retryAfter = outcome instanceof ExchangeFailed ? undefined : outcome.retryAfter;
        const delayMs = retryDelayMs(attempts, retryAfter, pacing);
        if (delayMs === undefined) {
          givenUp = unreachable({ url: endpoint.url, query }, describe(outcome), attempts);
          throw givenUp;
        }
        await pacing.wait(delayMs, signal);
      }
    });

  const describe = (outcome: HttpAnswer | ExchangeFailed): string =>
    endpoint.redact(
      outcome instanceof ExchangeFailed ? outcome.message : `HTTP ${outcome.status}, ${errorOf(outcome)}`,
    );

  const ask = async (path: string, form: Record<string, string>, query: string): Promise<QueryAnswer> => {
    const parameters = new URLSearchParams({ ...form, query, ...exactAnswers });
    const http = await call({ method: 'POST', path, form: parameters }, query);
    const answer = readAnswer(http.body);
    const place = { url: endpoint.url, query };
    if (answer.kind === 'error') throw refused(place, http.status, endpoint.redact(answer.error));
    if (http.status !== 200) throw refused(place, http.status, endpoint.redact(serverText(http.body)));
    if (answer.kind === 'unreadable') throw answerUnreadable(place, answer.reason);
    return { ...answer, failed: [], warnings: answer.warnings.map((warning) => endpoint.redact(serverText(warning))) };
  };

  async function* halving(query: string, range: QueryRange): AsyncGenerator<QueryAnswer> {
    const { startMs, endMs, stepMs } = range;
    const form = { start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) };
    const answer = await ask('/api/v1/query_range', form, query).catch((error: unknown) => {
      if (error instanceof TooLarge) return error;
      throw error;
    });
    if (!(answer instanceof TooLarge)) {
      yield withinRange(answer, range);
      return;
    }
    const points = Math.floor((endMs - startMs) / stepMs) + 1;
    if (points <= 1) {
      const { problem } = queryTooLarge({ url: endpoint.url, query }, answer.message);
      yield { series: [], warnings: [], malformed: 0, failed: [problem] };
      return;
    }
    const middleMs = startMs + Math.floor(points / 2) * stepMs;
    yield* halving(query, { startMs, endMs: middleMs - stepMs, stepMs });
    yield* halving(query, { startMs: middleMs, endMs, stepMs });
  }

  return {
    url: endpoint.url,
    async *queryRange(query, { startMs, endMs, stepMs }) {
      for (let from = startMs; from <= endMs; from += pointsMax * stepMs) {
        yield* halving(query, { startMs: from, endMs: Math.min(endMs, from + (pointsMax - 1) * stepMs), stepMs });
      }
    },
    async querySamples(query, atMs) {
      try {
        return await ask('/api/v1/query', { time: seconds(atMs) }, query);
      } catch (error) {
        throw error instanceof TooLarge ? queryTooLarge({ url: endpoint.url, query }, error.message) : error;
      }
    },
    async metricNames({ startMs, endMs }, matcher) {
      const form = new URLSearchParams({ start: seconds(startMs), end: seconds(endMs), 'match[]': matcher });
      const answer = await call({ method: 'GET', path: '/api/v1/label/__name__/values', form }, `names of ${matcher}`);
      if (answer.status === 401 || answer.status === 403) {
        throw refused({ url: endpoint.url, query: 'metric names' }, answer.status, endpoint.redact(errorOf(answer)));
      }
      return answer.status === 200 ? readNames(answer.body) : undefined;
    },
  };
}

/**
 * VictoriaMetrics: no cache and so no shifting of the range; Thanos: no downsampled blocks.
 * Servers leave unknown parameters alone.
 */
const exactAnswers = { nocache: '1', max_source_resolution: '0s' };

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

function errorOf({ body }: HttpAnswer): string {
  const answer = readAnswer(body);
  return answer.kind === 'error' ? answer.error : serverText(body);
}

/** Only points on the asked grid are answers to the question; a series that is there twice counts once. */
function withinRange(answer: QueryAnswer, { startMs, endMs, stepMs }: QueryRange): QueryAnswer {
  let malformed = answer.malformed;
  const series = answer.series.map(({ labels, points }) => {
    const seen = new Set<number>();
    const kept = points.filter(([atMs]) => {
      const isAsked = atMs >= startMs && atMs <= endMs && (atMs - startMs) % stepMs === 0 && !seen.has(atMs);
      seen.add(atMs);
      return isAsked;
    });
    malformed += points.length - kept.length;
    return kept.length === points.length ? { labels, points } : { labels, points: kept };
  });
  return { ...answer, series, malformed };
}

function seconds(ms: number): string {
  return String(ms / 1000);
}

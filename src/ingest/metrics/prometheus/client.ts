import type { Problem } from '../../../domain/index.ts';
import { readAnswer, readNames, serverText, type AnswerSeries } from './answer.ts';
import type { Endpoint } from '../../http/index.ts';
import type { Pacing } from '../../http/index.ts';
import { createPatientExchange, errorOf, TooLarge } from './patient-exchange.ts';
import { answerUnreadable, queryTooLarge, refused } from './problems.ts';

/** Raw samples are not asked for in shorter parts. */
const rawRangeMsMin = 60_000;

/** Points a series that Prometheus gives at most; VictoriaMetrics gives 30,000. */
const pointsMax = 11_000;

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
  /** The raw samples of a time, with their own timestamps; `selector` gives the range selector that ends there. */
  querySamples(
    selector: (rangeMs: number) => string,
    time: { readonly endMs: number; readonly rangeMs: number },
  ): AsyncGenerator<QueryAnswer>;
  /** Metric names with samples in the time; undefined when the server does not say. */
  metricNames(
    range: { readonly startMs: number; readonly endMs: number },
    matcher: string,
  ): Promise<readonly string[] | undefined>;
}

/** A client of one server. Retries what may pass, halves a range that is too large, and keeps to `concurrency` requests. */
export function createPrometheusClient(
  endpoint: Endpoint,
  options: { readonly concurrency: number; readonly pacing: Pacing; readonly signal?: AbortSignal | undefined },
): PrometheusClient {
  const call = createPatientExchange(endpoint, options);

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

  const failed = (query: string, { message }: TooLarge): QueryAnswer => ({
    series: [],
    warnings: [],
    malformed: 0,
    failed: [queryTooLarge({ url: endpoint.url, query }, message).problem],
  });

  async function* halving(query: string, range: QueryRange): AsyncGenerator<QueryAnswer> {
    const { startMs, endMs, stepMs } = range;
    const form = { start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) };
    const answer = await orTooLarge(ask('/api/v1/query_range', form, query));
    if (!(answer instanceof TooLarge)) {
      yield withinRange(answer, range);
      return;
    }
    const points = Math.floor((endMs - startMs) / stepMs) + 1;
    if (points <= 1) {
      yield failed(query, answer);
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
    async *querySamples(selector, { endMs, rangeMs }) {
      const query = selector(rangeMs);
      const answer = await orTooLarge(ask('/api/v1/query', { time: seconds(endMs) }, query));
      if (!(answer instanceof TooLarge)) {
        yield answer;
        return;
      }
      const halfMs = Math.ceil(rangeMs / 2);
      if (halfMs < rawRangeMsMin) {
        yield failed(query, answer);
        return;
      }
      yield* this.querySamples(selector, { endMs: endMs - halfMs, rangeMs: rangeMs - halfMs });
      yield* this.querySamples(selector, { endMs, rangeMs: halfMs });
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

async function orTooLarge(asked: Promise<QueryAnswer>): Promise<QueryAnswer | TooLarge> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TooLarge) return error;
    throw error;
  }
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

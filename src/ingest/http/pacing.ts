import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** The clock, the waiting and the chance that retries need; passed in so that a test decides them. */
export interface Pacing {
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects when the signal aborts. */
  wait(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** 0 up to, not including, 1. */
  random(): number;
}

/** Really waits; the chance is not seeded, as clients of one server should not all come back at the same time. */
export function realPacing(now: () => number): Pacing {
  return {
    now,
    wait: async (ms, signal) => {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    },
    random: () => randomInt(2 ** 32) / 2 ** 32,
  };
}

const firstDelayMs = 500;
const delayMsMax = 30_000;

/** A server that asks for more patience than this is given up for this run. */
const retryAfterMsMax = 120_000;

export const attemptsMax = 5;

/**
 * How long to wait before another attempt; undefined: give up. A growing bound with a random wait below it ("full
 * jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), or what Retry-After asks for
 * (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after).
 */
export function retryDelayMs(attempt: number, retryAfter: string | undefined, pacing: Pacing): number | undefined {
  if (attempt >= attemptsMax) return undefined;
  const jitterMs = pacing.random() * Math.min(delayMsMax, firstDelayMs * 2 ** (attempt - 1));
  const askedMs = retryAfter === undefined ? undefined : retryAfterMs(retryAfter, pacing.now());
  if (askedMs === undefined) return jitterMs;
  return askedMs > retryAfterMsMax ? undefined : askedMs + jitterMs;
}

/** Seconds or an HTTP date; undefined when it is neither. */
function retryAfterMs(text: string, nowMs: number): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Lets at most `limit` pieces of work run at a time; the others wait in their order. */
export function limitConcurrency(limit: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/**
 * What goes wrong: before the request is looked at (`status`, `secondary-rate-limit`, `dropped-request`), or after it
 * was carried out (`dropped-answer`: done, but the client never learns of it). `delay` only takes its time.
 */
export type FaultKind =
  | { readonly kind: 'status'; readonly status: number; readonly body?: unknown }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'dropped-request' }
  | { readonly kind: 'dropped-answer' }
  | { readonly kind: 'secondary-rate-limit'; readonly status: 403 | 429; readonly retryAfterSeconds: number };

export interface FaultRule {
  /** `POST /repos/{owner}/{repo}/pulls`, `POST /graphql`, `git fetch`, `git push`, or `*`. */
  readonly route: string;
  readonly fault: FaultKind;
  /** How many requests it hits; 1 when left out. */
  readonly times?: number;
  /** How many requests of the route pass before. */
  readonly after?: number;
}

/** Faults waiting for their requests. */
export class Faults {
  readonly #rules: { readonly rule: FaultRule; left: number; passing: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? 1, passing: rule.after ?? 0 });
  }

  /** The faults that never happened: a test that expects them to is wrong. */
  unused(): readonly FaultRule[] {
    return this.#rules.filter(({ left }) => left > 0).map(({ rule }) => rule);
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** The faults that hit a request of this route; counted. */
  take(route: string): readonly FaultKind[] {
    const hits: FaultKind[] = [];
    for (const entry of this.#rules) {
      if (entry.left === 0 || (entry.rule.route !== '*' && entry.rule.route !== route)) continue;
      if (entry.passing > 0) {
        entry.passing -= 1;
        continue;
      }
      entry.left -= 1;
      hits.push(entry.rule.fault);
    }
    return hits;
  }
}

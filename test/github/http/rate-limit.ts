import type { World } from '../state/world.ts';
import { ApiError } from './answer.ts';
import type { Actor } from './exchange.ts';

const hourMs = 3_600_000;

interface Budget {
  limit: number;
  used: number;
  resetAt: number;
}

/** The primary rate limit: so many requests an hour for each installation, App and person. */
export class RateLimits {
  readonly #world: World;
  readonly #limit: number;
  readonly #budgets = new Map<string, Budget>();

  constructor(world: World, limit: number) {
    this.#world = world;
    this.#limit = limit;
  }

  /** Sets what is left until the reset; zero makes the next request fail. */
  setRemaining(key: string, remaining: number): void {
    const budget = this.#budget(key);
    budget.used = budget.limit - remaining;
  }

  /** Throws 403 when nothing is left. */
  spend(key: string): void {
    const budget = this.#budget(key);
    if (budget.used >= budget.limit) {
      throw new ApiError(403, `API rate limit exceeded for ${key.replace(':', ' ID ')}.`, {
        headers: this.headers(key),
      });
    }
    budget.used += 1;
  }

  /** Takes back a request that does not count: 304. */
  refund(key: string): void {
    this.#budget(key).used -= 1;
  }

  headers(key: string): Readonly<Record<string, string>> {
    const { limit, remaining, reset, used } = this.overview(key);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-used': String(used),
      'x-ratelimit-resource': 'core',
    };
  }

  overview(key: string) {
    const { limit, used, resetAt } = this.#budget(key);
    return { limit, remaining: Math.max(0, limit - used), reset: Math.ceil(resetAt / 1000), used };
  }

  #budget(key: string): Budget {
    const now = this.#world.clock();
    const known = this.#budgets.get(key);
    if (known !== undefined && known.resetAt > now) return known;
    const fresh = { limit: this.#limit, used: 0, resetAt: now + hourMs };
    this.#budgets.set(key, fresh);
    return fresh;
  }
}

/** Whose budget a request is paid from. */
export function rateLimitKey(actor: Actor): string {
  switch (actor.kind) {
    case 'installation':
      return `installation:${actor.token.installation.id}`;
    case 'app':
      return `app:${actor.app.id}`;
    case 'user':
      return `user:${actor.user.id}`;
    case 'anonymous':
      return 'anonymous';
  }
}

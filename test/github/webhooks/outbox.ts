import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { App, Installation, World } from '../state/world.ts';

/** One webhook as it is sent: the same `guid` again when it is delivered again. */
export interface Delivery {
  readonly id: number;
  readonly guid: string;
  readonly app: App;
  readonly installation: Installation | undefined;
  readonly repositoryId: number | undefined;
  readonly event: string;
  readonly action: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly isRedelivery: boolean;
  /** Epoch milliseconds of the passed clock. */
  readonly at: number;
  /** Undefined until it was sent. */
  result: DeliveryResult | undefined;
}

export interface DeliveryResult {
  /** 0: nobody answered. */
  readonly status: number;
  readonly body: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly durationSeconds: number;
}

/** How webhooks reach the App; each is what networks and GitHub really do. */
export interface DeliveryHabits {
  /** Nothing is sent until it is true again. */
  isPaused: boolean;
  /** Each delivery is sent so many times, with the same guid. */
  copies: number;
  delayMs: number;
  /** Chooses what goes next from what waits, by index: `(waiting) => waiting - 1` sends the newest first. */
  choose: (waiting: number) => number;
  /** How many are sent at once. */
  concurrency: number;
}

// GitHub gives up after ten seconds.
const timeoutMs = 10_000;

/** The queue of deliveries to one App. */
export class Outbox {
  readonly habits: DeliveryHabits = { isPaused: false, copies: 1, delayMs: 0, choose: () => 0, concurrency: 1 };
  readonly deliveries: Delivery[] = [];
  readonly #world: World;
  readonly #waiting: Delivery[] = [];
  readonly #idle: (() => void)[] = [];
  #sending = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Queues a delivery, as often as the habits say. Without an address it is only kept. */
  add(delivery: Pick<Delivery, 'app' | 'installation' | 'repositoryId' | 'event' | 'action' | 'payload'>): void {
    this.#enqueue({ ...delivery, guid: randomUUID(), isRedelivery: false });
  }

  /** Sends a delivery once more, with the same guid and payload. */
  redeliver(delivery: Delivery): Delivery {
    return this.#enqueue({ ...delivery, isRedelivery: true });
  }

  /** Sends what waits, whether paused or not, and resolves when every answer is there. */
  async flush(): Promise<void> {
    const { isPaused } = this.habits;
    this.habits.isPaused = false;
    this.#pump();
    await this.settled();
    this.habits.isPaused = isPaused;
  }

  resume(): void {
    this.habits.isPaused = false;
    this.#pump();
  }

  /** Resolves when nothing waits and nothing is on its way. */
  async settled(): Promise<void> {
    if (this.#sending === 0 && (this.#waiting.length === 0 || this.habits.isPaused)) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #enqueue(wanted: Omit<Delivery, 'id' | 'at' | 'result'>): Delivery {
    const delivery: Delivery = { ...wanted, id: this.#world.nextId(), at: this.#world.clock(), result: undefined };
    this.deliveries.push(delivery);
    if (delivery.app.webhookUrl !== undefined) {
      for (let copy = 0; copy < this.habits.copies; copy += 1) this.#waiting.push(delivery);
      this.#pump();
    }
    return delivery;
  }

  #pump(): void {
    while (!this.habits.isPaused && this.#sending < this.habits.concurrency && this.#waiting.length > 0) {
      const [next] = this.#waiting.splice(this.habits.choose(this.#waiting.length), 1);
      if (next === undefined) throw new Error('the habit `choose` chose a delivery that does not wait');
      this.#sending += 1;
      void this.#send(next).finally(() => {
        this.#sending -= 1;
        this.#pump();
        if (this.#sending === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }

  async #send(delivery: Delivery): Promise<void> {
    if (this.habits.delayMs > 0) await sleep(this.habits.delayMs);
    const { app, event } = delivery;
    const body = JSON.stringify(delivery.payload);
    const requestHeaders = {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/5e55e55',
      'x-github-delivery': delivery.guid,
      'x-github-event': event,
      'x-github-hook-id': String(app.id),
      'x-github-hook-installation-target-id': String(app.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature': `sha1=${createHmac('sha1', app.webhookSecret).update(body).digest('hex')}`,
      'x-hub-signature-256': `sha256=${createHmac('sha256', app.webhookSecret).update(body).digest('hex')}`,
    };
    const started = performance.now();
    const answer = await post(app.webhookUrl ?? '', requestHeaders, body);
    delivery.result = { ...answer, requestHeaders, durationSeconds: (performance.now() - started) / 1000 };
  }
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'manual',
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return {
      status: 0,
      body: describeFailure(error),
    };
  }
}

// What went wrong stands in the cause: `fetch failed` alone says nothing.
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

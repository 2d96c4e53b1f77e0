import type { IncomingMessage } from 'node:http';

/** One request as it was answered. */
export interface RequestRecord {
  /** Epoch milliseconds of the passed clock. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `GET /repos/{owner}/{repo}`, `POST /graphql`, `git fetch`, `git push`; undefined when GitHub has no such route. */
  readonly route: string | undefined;
  /** `installation:12`, `app:3`, `user:4`, `anonymous`. */
  readonly actor: string;
  /** Undefined when the connection was dropped. */
  readonly status: number | undefined;
  readonly requestId: string;
  readonly body: unknown;
}

const maximumBodyBytes = 64 * 1024 * 1024;

/** All bytes of a request. Throws when they are more than GitHub takes. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBodyBytes) throw new Error('the request is larger than 64 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** One task after the other for each key; tasks of different keys run side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    this.#last.set(key, mine);
    return mine;
  }
}

import type { Database, Rows } from './database.ts';

/** Why a repository is scanned. */
export type ScanReason = 'schedule' | 'push' | 'dispatch' | 'command' | 'dashboard' | 'installation' | 'pull-request';

/** A scan that one replica has taken, until its lease ends. */
export interface Job {
  readonly id: string;
  /** `owner/name` */
  readonly repository: string;
  readonly reasons: readonly string[];
  /** This one included. */
  readonly attempt: number;
}

export interface QueueOptions {
  /** Milliseconds since 1970; the clocks of replicas may differ by a fraction of the lease. */
  readonly now: () => number;
  /** After so long without a sign of life a job goes to another replica. */
  readonly leaseSeconds: number;
  readonly attemptsMax: number;
}

const deliveryDays = 8;
const longestDelaySeconds = 3600;

const mergeWaiting = `ON CONFLICT (repository) WHERE state = 'waiting' DO UPDATE SET
  reasons = ARRAY(SELECT DISTINCT unnest(flyball_job.reasons || EXCLUDED.reasons) ORDER BY 1),
  run_at = LEAST(flyball_job.run_at, EXCLUDED.run_at)`;

/** Puts a scan in the queue; one that waits already takes the reason over. */
export async function enqueueScan(
  rows: Rows,
  scan: { readonly repository: string; readonly reason: ScanReason; readonly runAt: Date },
): Promise<void> {
  await rows.query(
    `INSERT INTO flyball_job (repository, reasons, state, attempts, run_at)
     VALUES ($1, ARRAY[$2::text], 'waiting', 0, $3) ${mergeWaiting}`,
    [scan.repository, scan.reason, scan.runAt],
  );
}

/** Scans that wait, run or were given up, in PostgreSQL: nothing is lost when a replica is. */
export class ScanQueue {
  readonly #database: Database;
  readonly #options: QueueOptions;

  constructor(database: Database, options: QueueOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Takes in a webhook once, however often it is delivered. */
  async takeDelivery(
    delivery: string,
    scans: readonly { readonly repository: string; readonly reason: ScanReason; readonly delaySeconds: number }[],
  ): Promise<'taken' | 'repeated'> {
    const now = this.#options.now();
    return this.#database.transaction(async (rows) => {
      const fresh = await rows.query(
        'INSERT INTO flyball_delivery (id, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id',
        [delivery, new Date(now)],
      );
      if (fresh.length === 0) return 'repeated';
      for (const { repository, reason, delaySeconds } of scans) {
        await enqueueScan(rows, { repository, reason, runAt: new Date(now + delaySeconds * 1000) });
      }
      return 'taken';
    });
  }

  /** The job that has waited longest of repositories where none runs; undefined when there is none. */
  async claim(worker: string): Promise<Job | undefined> {
    const now = this.#options.now();
    await this.#returnExpired(new Date(now));
    try {
      const [row] = await this.#database.query<{
        id: string;
        repository: string;
        reasons: string[];
        attempts: number;
      }>(
        `UPDATE flyball_job SET state = 'running', worker = $1, lease_until = $2, attempts = attempts + 1
         WHERE id = (
           SELECT id FROM flyball_job AS candidate
           WHERE state = 'waiting' AND run_at <= $3 AND NOT EXISTS (
             SELECT 1 FROM flyball_job AS other WHERE other.repository = candidate.repository AND other.state = 'running')
           ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id::text AS id, repository, reasons, attempts`,
        [worker, this.#leaseEnd(now), new Date(now)],
      );
      if (row === undefined) return undefined;
      return { id: row.id, repository: row.repository, reasons: row.reasons, attempt: row.attempts };
    } catch (error) {
      // Another replica took a job of the same repository at this moment.
      if (error instanceof Error && 'code' in error && error.code === '23505') return undefined;
      throw error;
    }
  }

  /** Says that the job is still worked on; false when it was taken away. */
  async extend(job: Job, worker: string): Promise<boolean> {
    const rows = await this.#database.query(
      `UPDATE flyball_job SET lease_until = $3 WHERE id = $1 AND worker = $2 AND state = 'running' RETURNING id`,
      [job.id, worker, this.#leaseEnd(this.#options.now())],
    );
    return rows.length > 0;
  }

  async finish(job: Job, worker: string): Promise<void> {
    await this.#database.transaction(async (rows) => {
      const gone = await rows.query(
        `DELETE FROM flyball_job WHERE id = $1 AND worker = $2 AND state = 'running' RETURNING id`,
        [job.id, worker],
      );
      if (gone.length === 0) return;
      await rows.query('UPDATE flyball_repository SET last_scan_at = $2 WHERE name = $1', [
        job.repository,
        new Date(this.#options.now()),
      ]);
    });
  }

  /** Puts a failed job back, later each time; after the last attempt it is kept as dead. */
  async fail(job: Job, worker: string, error: string): Promise<'waiting' | 'dead'> {
    const { attemptsMax, now } = this.#options;
    if (job.attempt >= attemptsMax) {
      await this.#database.query(
        `UPDATE flyball_job SET state = 'dead', last_error = $3 WHERE id = $1 AND worker = $2 AND state = 'running'`,
        [job.id, worker, error],
      );
      return 'dead';
    }
    const delaySeconds = Math.min(30 * 2 ** (job.attempt - 1), longestDelaySeconds);
    await this.#putBack({ job, worker, attempts: job.attempt, runAt: new Date(now() + delaySeconds * 1000), error });
    return 'waiting';
  }

  /** Puts a job back that this replica cannot end, as it stops; that is no failed attempt. */
  async release(job: Job, worker: string): Promise<void> {
    await this.#putBack({ job, worker, attempts: job.attempt - 1, runAt: new Date(this.#options.now()), error: null });
  }

  /** How many jobs are in each state. */
  async counts(): Promise<Readonly<Record<'waiting' | 'running' | 'dead', number>>> {
    const rows = await this.#database.query<{ state: string; jobs: number }>(
      'SELECT state, count(*)::integer AS jobs FROM flyball_job GROUP BY state',
    );
    const of = (state: string): number => rows.find((row) => row.state === state)?.jobs ?? 0;
    return { waiting: of('waiting'), running: of('running'), dead: of('dead') };
  }

  /** Forgets deliveries that GitHub does not repeat any more, and dead jobs of the same age. */
  async forgetOld(): Promise<void> {
    const before = new Date(this.#options.now() - deliveryDays * 86_400_000);
    await this.#database.query('DELETE FROM flyball_delivery WHERE received_at < $1', [before]);
    await this.#database.query(`DELETE FROM flyball_job WHERE state = 'dead' AND run_at < $1`, [before]);
  }

  #leaseEnd(now: number): Date {
    return new Date(now + this.#options.leaseSeconds * 1000);
  }

  async #putBack(given: {
    readonly job: Job;
    readonly worker: string;
    readonly attempts: number;
    readonly runAt: Date;
    readonly error: string | null;
  }): Promise<void> {
    await this.#database.query(
      `WITH mine AS (DELETE FROM flyball_job WHERE id = $1 AND worker = $2 AND state = 'running' RETURNING repository, reasons)
       INSERT INTO flyball_job (repository, reasons, state, attempts, run_at, last_error)
       SELECT repository, reasons, 'waiting', $3, $4, $5 FROM mine ${mergeWaiting}, attempts = EXCLUDED.attempts, last_error = EXCLUDED.last_error`,
      [given.job.id, given.worker, given.attempts, given.runAt, given.error],
    );
  }

  /** What replicas held that give no sign of life; a job that ends them again and again is given up at last. */
  async #returnExpired(now: Date): Promise<void> {
    await this.#database.query(
      `UPDATE flyball_job SET state = 'dead', last_error = 'the replica that ran it died'
       WHERE state = 'running' AND lease_until < $1 AND attempts >= $2`,
      [now, this.#options.attemptsMax],
    );
    await this.#database.query(
      `WITH expired AS (DELETE FROM flyball_job WHERE state = 'running' AND lease_until < $1 RETURNING repository, reasons, attempts)
       INSERT INTO flyball_job (repository, reasons, state, attempts, run_at, last_error)
       SELECT repository, reasons, 'waiting', attempts, $1, 'the replica that ran it died' FROM expired ${mergeWaiting}`,
      [now],
    );
  }
}

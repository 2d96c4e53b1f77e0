import type { Database, Rows } from './database.ts';

/** Why a repository is scanned, or a pull request checked. */
export type JobReason =
  | 'schedule'
  | 'push'
  | 'dispatch'
  | 'command'
  | 'dashboard'
  | 'installation'
  | 'pull-request'
  | 'rerun';

/** What a job is about. */
export interface JobSubject {
  /** `owner/name` */
  readonly repository: string;
  /** The pull request whose cost is checked; undefined for a scan of the repository. */
  readonly pull: number | undefined;
}

/** A scan or a check that one replica has taken, until its lease ends. */
export interface Job extends JobSubject {
  readonly id: string;
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

/** In the tables the scan of a repository has this number, so that a unique index counts it. */
const noPull = 0;

const mergeWaiting = `ON CONFLICT (repository, pull) WHERE state = 'waiting' DO UPDATE SET
  reasons = ARRAY(SELECT DISTINCT unnest(flyball_job.reasons || EXCLUDED.reasons) ORDER BY 1),
  run_at = LEAST(flyball_job.run_at, EXCLUDED.run_at)`;

/** Puts a job in the queue; one of the same subject that waits already takes the reason over. */
export async function enqueueJob(
  rows: Rows,
  job: JobSubject & { readonly reason: JobReason; readonly runAt: Date },
): Promise<void> {
  await rows.query(
    `INSERT INTO flyball_job (repository, pull, reasons, state, attempts, run_at)
     VALUES ($1, $2, ARRAY[$3::text], 'waiting', 0, $4) ${mergeWaiting}`,
    [job.repository, job.pull ?? noPull, job.reason, job.runAt],
  );
}

/** Scans and checks that wait, run or were given up, in PostgreSQL: nothing is lost when a replica is. */
export class JobQueue {
  readonly #database: Database;
  readonly #options: QueueOptions;

  constructor(database: Database, options: QueueOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Takes in a webhook once, however often it is delivered. */
  async takeDelivery(
    delivery: string,
    jobs: readonly (JobSubject & { readonly reason: JobReason; readonly delaySeconds: number })[],
  ): Promise<'taken' | 'repeated'> {
    const now = this.#options.now();
    return this.#database.transaction(async (rows) => {
      const fresh = await rows.query(
        'INSERT INTO flyball_delivery (id, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id',
        [delivery, new Date(now)],
      );
      if (fresh.length === 0) return 'repeated';
      for (const { repository, pull, reason, delaySeconds } of jobs) {
        await enqueueJob(rows, { repository, pull, reason, runAt: new Date(now + delaySeconds * 1000) });
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
        pull: number;
        reasons: string[];
        attempts: number;
      }>(
        `UPDATE flyball_job SET state = 'running', worker = $1, lease_until = $2, attempts = attempts + 1
         WHERE id = (
           SELECT id FROM flyball_job AS candidate
           WHERE state = 'waiting' AND run_at <= $3 AND NOT EXISTS (
             SELECT 1 FROM flyball_job AS other WHERE other.repository = candidate.repository AND other.state = 'running')
           ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id::text AS id, repository, pull, reasons, attempts`,
        [worker, this.#leaseEnd(now), new Date(now)],
      );
      if (row === undefined) return undefined;
      const { id, repository, pull, reasons, attempts: attempt } = row;
      return { id, repository, pull: pull === noPull ? undefined : pull, reasons, attempt };
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
      if (gone.length === 0 || job.pull !== undefined) return;
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
      `WITH mine AS (DELETE FROM flyball_job WHERE id = $1 AND worker = $2 AND state = 'running' RETURNING repository, pull, reasons)
       INSERT INTO flyball_job (repository, pull, reasons, state, attempts, run_at, last_error)
       SELECT repository, pull, reasons, 'waiting', $3, $4, $5 FROM mine ${mergeWaiting}, attempts = EXCLUDED.attempts, last_error = EXCLUDED.last_error`,
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
      `WITH expired AS (DELETE FROM flyball_job WHERE state = 'running' AND lease_until < $1 RETURNING repository, pull, reasons, attempts)
       INSERT INTO flyball_job (repository, pull, reasons, state, attempts, run_at, last_error)
       SELECT repository, pull, reasons, 'waiting', attempts, $1, 'the replica that ran it died' FROM expired ${mergeWaiting}`,
      [now],
    );
  }
}

import { createHash } from 'node:crypto';
import { Cron } from 'croner';
import type { Database } from './database.ts';
import { enqueueJob } from './queue.ts';

export interface ScanSchedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

const jitterMinutesMax = 10;

/**
 * The next time of a schedule, after `after`. A repository is always the same few minutes late, so that not every
 * repository of an organization is scanned at six sharp.
 */
export function nextRun(repository: string, { cron, timeZone }: ScanSchedule, after: number): Date | undefined {
  const jitterMilliseconds =
    (createHash('sha256').update(repository).digest().readUInt16BE(0) % (jitterMinutesMax * 60)) * 1000;
  const next = new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(after - jitterMilliseconds));
  return next === null ? undefined : new Date(next.getTime() + jitterMilliseconds);
}

/** When which repository is scanned, in the database: a time that passed while nothing ran is made up for once. */
export class Schedules {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Adds repositories that are new, which are scanned at once, and forgets those that are gone. */
  async keepOnly(repositories: readonly string[], schedule: ScanSchedule): Promise<void> {
    const now = new Date(this.#now());
    await this.#database.transaction(async (rows) => {
      for (const repository of repositories) {
        const next = nextRun(repository, schedule, now.getTime()) ?? now;
        const added = await rows.query(
          `INSERT INTO flyball_repository (name, cron, time_zone, next_run_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT DO NOTHING RETURNING name`,
          [repository, schedule.cron, schedule.timeZone, next],
        );
        if (added.length > 0)
          await enqueueJob(rows, { repository, pull: undefined, reason: 'installation', runAt: now });
      }
      await rows.query('DELETE FROM flyball_repository WHERE NOT name = ANY($1::text[])', [repositories]);
      await rows.query(`DELETE FROM flyball_job WHERE state = 'waiting' AND NOT repository = ANY($1::text[])`, [
        repositories,
      ]);
    });
  }

  /** What the repository's configuration says now. */
  async set(repository: string, schedule: ScanSchedule): Promise<void> {
    const next = nextRun(repository, schedule, this.#now());
    if (next === undefined) return;
    await this.#database.query(
      `UPDATE flyball_repository SET cron = $2, time_zone = $3, next_run_at = $4
       WHERE name = $1 AND (cron <> $2 OR time_zone <> $3)`,
      [repository, schedule.cron, schedule.timeZone, next],
    );
  }

  /** Queues every repository whose time has come; of several replicas one does it. */
  async queueDue(): Promise<number> {
    const now = this.#now();
    return this.#database.transaction(async (rows) => {
      const due = await rows.query<{ name: string; cron: string; time_zone: string }>(
        `SELECT name, cron, time_zone FROM flyball_repository WHERE next_run_at <= $1
         ORDER BY next_run_at LIMIT 100 FOR UPDATE SKIP LOCKED`,
        [new Date(now)],
      );
      for (const { name, cron, time_zone: timeZone } of due) {
        const next = nextRun(name, { cron, timeZone }, now) ?? new Date(now + 86_400_000);
        await rows.query('UPDATE flyball_repository SET next_run_at = $2 WHERE name = $1', [name, next]);
        await enqueueJob(rows, { repository: name, pull: undefined, reason: 'schedule', runAt: new Date(now) });
      }
      return due.length;
    });
  }
}

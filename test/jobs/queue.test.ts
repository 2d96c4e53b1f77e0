import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createTables,
  nextRun,
  openEmbeddedDatabase,
  JobQueue,
  Schedules,
  startWorker,
  type Database,
} from '../../src/jobs/index.ts';

const second = 1000;
const start = Date.parse('2026-11-01T00:00:00Z');
const daily = { cron: '0 6 * * *', timeZone: 'Europe/Berlin' };

describe('the queue of scans', () => {
  let database: Database;
  let time: number;
  let queue: JobQueue;

  beforeEach(async () => {
    time = start;
    database = await openEmbeddedDatabase(undefined);
    await createTables(database);
    queue = new JobQueue(database, { now: () => time, leaseSeconds: 60, attemptsMax: 3 });
  }, 30_000);
  afterEach(() => database.close());

  const push = (delivery: string, repository = 'acme/fleet') =>
    queue.takeDelivery(delivery, [{ repository, pull: undefined, reason: 'push', delaySeconds: 0 }]);

  test('takes a delivery once, and makes one scan of those that wait', async () => {
    expect([await push('1'), await push('1'), await push('2')]).toEqual(['taken', 'repeated', 'taken']);
    expect(await queue.counts()).toEqual({ waiting: 1, running: 0, dead: 0 });
  });

  test('runs one scan of a repository at a time, one more afterwards, and others beside it', async () => {
    await push('1');
    const first = await queue.claim('a');
    await push('2');
    await push('3', 'acme/other');
    const beside = await queue.claim('b');

    expect([first?.repository, beside?.repository]).toEqual(['acme/fleet', 'acme/other']);
    expect(await queue.claim('c')).toBeUndefined();

    if (first !== undefined) await queue.finish(first, 'a');
    expect((await queue.claim('c'))?.repository).toBe('acme/fleet');
  });

  test('keeps the checks of pull requests apart from each other and from the scan, and runs one at a time', async () => {
    const check = (delivery: string, pull: number) =>
      queue.takeDelivery(delivery, [{ repository: 'acme/fleet', pull, reason: 'pull-request', delaySeconds: 0 }]);
    await push('1');
    await check('2', 7);
    await check('3', 7);
    await check('4', 8);
    const order: unknown[] = [];
    for (let job = await queue.claim('a'); job !== undefined; job = await queue.claim('a')) {
      expect(await queue.claim('b')).toBeUndefined();
      order.push(job.pull);
      await queue.finish(job, 'a');
    }

    expect(order).toEqual([undefined, 7, 8]);
  });

  test('gives the job of a replica that died to another, whose word then counts', async () => {
    await push('1');
    const taken = await queue.claim('a');
    time += 61 * second;
    const again = await queue.claim('b');

    expect(again).toMatchObject({ repository: 'acme/fleet', attempt: 2 });
    expect(taken === undefined ? undefined : await queue.extend(taken, 'a')).toBe(false);
    if (taken !== undefined) await queue.finish(taken, 'a');
    expect((await queue.counts()).running).toBe(1);
  });

  test('tries a failed scan later and later, and keeps it as dead after the last time', async () => {
    await push('1');
    const outcomes: unknown[] = [];
    for (const waited of [0, 30, 60]) {
      time += waited * second - 1;
      const early = waited === 0 ? undefined : await queue.claim('a');
      time += 1;
      const job = await queue.claim('a');
      outcomes.push(early, job === undefined ? undefined : await queue.fail(job, 'a', 'GitHub is down'));
    }
    expect(outcomes).toEqual([undefined, 'waiting', undefined, 'waiting', undefined, 'dead']);
    expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 1 });
  });

  test('gives back what runs when it is told to stop, at no cost of an attempt', async () => {
    await push('1');
    const settled: string[] = [];
    const worker = startWorker({
      queue,
      worker: 'a',
      run: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        }),
      heartbeatMilliseconds: 20,
      pollMilliseconds: 10,
      onSettled: (_, outcome) => settled.push(outcome),
      onError: (error) => {
        throw error;
      },
    });
    while ((await queue.counts()).running === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await worker.stop(50);

    expect(settled).toEqual(['released']);
    expect(await queue.claim('b')).toMatchObject({ attempt: 1 });
  });

  test('scans a new repository at once, by its time zone each day, and makes up once for days that were missed', async () => {
    const schedules = new Schedules(database, () => time);
    await schedules.keepOnly(['acme/fleet'], daily);
    const first = await queue.claim('a');
    expect(first?.reasons).toEqual(['installation']);
    if (first !== undefined) await queue.finish(first, 'a');

    time += 3 * 86_400 * second;
    expect([await schedules.queueDue(), await schedules.queueDue()]).toEqual([1, 0]);
    expect((await queue.counts()).waiting).toBe(1);

    await schedules.keepOnly([], daily);
    expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 });
  });

  test('is always the same few minutes late for a repository', () => {
    const at = nextRun('acme/fleet', daily, start)?.getTime() ?? 0;
    const lateMinutes = (at - Date.parse('2026-11-01T05:00:00Z')) / 60_000;

    expect(lateMinutes).toBeGreaterThanOrEqual(0);
    expect(lateMinutes).toBeLessThan(10);
    expect(nextRun('acme/fleet', daily, at)?.getTime()).toBe(at + 86_400 * second);
  });
});

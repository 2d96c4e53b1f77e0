import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openPostgres, JobQueue, startWorker } from '../../src/jobs/index.ts';

// One replica of the test of several: takes scans from the shared queue, and writes down when each ended.
const [url = ''] = process.argv.slice(2);
const database = openPostgres(url, (error) => console.error(error.message));
const queue = new JobQueue(database, { now: () => Date.now(), leaseSeconds: 3, attemptsMax: 5 });
startWorker({
  queue,
  worker: randomUUID(),
  heartbeatMilliseconds: 500,
  pollMilliseconds: 50,
  run: async (job) => {
    const began = new Date();
    await wait(50);
    await database.query('INSERT INTO scanned (repository, began, ended) VALUES ($1, $2, $3)', [
      job.repository,
      began,
      new Date(),
    ]);
  },
  onSettled: () => undefined,
  onError: (error) => console.error(error),
});

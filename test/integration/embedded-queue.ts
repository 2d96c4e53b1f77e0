import { createTables, openEmbeddedDatabase, JobQueue } from '../../src/jobs/index.ts';

// Takes in deliveries until it is killed, and says of each that it is kept.
const [folder = ''] = process.argv.slice(2);
const database = await openEmbeddedDatabase(folder);
await createTables(database);
const queue = new JobQueue(database, { now: () => Date.now(), leaseSeconds: 60, attemptsMax: 5 });
for (let delivery = 1; ; delivery += 1) {
  await queue.takeDelivery(String(delivery), [
    { repository: `acme/fleet-${delivery}`, pull: undefined, reason: 'push', delaySeconds: 0 },
  ]);
  process.stdout.write(`${delivery}\n`);
}

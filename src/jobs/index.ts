export { openEmbeddedDatabase, openPostgres, type Database } from './database.ts';
export { JobQueue, type Job, type JobReason, type JobSubject } from './queue.ts';
export { nextRun, Schedules } from './schedule.ts';
export { createTables } from './tables.ts';
export { startWorker } from './worker.ts';

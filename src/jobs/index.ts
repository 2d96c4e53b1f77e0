export { openEmbeddedDatabase, openPostgres, type Database } from './database.ts';
export { ScanQueue, type Job, type ScanReason } from './queue.ts';
export { nextRun, Schedules, type ScanSchedule } from './schedule.ts';
export { createTables } from './tables.ts';
export { startWorker, type Worker } from './worker.ts';

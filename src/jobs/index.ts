export { openEmbeddedDatabase, openPostgres, type Database } from './database.ts';
export { ScanQueue, type Job, type ScanReason } from './queue.ts';
export { nextRun, Schedules } from './schedule.ts';
export { createTables } from './tables.ts';
export { startWorker } from './worker.ts';

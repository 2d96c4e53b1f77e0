import type { Database } from './database.ts';

const statements = [
  `CREATE TABLE IF NOT EXISTS flyball_delivery (
     id text PRIMARY KEY,
     received_at timestamptz NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS flyball_job (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     repository text NOT NULL,
     pull integer NOT NULL,
     reasons text[] NOT NULL,
     state text NOT NULL CHECK (state IN ('waiting', 'running', 'dead')),
     attempts integer NOT NULL,
     run_at timestamptz NOT NULL,
     worker text,
     lease_until timestamptz,
     last_error text)`,
  // One scan of a repository waits, one check of each pull request, and one of them all runs, whatever replicas do.
  `CREATE UNIQUE INDEX IF NOT EXISTS flyball_job_waiting ON flyball_job (repository, pull) WHERE state = 'waiting'`,
  `CREATE UNIQUE INDEX IF NOT EXISTS flyball_job_running ON flyball_job (repository) WHERE state = 'running'`,
  `CREATE TABLE IF NOT EXISTS flyball_repository (
     name text PRIMARY KEY,
     cron text NOT NULL,
     time_zone text NOT NULL,
     next_run_at timestamptz NOT NULL,
     last_scan_at timestamptz)`,
];

/** Creates what is not there yet; replicas that start together wait for each other. */
export async function createTables(database: Database): Promise<void> {
  await database.transaction(async (rows) => {
    await rows.query('SELECT pg_advisory_xact_lock(7317011)');
    for (const statement of statements) await rows.query(statement);
  });
}

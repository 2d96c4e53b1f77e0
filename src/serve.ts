import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Logger } from 'pino';
import { defaultRepositoryConfig, parseRepositoryConfig, repositoryConfigPath } from './config/index.ts';
import type { GitHubApp } from './github/index.ts';
import {
  createTables,
  JobQueue,
  Schedules,
  startWorker,
  type Database,
  type Job,
  type JobSubject,
} from './jobs/index.ts';
import { makeMeasurements, makeRequestListener, readEvent } from './server/index.ts';

export interface ServeOptions {
  readonly app: GitHubApp;
  readonly credentials: {
    readonly appId: number;
    /** PEM. */
    readonly privateKey: string;
    readonly webhookSecret: string;
    readonly baseUrl: string;
  };
  readonly database: Database;
  readonly host: string;
  readonly port: number;
  /** Names this process among the replicas. */
  readonly replica: string;
  readonly stopGraceSeconds: number;
  readonly now: () => number;
  readonly log: Logger;
  /** Scans a repository or checks a pull request. @throws Error when it should be tried again. */
  readonly run: (job: Job, signal: AbortSignal) => Promise<void>;
}

export interface RunningServer {
  readonly port: number;
  /** Takes in nothing more, lets the running scan end or gives it back, and closes the database. */
  stop(): Promise<void>;
}

const leaseSeconds = 60;
/** 30 s, 1, 2, 4, … minutes: GitHub may be away for two hours. */
const attemptsMax = 10;
const tickMilliseconds = 5000;
const discoveryMilliseconds = 3_600_000;

/** The App: webhooks in, scans and checks out of a queue, each repository by its schedule. */
export async function startServing(options: ServeOptions): Promise<RunningServer> {
  const { app, database, log, now } = options;
  await createTables(database);
  const queue = new JobQueue(database, { now, leaseSeconds, attemptsMax });
  const schedules = new Schedules(database, now);
  const measurements = makeMeasurements(() => queue.counts());
  const failed = (message: string, error: unknown): void => log.error({ reason: reasonOf(error) }, message);
  let isStopping = false;
  let discoverAt = 0;
  const worker = startWorker({
    queue,
    worker: options.replica,
    heartbeatMilliseconds: (leaseSeconds * 1000) / 4,
    pollMilliseconds: 1000,
    run: async (job, signal) => {
      const name = nameOf(job);
      log.info({ ...subjectOf(job), reasons: job.reasons, attempt: job.attempt }, `${name} started`);
      const stopTimer = measurements.jobSeconds.startTimer({ job: name });
      await options.run(job, signal).finally(stopTimer);
      if (job.pull !== undefined) return;
      await readSchedule(app, job.repository).then(
        (schedule) => schedules.set(job.repository, schedule),
        (error: unknown) => failed('the schedule of a repository could not be read; it stays as it is', error),
      );
    },
    onSettled: (job, outcome, error) => {
      const name = nameOf(job);
      measurements.jobs.inc({ job: name, outcome });
      const entry = { ...subjectOf(job), outcome, attempt: job.attempt };
      if (error === undefined) log.info(entry, `${name} ended`);
      else log.warn({ ...entry, reason: error }, `${name} ${outcome === 'dead' ? 'given up' : 'will be tried again'}`);
    },
    onError: (error) => failed('the queue gives no answer', error),
  });
  const listener = await makeRequestListener({
    ...options.credentials,
    measurements,
    onError: failed,
    isReady: async () => !isStopping && (await answers(database)),
    take: async (delivery, event, payload) => {
      const wanted = readEvent(event, payload, await app.login());
      if (wanted.kind === 'nothing') return 'ignored';
      const taken = await queue.takeDelivery(delivery, wanted.kind === 'jobs' ? wanted.jobs : []);
      if (wanted.kind === 'repositories-changed') discoverAt = 0;
      worker.wake();
      return taken;
    },
  });
  const tick = async (): Promise<void> => {
    if (now() >= discoverAt) {
      discoverAt = now() + discoveryMilliseconds;
      await discover(app, schedules).catch((error: unknown) => {
        discoverAt = 0;
        failed('the repositories of the App could not be listed; it is tried again', error);
      });
      await queue.forgetOld();
    }
    if ((await schedules.queueDue()) > 0) worker.wake();
  };
  const stopTicking = repeat(tick, (error) => failed('the schedule could not be looked at', error));
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  log.info({ host: options.host, port, replica: options.replica }, 'listening');
  return {
    port,
    stop: async () => {
      isStopping = true;
      log.info('stopping');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await stopTicking();
      await worker.stop(options.stopGraceSeconds * 1000);
      server.closeAllConnections();
      await closed;
      await database.close();
      log.info('stopped');
    },
  };
}

function nameOf({ pull }: JobSubject): 'scan' | 'check' {
  return pull === undefined ? 'scan' : 'check';
}

function subjectOf({ repository, pull }: JobSubject): { readonly repository: string; readonly pull?: number } {
  return { repository, ...(pull === undefined ? {} : { pull }) };
}

async function discover(app: GitHubApp, schedules: Schedules): Promise<void> {
  const repositories = await app.repositories();
  await schedules.keepOnly(
    repositories.map(({ owner, name }) => `${owner}/${name}`),
    defaultRepositoryConfig.schedule,
  );
}

/** When the default branch says that the repository is to be scanned. */
async function readSchedule(
  app: GitHubApp,
  repository: string,
): Promise<{ readonly cron: string; readonly timeZone: string }> {
  const [owner = '', name = ''] = repository.split('/');
  const { repos } = app.installation(await app.installationOf({ owner, name })).rest;
  const text = await repos
    .getContent({ owner, repo: name, path: repositoryConfigPath })
    .then(({ data }) =>
      !Array.isArray(data) && data.type === 'file' ? Buffer.from(data.content, 'base64').toString('utf8') : '',
    )
    .catch((error: unknown) => {
      if (error instanceof Error && 'status' in error && error.status === 404) return '';
      throw error;
    });
  return parseRepositoryConfig({ text, path: path.basename(repositoryConfigPath) }).config.schedule;
}

async function answers(database: Database): Promise<boolean> {
  return database.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

/** Does something again and again, never twice at a time; the result ends it. */
function repeat(work: () => Promise<void>, onError: (error: unknown) => void): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;
  const once = async (): Promise<void> => {
    await work().catch(onError);
    if (!isEnded) timer = setTimeout(() => (running = once()), tickMilliseconds);
  };
  let running = once();
  return async () => {
    isEnded = true;
    clearTimeout(timer);
    await running;
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

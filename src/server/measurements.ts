import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What `/metrics` shows. */
export interface Measurements {
  readonly registry: Registry;
  readonly webhooks: Counter<'event' | 'outcome'>;
  readonly answerSeconds: Histogram;
  readonly jobs: Counter<'job' | 'outcome'>;
  readonly jobSeconds: Histogram<'job'>;
}

const knownEvents = new Set([
  'check_run',
  'check_suite',
  'installation',
  'installation_repositories',
  'issue_comment',
  'issues',
  'ping',
  'pull_request',
  'push',
  'repository_dispatch',
]);

/** Names of events come from outside: those that nobody asked for share a label. */
export function eventLabel(event: string): string {
  return knownEvents.has(event) ? event : 'other';
}

/** `counts` gives the jobs of the queue by state when `/metrics` is read. */
export function makeMeasurements(counts: () => Promise<Readonly<Record<string, number>>>): Measurements {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const queued = new Gauge({
    name: 'flyball_jobs_queued',
    help: 'Scans and checks by state: waiting, running, or dead after the last attempt.',
    labelNames: ['state'],
    registers: [],
    async collect() {
      for (const [state, jobs] of Object.entries(await counts())) this.set({ state }, jobs);
    },
  });
  registry.registerMetric(queued);
  return {
    registry,
    webhooks: new Counter({
      name: 'flyball_webhooks_total',
      help: 'Webhooks by event and outcome.',
      labelNames: ['event', 'outcome'],
      registers,
    }),
    answerSeconds: new Histogram({
      name: 'flyball_webhook_answer_seconds',
      help: 'Time until a webhook was answered.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    jobs: new Counter({
      name: 'flyball_jobs_total',
      help: 'Scans and checks that ended, by outcome.',
      labelNames: ['job', 'outcome'],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'flyball_job_seconds',
      help: 'Time that scans and checks took.',
      labelNames: ['job'],
      buckets: [1, 5, 15, 60, 300, 900, 3600],
      registers,
    }),
  };
}

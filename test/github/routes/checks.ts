import { readCommit, resolveCommit } from '../git/commits.ts';
import { readRefs } from '../git/refs.ts';
import { onRepository } from '../http/access.ts';
import { type Answer, ApiError, created, notFound, ok, unprocessable } from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf, appOf } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { checkRunJson, checkSuiteJson, runsOfSuite } from '../json/checks.ts';
import { ensureCheckSuite, notifyCheckRun, notifyCheckSuite } from '../state/checks.ts';
import type { CheckRun, CheckSuite } from '../state/world.ts';

const write = { needs: ['checks:write'], isForAppsOnly: true } as const;
const runs = '/repos/{owner}/{repo}/check-runs';
const suites = '/repos/{owner}/{repo}/check-suites';

export const checkRoutes: readonly Route[] = [
  onRepository(`POST ${runs}`, write, createRun),
  onRepository(`GET ${runs}/{check_run_id}`, 'checks:read', (exchange) =>
    ok(checkRunJson(exchange.world, exchange.repository, findRun(exchange))),
  ),
  onRepository(`PATCH ${runs}/{check_run_id}`, write, async (exchange) => {
    const run = findRun(exchange);
    if (run.suite.app !== appOf(exchange.actor))
      throw new ApiError(403, 'Invalid app_id `check_run` was created by another App.');
    await applyChanges(exchange, run);
    return ok(checkRunJson(exchange.world, exchange.repository, run));
  }),
  onRepository(`GET ${runs}/{check_run_id}/annotations`, 'checks:read', (exchange) => {
    const run = findRun(exchange);
    const blob = `${exchange.world.url}/${exchange.repository.owner.login}/${exchange.repository.name}/blob/${run.suite.headSha}`;
    return pageOf(exchange, run.annotations, {
      toJson: (annotation) => ({
        start_column: null,
        end_column: null,
        title: null,
        raw_details: null,
        ...annotation,
        blob_href: `${blob}/${String(annotation['path'])}`,
      }),
    });
  }),
  onRepository(
    `POST ${runs}/{check_run_id}/rerequest`,
    { needs: ['checks:write'], role: 'write' },
    async (exchange) => {
      const { world, repository, actor } = exchange;
      await notifyCheckRun(world, repository, findRun(exchange), { action: 'rerequested', sender: accountOf(actor) });
      return created({});
    },
  ),
  onRepository(`POST ${suites}`, write, async (exchange) => {
    const { world, repository, body } = exchange;
    const headSha = await headCommit(exchange, (body as { readonly head_sha: string }).head_sha);
    const suite = ensureCheckSuite(world, repository, {
      app: writer(exchange),
      headSha,
      headBranch: await branchOf(exchange, headSha),
    });
    return created(await suiteJson(exchange, suite));
  }),
  onRepository(`GET ${suites}/{check_suite_id}`, 'checks:read', async (exchange) =>
    ok(await suiteJson(exchange, findSuite(exchange))),
  ),
  onRepository(`GET ${suites}/{check_suite_id}/check-runs`, 'checks:read', (exchange) => {
    const suite = findSuite(exchange);
    return runPage(exchange, runsOfSuite(exchange.repository, suite));
  }),
  onRepository(
    `POST ${suites}/{check_suite_id}/rerequest`,
    { needs: ['checks:write'], role: 'write' },
    async (exchange) => {
      const { world, repository, actor } = exchange;
      await notifyCheckSuite(world, repository, findSuite(exchange), {
        action: 'rerequested',
        sender: accountOf(actor),
      });
      return created({});
    },
  ),
  onRepository('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', 'checks:read', async (exchange) => {
    const sha = await resolveCommit(exchange.repository.directory, exchange.params['ref'] ?? '');
    if (sha === undefined) throw unprocessable(`No commit found for SHA: ${exchange.params['ref']}`);
    const found = [...exchange.repository.checkRuns.values()].filter(({ suite }) => suite.headSha === sha);
    return runPage(exchange, found);
  }),
  onRepository('GET /repos/{owner}/{repo}/commits/{ref}/check-suites', 'checks:read', async (exchange) => {
    const sha = await resolveCommit(exchange.repository.directory, exchange.params['ref'] ?? '');
    if (sha === undefined) throw unprocessable(`No commit found for SHA: ${exchange.params['ref']}`);
    const found = [...exchange.repository.checkSuites.values()].filter(({ headSha }) => headSha === sha);
    const commit = await readCommit(exchange.repository.directory, sha);
    return pageOf(exchange, found, {
      toJson: (suite) => checkSuiteJson(exchange.world, exchange.repository, suite, commit),
      wrap: (rows, total) => ({ total_count: total, check_suites: rows }),
    });
  }),
];

function findRun({ repository, params }: RepositoryExchange): CheckRun {
  const run = repository.checkRuns.get(Number(params['check_run_id']));
  if (run === undefined) throw notFound();
  return run;
}

function findSuite({ repository, params }: RepositoryExchange): CheckSuite {
  const suite = repository.checkSuites.get(Number(params['check_suite_id']));
  if (suite === undefined) throw notFound();
  return suite;
}

async function suiteJson({ world, repository }: RepositoryExchange, suite: CheckSuite) {
  return checkSuiteJson(world, repository, suite, await readCommit(repository.directory, suite.headSha));
}

function runPage(exchange: RepositoryExchange, found: readonly CheckRun[]): Answer {
  const { world, repository, query } = exchange;
  const matching = found
    .filter(({ name }) => query.get('check_name') === null || name === query.get('check_name'))
    .filter(({ status }) => query.get('status') === null || status === query.get('status'))
    .filter(({ suite }) => query.get('app_id') === null || String(suite.app.id) === query.get('app_id'))
    .toReversed();
  // `latest` shows one run for each name of an App: the youngest.
  const seen = new Set<string>();
  const shown = matching.filter((run) => {
    const key = `${run.suite.app.id} ${run.name}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew || query.get('filter') === 'all';
  });
  return pageOf(exchange, shown, {
    toJson: (run) => checkRunJson(world, repository, run),
    wrap: (rows, total) => ({ total_count: total, check_runs: rows }),
  });
}

function writer({ actor }: RepositoryExchange) {
  const app = appOf(actor);
  if (app === undefined) throw new ApiError(403, 'You must authenticate via a GitHub App.');
  return app;
}

async function headCommit({ repository }: RepositoryExchange, sha: string): Promise<string> {
  const found = /^[0-9a-f]{40}$/.test(sha) ? await resolveCommit(repository.directory, sha) : undefined;
  if (found === undefined) throw unprocessable(`No commit found for SHA: ${sha}`);
  return found;
}

async function branchOf({ repository }: RepositoryExchange, sha: string): Promise<string | null> {
  const ref = (await readRefs(repository.directory, 'refs/heads/')).find((one) => one.sha === sha);
  return ref?.name.slice('refs/heads/'.length) ?? null;
}

interface WantedRun {
  readonly name?: string;
  readonly head_sha?: string;
  readonly status?: string;
  readonly conclusion?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly external_id?: string;
  readonly details_url?: string;
  readonly output?: {
    readonly title?: string;
    readonly summary?: string;
    readonly text?: string;
    readonly annotations?: readonly Readonly<Record<string, unknown>>[];
  };
}

async function createRun(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, body } = exchange;
  const headSha = await headCommit(exchange, (body as WantedRun).head_sha ?? '');
  const app = writer(exchange);
  const suite = ensureCheckSuite(world, repository, { app, headSha, headBranch: await branchOf(exchange, headSha) });
  const run: CheckRun = {
    id: world.nextId(),
    suite,
    annotations: [],
    name: '',
    status: 'queued',
    conclusion: null,
    startedAt: world.clock(),
    completedAt: null,
    externalId: '',
    detailsUrl: `${world.url}/apps/${app.slug}`,
    title: null,
    summary: null,
    text: null,
  };
  await applyChanges(exchange, run);
  repository.checkRuns.set(run.id, run);
  await notifyCheckRun(world, repository, run, { action: 'created', sender: accountOf(exchange.actor) });
  const json = checkRunJson(world, repository, run);
  return created(json, String(json['url']));
}

async function applyChanges(exchange: RepositoryExchange, run: CheckRun): Promise<void> {
  const { world, repository, actor } = exchange;
  const wanted = exchange.body as WantedRun;
  const wasCompleted = run.status === 'completed';
  if (wanted.status === 'completed' && wanted.conclusion === undefined) {
    throw unprocessable('Invalid request.\n\nFor \'properties/status\', "completed" requires a conclusion.');
  }
  for (const annotation of wanted.output?.annotations ?? []) checkAnnotation(annotation);
  run.name = wanted.name ?? run.name;
  run.externalId = wanted.external_id ?? run.externalId;
  run.detailsUrl = wanted.details_url ?? run.detailsUrl;
  run.startedAt = wanted.started_at === undefined ? run.startedAt : Date.parse(wanted.started_at);
  run.status = wanted.conclusion === undefined ? (wanted.status ?? run.status) : 'completed';
  if (run.status === 'completed') {
    run.conclusion = wanted.conclusion ?? run.conclusion;
    run.completedAt = wanted.completed_at === undefined ? world.clock() : Date.parse(wanted.completed_at);
  } else {
    run.conclusion = null;
    run.completedAt = null;
  }
  run.title = wanted.output?.title ?? run.title;
  run.summary = wanted.output?.summary ?? run.summary;
  run.text = wanted.output?.text ?? run.text;
  // Annotations of later requests are added to those of earlier ones.
  run.annotations.push(...(wanted.output?.annotations ?? []));
  if (run.status === 'completed' && !wasCompleted && repository.checkRuns.has(run.id)) {
    await notifyCheckRun(world, repository, run, { action: 'completed', sender: accountOf(actor) });
    const isLast = runsOfSuite(repository, run.suite).every(({ status }) => status === 'completed');
    if (isLast) await notifyCheckSuite(world, repository, run.suite, { action: 'completed', sender: accountOf(actor) });
  }
}

function checkAnnotation(annotation: Readonly<Record<string, unknown>>): void {
  const { start_line: start, end_line: end, start_column: from, end_column: to } = annotation;
  const isBackwards = typeof start === 'number' && typeof end === 'number' && end < start;
  const hasColumns = from !== undefined || to !== undefined;
  if (isBackwards) throw unprocessable('Invalid request.\n\nend_line must not be before start_line.');
  if (hasColumns && start !== end) {
    throw unprocessable('Invalid request.\n\nstart_column and end_column need start_line and end_line to be the same.');
  }
}

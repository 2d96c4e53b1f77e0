import type { Commit } from '../git/commits.ts';
import {
  type CheckRun,
  type CheckSuite,
  type CommitStatus,
  type Repository,
  type World,
  nodeId,
  timestamp,
} from '../state/world.ts';
import { accountJson, appJson } from './accounts.ts';
import { simpleCommitJson } from './commits.ts';
import { repositoryApiUrl, repositoryHtmlUrl, repositoryJson } from './repository.ts';

/** The open pull requests of a commit in the same repository, as checks name them. */
function pullsOfCommit(world: World, repository: Repository, sha: string) {
  const url = repositoryApiUrl(world, repository);
  const repo = { id: repository.id, url, name: repository.name };
  return [...repository.issues.values()].flatMap(({ id, number, state, pull }) =>
    pull === undefined || state !== 'open' || pull.head.sha !== sha || pull.head.repository !== repository
      ? []
      : [
          {
            url: `${url}/pulls/${number}`,
            id,
            number,
            head: { ref: pull.head.ref, sha, repo },
            base: { ref: pull.base.ref, sha: pull.base.sha, repo },
          },
        ],
  );
}

export function checkRunJson(world: World, repository: Repository, run: CheckRun): Record<string, unknown> {
  const url = `${repositoryApiUrl(world, repository)}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.suite.headSha,
    external_id: run.externalId,
    url,
    html_url: `${repositoryHtmlUrl(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: timestamp(run.startedAt),
    completed_at: run.completedAt === null ? null : timestamp(run.completedAt),
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite.id },
    app: appJson(world, run.suite.app),
    pull_requests: pullsOfCommit(world, repository, run.suite.headSha),
  };
}

export function runsOfSuite(repository: Repository, suite: CheckSuite): readonly CheckRun[] {
  return [...repository.checkRuns.values()].filter((run) => run.suite === suite);
}

const worst = ['failure', 'timed_out', 'action_required', 'cancelled', 'stale', 'success', 'skipped', 'neutral'];

export function checkSuiteJson(
  world: World,
  repository: Repository,
  suite: CheckSuite,
  commit: Commit,
): Record<string, unknown> {
  const url = `${repositoryApiUrl(world, repository)}/check-suites/${suite.id}`;
  const runs = runsOfSuite(repository, suite);
  const isDone = runs.length > 0 && runs.every(({ status }) => status === 'completed');
  const conclusions = new Set(runs.map(({ conclusion }) => conclusion));
  return {
    id: suite.id,
    node_id: nodeId('CS', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: isDone ? 'completed' : runs.length === 0 ? 'queued' : 'in_progress',
    conclusion: isDone ? (worst.find((one) => conclusions.has(one)) ?? null) : null,
    url,
    before: commit.parents[0] ?? null,
    after: suite.headSha,
    pull_requests: pullsOfCommit(world, repository, suite.headSha),
    app: appJson(world, suite.app),
    created_at: timestamp(suite.createdAt),
    updated_at: timestamp(suite.createdAt),
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
    head_commit: simpleCommitJson(commit),
    repository: repositoryJson(world, repository),
  };
}

/** As webhooks show a run: with its suite. */
export function webhookCheckRunJson(world: World, repository: Repository, run: CheckRun, commit: Commit) {
  const { repository: _, head_commit: __, ...suite } = checkSuiteJson(world, repository, run.suite, commit);
  return { ...checkRunJson(world, repository, run), check_suite: suite };
}

export function statusJson(world: World, repository: Repository, status: CommitStatus) {
  return {
    url: `${repositoryApiUrl(world, repository)}/statuses/${status.sha}`,
    avatar_url: `${world.url}/avatars/${status.creator.id}`,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: timestamp(status.createdAt),
    updated_at: timestamp(status.createdAt),
    creator: accountJson(world, status.creator),
  };
}

import { readCommits } from '../git/commits.ts';
import { changedFiles, readDiff } from '../git/diffs.ts';
import { readBranch } from '../git/refs.ts';
import { onRepository } from '../http/access.ts';
import { type Answer, checkBodyLength, notFound, ok, unprocessable, validationFailed } from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { changedFileJson, commitJson } from '../json/commits.ts';
import { pullJson, pullOf } from '../json/pulls.ts';
import { hasRole, roleOf } from '../state/repositories.ts';
import {
  closePull,
  describePull,
  findMergeability,
  keepHead,
  knownMergeability,
  notifyPull,
  pullRange,
} from '../state/pulls.ts';
import type { Issue, Repository } from '../state/world.ts';
import { createPull, customError } from './create-pull.ts';

export const pullRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/pulls', 'pull_requests:read', listPulls),
  onRepository('POST /repos/{owner}/{repo}/pulls', { needs: ['pull_requests:write'], role: 'read' }, createPull),
  onRepository('GET /repos/{owner}/{repo}/pulls/{pull_number}', 'pull_requests:read', getPull),
  onRepository(
    'PATCH /repos/{owner}/{repo}/pulls/{pull_number}',
    { needs: ['pull_requests:write'], role: 'read' },
    changePull,
  ),
  onRepository('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', 'pull_requests:read', async (exchange) => {
    const { world, repository } = exchange;
    const pull = pullOf(findPull(exchange));
    const { base, head } = await pullRange(repository, pull);
    const files = await changedFiles(repository.directory, base, head);
    return pageOf(exchange, files, { toJson: (file) => changedFileJson(world, repository, head, file) });
  }),
  onRepository('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', 'pull_requests:read', async (exchange) => {
    const { world, repository } = exchange;
    const { base, head } = await pullRange(repository, pullOf(findPull(exchange)));
    const commits = await readCommits(repository.directory, ['--reverse', `${base}..${head}`, '--']);
    return pageOf(exchange, commits, { toJson: (commit) => commitJson(world, repository, commit) });
  }),
  onRepository('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', 'pull_requests:read', (exchange) => {
    const { world, repository, params } = exchange;
    const pulls = pullsOf(repository).filter(
      ({ pull }) => pull?.head.sha === params['commit_sha'] || pull?.merged?.sha === params['commit_sha'],
    );
    return pageOf(exchange, pulls, { toJson: (issue) => pullJson(world, repository, issue) });
  }),
];

function pullsOf(repository: Repository): readonly Issue[] {
  return [...repository.issues.values()].filter(({ pull }) => pull !== undefined);
}

/** The pull request that the path names. Throws 404. */
export function findPull({ repository, params }: RepositoryExchange): Issue {
  const issue = repository.issues.get(Number(params['pull_number']));
  if (issue?.pull === undefined) throw notFound();
  return issue;
}

const sortKeys = {
  created: ({ createdAt, number }: Issue) => [createdAt, number] as const,
  updated: ({ updatedAt, number }: Issue) => [updatedAt, number] as const,
};

function listPulls(exchange: RepositoryExchange): Answer {
  const { world, repository, query } = exchange;
  const state = query.get('state') ?? 'open';
  const head = query.get('head');
  const base = query.get('base');
  const sort = query.get('sort') === 'updated' ? 'updated' : 'created';
  const direction = query.get('direction') ?? (query.get('sort') === null || sort === 'created' ? 'desc' : 'asc');
  const key = sortKeys[sort];
  const sign = direction === 'asc' ? 1 : -1;
  const pulls = pullsOf(repository)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter(({ pull }) => {
      const label = `${pull?.head.repository.owner.login}:${pull?.head.ref}`;
      return (
        (head === null || !head.includes(':') || label.toLowerCase() === head.toLowerCase()) &&
        (base === null || pull?.base.ref === base)
      );
    })
    .toSorted((left, right) => {
      const [[leftTime, leftNumber], [rightTime, rightNumber]] = [key(left), key(right)];
      return sign * (leftTime - rightTime || leftNumber - rightNumber);
    });
  return pageOf(exchange, pulls, { toJson: (issue) => pullJson(world, repository, issue) });
}

async function getPull(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, accept } = exchange;
  const issue = findPull(exchange);
  const pull = pullOf(issue);
  if (/\bv?3?\.?(diff|patch)\b/.test(accept)) {
    const { base, head } = await pullRange(repository, pull);
    return {
      status: 200,
      text: { contentType: 'text/plain; charset=utf-8', data: await readDiff(repository.directory, base, head) },
    };
  }
  const isKnown = knownMergeability(pull) !== undefined;
  const body = await describePull(world, repository, issue);
  // The first who asks gets null, and starts the search.
  if (!isKnown && issue.state === 'open') await findMergeability(repository, pull);
  return ok(body);
}

async function changePull(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor, body } = exchange;
  const issue = findPull(exchange);
  const pull = pullOf(issue);
  const sender = accountOf(actor);
  if (actor.kind === 'user' && issue.author !== sender && !hasRole(roleOf(repository, sender), 'write'))
    throw notFound();
  const wanted = body as {
    readonly title?: string;
    readonly body?: string | null;
    readonly state?: 'open' | 'closed';
    readonly base?: string;
  };
  checkBodyLength('PullRequest', wanted.body);
  const changes: Record<string, unknown> = {};
  if (wanted.title !== undefined && wanted.title !== issue.title) {
    changes['title'] = { from: issue.title };
    issue.title = wanted.title;
  }
  if (wanted.body !== undefined && wanted.body !== issue.body) {
    changes['body'] = { from: issue.body ?? '' };
    issue.body = wanted.body;
  }
  if (wanted.base !== undefined && wanted.base !== pull.base.ref) {
    const sha = await readBranch(repository.directory, wanted.base);
    if (sha === undefined) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' });
    changes['base'] = { ref: { from: pull.base.ref }, sha: { from: pull.base.sha } };
    pull.base = { ref: wanted.base, sha };
  }
  issue.updatedAt = world.clock();
  if (Object.keys(changes).length > 0) {
    await notifyPull(world, repository, issue, { action: 'edited', sender, more: { changes } });
  }
  if (wanted.state === 'closed' && issue.state === 'open') await closePull(world, repository, issue, sender);
  if (wanted.state === 'open' && issue.state === 'closed') await reopenPull(exchange, issue);
  return ok(await describePull(world, repository, issue));
}

async function reopenPull({ world, repository, actor }: RepositoryExchange, issue: Issue): Promise<void> {
  const pull = pullOf(issue);
  if (pull.merged !== undefined) throw unprocessable('Validation Failed: merged pull requests cannot be reopened');
  const head = await readBranch(pull.head.repository.directory, pull.head.ref);
  const base = await readBranch(repository.directory, pull.base.ref);
  if (head === undefined) throw customError(`The ${pull.head.ref} branch has been deleted.`);
  if (base === undefined) throw customError(`The ${pull.base.ref} branch has been deleted.`);
  pull.head.sha = head;
  pull.base.sha = base;
  await keepHead(repository, issue);
  issue.state = 'open';
  issue.closedAt = null;
  issue.closedBy = null;
  await notifyPull(world, repository, issue, { action: 'reopened', sender: accountOf(actor) });
}

import { onRepository } from '../http/access.ts';
import {
  type Answer,
  checkBodyLength,
  checkLength,
  created,
  noContent,
  notFound,
  ok,
  validationFailed,
} from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf, appOf } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { issueJson, labelJson } from '../json/issues.ts';
import { notifyIssue, setLabels } from '../state/issues.ts';
import { ensureLabels, findLabel } from '../state/labels.ts';
import { addIssue, closePull } from '../state/pulls.ts';
import { hasRole, roleOf } from '../state/repositories.ts';
import { type Issue, type Label, timestamp } from '../state/world.ts';

const either = { needs: ['issues:write', 'pull_requests:write'] } as const;
const eitherRead = { needs: ['issues:read', 'pull_requests:read'] } as const;
const oneIssue = '/repos/{owner}/{repo}/issues/{issue_number}';

export const issueRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/issues', 'issues:read', listIssues),
  onRepository('POST /repos/{owner}/{repo}/issues', { needs: ['issues:write'], role: 'read' }, createIssue),
  onRepository(`GET ${oneIssue}`, eitherRead, (exchange) =>
    ok(issueJson(exchange.world, exchange.repository, findIssue(exchange))),
  ),
  onRepository(`PATCH ${oneIssue}`, { ...either, role: 'read' }, changeIssue),
  onRepository(`PUT ${oneIssue}/lock`, either, (exchange) => {
    const issue = findIssue(exchange);
    const { lock_reason: reason } = exchange.body as { readonly lock_reason?: string };
    issue.isLocked = true;
    issue.lockReason = reason ?? null;
    return noContent;
  }),
  onRepository(`DELETE ${oneIssue}/lock`, either, (exchange) => {
    const issue = findIssue(exchange);
    issue.isLocked = false;
    issue.lockReason = null;
    return noContent;
  }),
  onRepository(`GET ${oneIssue}/labels`, eitherRead, (exchange) => labelPage(exchange, findIssue(exchange))),
  onRepository(`POST ${oneIssue}/labels`, either, (exchange) =>
    changeLabels(exchange, (issue, wanted) => [...issue.labels, ...wanted]),
  ),
  onRepository(`PUT ${oneIssue}/labels`, either, (exchange) => changeLabels(exchange, (_, wanted) => wanted)),
  onRepository(`DELETE ${oneIssue}/labels`, either, async (exchange) => {
    await relabel(exchange, findIssue(exchange), []);
    return noContent;
  }),
  onRepository(`DELETE ${oneIssue}/labels/{name}`, either, async (exchange) => {
    const issue = findIssue(exchange);
    const label = findLabel(exchange.repository, exchange.params['name'] ?? '');
    if (label === undefined || !issue.labels.includes(label)) throw notFound();
    await relabel(
      exchange,
      issue,
      issue.labels.filter((one) => one !== label),
    );
    return labelPage(exchange, issue);
  }),
];

/** The issue that the path names. Throws 404. */
export function findIssue({ repository, params }: RepositoryExchange): Issue {
  const issue = repository.issues.get(Number(params['issue_number']));
  if (issue === undefined) throw notFound();
  return issue;
}

function listIssues(exchange: RepositoryExchange): Answer {
  const { world, repository, query } = exchange;
  const state = query.get('state') ?? 'open';
  const labels = (query.get('labels') ?? '').split(',').filter(Boolean);
  const creator = query.get('creator');
  const since = query.get('since');
  const issues = [...repository.issues.values()]
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) =>
      labels.every((name) => issue.labels.some((one) => one.name.toLowerCase() === name.toLowerCase())),
    )
    .filter(({ author }) => creator === null || author.login === creator)
    .filter(({ updatedAt }) => since === null || timestamp(updatedAt) >= timestamp(Date.parse(since)));
  const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  const sign = query.get('direction') === 'asc' ? 1 : -1;
  const sorted = issues.toSorted((left, right) => sign * (left[key] - right[key] || left.number - right.number));
  return pageOf(exchange, sorted, { toJson: (issue) => issueJson(world, repository, issue) });
}

interface WantedIssue {
  readonly title?: string | number;
  readonly body?: string | null;
  readonly state?: 'open' | 'closed';
  readonly state_reason?: Issue['stateReason'];
  readonly labels?: readonly (string | { readonly name?: string })[];
  readonly assignees?: readonly string[];
}

async function createIssue(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor } = exchange;
  const wanted = exchange.body as WantedIssue;
  checkBodyLength('Issue', wanted.body);
  const title = String(wanted.title ?? '');
  checkLength('Issue', 'title', title, 256);
  if (title.trim() === '') throw validationFailed({ resource: 'Issue', code: 'missing_field', field: 'title' });
  const author = accountOf(actor);
  const issue = addIssue(world, repository, {
    author,
    viaApp: appOf(actor),
    title,
    body: wanted.body ?? null,
    pull: undefined,
  });
  if (mayTriage(exchange)) {
    issue.labels = wantedLabels(exchange, wanted.labels ?? []);
    issue.assignees = assignees(exchange, wanted.assignees ?? []);
  }
  await notifyIssue(world, repository, issue, { action: 'opened', sender: author });
  for (const label of issue.labels) {
    const more = { label: labelJson(world, repository, label) };
    await notifyIssue(world, repository, issue, { action: 'labeled', sender: author, more });
  }
  const body = issueJson(world, repository, issue);
  return created(body, String(body['url']));
}

// People without triage access cannot label or assign; GitHub drops it without a word.
function mayTriage({ actor, repository }: RepositoryExchange): boolean {
  return actor.kind !== 'user' || hasRole(roleOf(repository, actor.user), 'triage');
}

function wantedLabels({ world, repository }: RepositoryExchange, labels: NonNullable<WantedIssue['labels']>): Label[] {
  return ensureLabels(
    world,
    repository,
    labels.map((label) => (typeof label === 'string' ? label : (label.name ?? ''))),
  );
}

function assignees({ world, repository }: RepositoryExchange, logins: readonly string[]) {
  return logins.map((login) => {
    const account = world.accounts.get(login.toLowerCase());
    if (account === undefined || !hasRole(roleOf(repository, account), 'read')) {
      throw validationFailed({ resource: 'Issue', field: 'assignees', code: 'invalid', value: login });
    }
    return account;
  });
}

async function changeIssue(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor } = exchange;
  const issue = findIssue(exchange);
  const sender = accountOf(actor);
  if (!mayTriage(exchange) && issue.author !== sender) throw notFound();
  const wanted = exchange.body as WantedIssue;
  checkBodyLength('Issue', wanted.body);
  const changes: Record<string, unknown> = {};
  if (wanted.title !== undefined && String(wanted.title) !== issue.title) {
    changes['title'] = { from: issue.title };
    issue.title = String(wanted.title);
  }
  if (wanted.body !== undefined && wanted.body !== issue.body) {
    changes['body'] = { from: issue.body ?? '' };
    issue.body = wanted.body;
  }
  if (wanted.assignees !== undefined) issue.assignees = assignees(exchange, wanted.assignees);
  issue.updatedAt = world.clock();
  if (Object.keys(changes).length > 0) {
    await notifyIssue(world, repository, issue, { action: 'edited', sender, more: { changes } });
  }
  if (wanted.labels !== undefined) await relabel(exchange, issue, wantedLabels(exchange, wanted.labels));
  await changeState(exchange, issue, wanted);
  return ok(issueJson(world, repository, issue));
}

async function changeState(
  { world, repository, actor }: RepositoryExchange,
  issue: Issue,
  wanted: WantedIssue,
): Promise<void> {
  const sender = accountOf(actor);
  if (wanted.state === 'closed' && issue.state === 'open') {
    issue.stateReason = issue.pull === undefined ? (wanted.state_reason ?? 'completed') : null;
    issue.closedBy = sender;
    issue.closedAt = world.clock();
    if (issue.pull === undefined) {
      issue.state = 'closed';
      await notifyIssue(world, repository, issue, { action: 'closed', sender });
    } else await closePull(world, repository, issue, sender);
  }
  if (wanted.state === 'open' && issue.state === 'closed') {
    if (issue.pull?.merged !== undefined) {
      throw validationFailed({ resource: 'Issue', code: 'invalid', field: 'state' });
    }
    issue.state = 'open';
    issue.stateReason = issue.pull === undefined ? 'reopened' : null;
    issue.closedAt = null;
    issue.closedBy = null;
    await notifyIssue(world, repository, issue, { action: 'reopened', sender });
  }
}

async function changeLabels(
  exchange: RepositoryExchange,
  choose: (issue: Issue, wanted: Label[]) => readonly Label[],
): Promise<Answer> {
  const issue = findIssue(exchange);
  const { body } = exchange;
  const wanted = (Array.isArray(body) ? body : (body['labels'] ?? [])) as NonNullable<WantedIssue['labels']>;
  await relabel(exchange, issue, choose(issue, wantedLabels(exchange, wanted)));
  return labelPage(exchange, issue);
}

async function relabel(
  { world, repository, actor }: RepositoryExchange,
  issue: Issue,
  labels: readonly Label[],
): Promise<void> {
  await setLabels(world, repository, issue, { labels, sender: accountOf(actor) });
}

function labelPage({ world, repository }: RepositoryExchange, issue: Issue): Answer {
  return ok(issue.labels.map((label) => labelJson(world, repository, label)));
}

import { type Commit, isAncestor, mergeTrees, readCommit, readCommits, writeCommit } from '../git/commits.ts';
import { onRepository } from '../http/access.ts';
import { type Answer, ApiError, conflict, created, notFound, ok, validationFailed } from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf } from '../http/exchange.ts';
import { accountJson, teamJson } from '../json/accounts.ts';
import { pullJson, pullOf } from '../json/pulls.ts';
import { repositoryApiUrl } from '../json/repository.ts';
import { closeIssue, findMergeability, notifyPull, pullRange } from '../state/pulls.ts';
import type { Account, Issue, PullRequest, Repository, Team } from '../state/world.ts';
import { checkWorkflows, makeCommit, signature } from './git-data.ts';
import { findPull } from './pulls.ts';
import { moveRef } from './refs.ts';

const reviewersRoute = '/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers';

export const pullChangeRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/pulls/{pull_number}/merge', 'contents:read', (exchange) => {
    if (pullOf(findPull(exchange)).merged === undefined) throw notFound();
    return { status: 204 };
  }),
  onRepository('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', 'contents:write', mergePull),
  onRepository('PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch', 'pull_requests:write', updateBranch),
  onRepository(`GET ${reviewersRoute}`, 'pull_requests:read', ({ world, repository, params, ...rest }) => {
    const pull = pullOf(findPull({ world, repository, params, ...rest }));
    return ok({
      users: pull.requestedReviewers.map((one) => accountJson(world, one)),
      teams: pull.requestedTeams.map((team) => teamJson(world, repository.owner, team)),
    });
  }),
  onRepository(`POST ${reviewersRoute}`, 'pull_requests:write', requestReviewers),
  onRepository(`DELETE ${reviewersRoute}`, 'pull_requests:write', removeReviewers),
];

interface WantedMerge {
  readonly commit_title?: string;
  readonly commit_message?: string;
  readonly sha?: string;
  readonly merge_method?: 'merge' | 'squash' | 'rebase';
}

async function mergePull(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor } = exchange;
  const issue = findPull(exchange);
  const pull = pullOf(issue);
  const wanted = exchange.body as WantedMerge;
  if (wanted.sha !== undefined && wanted.sha !== pull.head.sha) {
    throw conflict('Head branch was modified. Review and try the merge again.');
  }
  if (issue.state === 'closed') throw new ApiError(405, 'Pull Request is not mergeable');
  if (pull.isDraft) throw new ApiError(405, 'Pull Request is still a draft');
  if (!(await findMergeability(repository, pull))) throw new ApiError(405, 'Pull Request is not mergeable');
  const before = pull.base.sha;
  const sha = await mergeCommit(exchange, issue, wanted);
  await checkWorkflows(actor, repository, before, sha);
  const sender = accountOf(actor);
  pull.merged = { at: world.clock(), by: sender, sha };
  closeIssue(world, issue, sender);
  await moveRef(world, repository, { ref: `refs/heads/${pull.base.ref}`, before, after: sha }, sender);
  await notifyPull(world, repository, issue, { action: 'closed', sender });
  return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
}

async function mergeCommit(exchange: RepositoryExchange, issue: Issue, wanted: WantedMerge): Promise<string> {
  const { world, repository, actor } = exchange;
  const pull = pullOf(issue);
  const { base, head } = pull;
  const author = signature(world, actor);
  const method = wanted.merge_method ?? 'merge';
  if (method === 'rebase') return rebase(repository, pull, author);
  const tree = (await mergeTrees(repository.directory, base.sha, head.sha)) ?? '';
  const label = `${head.repository.owner.login}/${head.ref}`;
  const title =
    wanted.commit_title ??
    (method === 'squash' ? `${issue.title} (#${issue.number})` : `Merge pull request #${issue.number} from ${label}`);
  const text = wanted.commit_message ?? (method === 'squash' ? '' : issue.title);
  return makeCommit(repository, {
    tree,
    parents: method === 'squash' ? [base.sha] : [base.sha, head.sha],
    message: text === '' ? title : `${title}\n\n${text}`,
    author,
    committer: { name: 'GitHub', email: 'noreply@github.com', at: world.clock() },
    isSigned: true,
  });
}

async function rebase(
  repository: Repository,
  pull: PullRequest,
  committer: ReturnType<typeof signature>,
): Promise<string> {
  const range = await pullRange(repository, pull);
  const commits = await readCommits(repository.directory, [
    '--reverse',
    '--no-merges',
    `${range.base}..${range.head}`,
    '--',
  ]);
  let tip = pull.base.sha;
  for (const commit of commits) {
    const tree = await pickedTree(repository, commit, tip);
    if (tree === undefined) throw new ApiError(405, "This branch can't be rebased");
    const { author, message } = commit;
    tip = await makeCommit(repository, { tree, parents: [tip], author, committer, message, isSigned: false });
  }
  return tip;
}

// The tip with the commit's parent as its own: merging the commit into it brings what the commit changed, and no more.
async function pickedTree(repository: Repository, commit: Commit, tip: string): Promise<string | undefined> {
  const { directory } = repository;
  const { tree, author, committer } = await readCommit(directory, tip);
  const graft = await writeCommit(directory, { tree, parents: commit.parents, author, committer, message: 'Graft' });
  return mergeTrees(directory, graft, commit.sha);
}

async function updateBranch(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor, body } = exchange;
  const issue = findPull(exchange);
  const { head, base } = pullOf(issue);
  const { expected_head_sha: expected } = body as { readonly expected_head_sha?: string };
  if (expected !== undefined && expected !== head.sha) {
    throw validationFailed({
      resource: 'PullRequest',
      code: 'custom',
      message: `expected head sha didn’t match current head ref.`,
    });
  }
  if (await isAncestor(repository.directory, base.sha, head.sha)) {
    throw validationFailed({
      resource: 'PullRequest',
      code: 'custom',
      message: 'There are no new commits on the base branch.',
    });
  }
  const tree = await mergeTrees(repository.directory, head.sha, base.sha);
  if (tree === undefined) {
    throw validationFailed({
      resource: 'PullRequest',
      code: 'custom',
      message: 'merge conflict between base and head',
    });
  }
  const author = signature(world, actor);
  const sha = await makeCommit(repository, {
    tree,
    parents: [head.sha, base.sha],
    message: `Merge branch '${base.ref}' into ${head.ref}`,
    author,
    committer: author,
    isSigned: true,
  });
  await moveRef(world, repository, { ref: `refs/heads/${head.ref}`, before: head.sha, after: sha }, accountOf(actor));
  const url = `${repositoryApiUrl(world, repository)}/pulls/${issue.number}`;
  return { status: 202, body: { message: 'Updating pull request branch.', url } };
}

interface WantedReviewers {
  readonly reviewers?: readonly string[];
  readonly team_reviewers?: readonly string[];
}

async function requestReviewers(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor } = exchange;
  const issue = findPull(exchange);
  const pull = pullOf(issue);
  const { reviewers = [], team_reviewers: slugs = [] } = exchange.body as WantedReviewers;
  const users = reviewers.map((login) => reviewer(exchange, issue, login));
  const teams = slugs.map((slug) => {
    const team = repository.teams.has(slug) ? repository.owner.teams.get(slug) : undefined;
    if (team === undefined) throw notCollaborators();
    return team;
  });
  const sender = accountOf(actor);
  for (const user of users.filter((one) => !pull.requestedReviewers.includes(one))) {
    pull.requestedReviewers.push(user);
    const more = { requested_reviewer: accountJson(world, user) };
    await notifyPull(world, repository, issue, { action: 'review_requested', sender, more });
  }
  for (const team of teams.filter((one) => !pull.requestedTeams.includes(one))) {
    pull.requestedTeams.push(team);
    const more = { requested_team: teamJson(world, repository.owner, team) };
    await notifyPull(world, repository, issue, { action: 'review_requested', sender, more });
  }
  return created(pullJson(world, repository, issue));
}

function reviewer({ world, repository }: RepositoryExchange, issue: Issue, login: string): Account {
  const account = world.accounts.get(login.toLowerCase());
  const isCollaborator =
    account !== undefined &&
    (account === repository.owner ||
      repository.owner.members.has(account.login) ||
      repository.collaborators.has(account.login));
  if (account === undefined || !isCollaborator) throw notCollaborators();
  if (account === issue.author) {
    throw new ApiError(422, 'Review cannot be requested from pull request author.');
  }
  return account;
}

function notCollaborators(): ApiError {
  return new ApiError(
    422,
    'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.',
  );
}

async function removeReviewers(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, body } = exchange;
  const issue = findPull(exchange);
  const pull = pullOf(issue);
  const { reviewers = [], team_reviewers: slugs = [] } = body as WantedReviewers;
  pull.requestedReviewers = pull.requestedReviewers.filter(({ login }) => !reviewers.includes(login));
  pull.requestedTeams = pull.requestedTeams.filter(({ slug }: Team) => !slugs.includes(slug));
  return ok(pullJson(world, repository, issue));
}

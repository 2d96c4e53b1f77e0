import { type Commit, readCommit } from '../git/commits.ts';
import { readBranch } from '../git/refs.ts';
import { verificationJson } from '../json/commits.ts';
import { repositoryHtmlUrl } from '../json/repository.ts';
import { findMergeability, knownMergeability } from '../state/pulls.ts';
import {
  type Account,
  type Comment,
  type Issue,
  type Repository,
  type World,
  nodeId,
  timestamp,
} from '../state/world.ts';
import { type GraphqlObject } from './select.ts';

export function actorObject({ url }: World, { login, type }: Account): GraphqlObject {
  const typename = type === 'Organization' || type === 'Bot' ? type : 'User';
  // GraphQL leaves the suffix of bots out.
  return { typeName: typename, login: login.replace(/\[bot\]$/, ''), url: `${url}/${login}` };
}

export function commitObject(world: World, repository: Repository, commit: Commit): GraphqlObject {
  const { verified, reason } = verificationJson(repository, commit.sha);
  return {
    typeName: 'Commit',
    id: `C_${commit.sha}`,
    oid: commit.sha,
    abbreviatedOid: commit.sha.slice(0, 7),
    url: `${repositoryHtmlUrl(world, repository)}/commit/${commit.sha}`,
    message: commit.message,
    messageHeadline: commit.message.split('\n', 1)[0],
    committedDate: timestamp(commit.committer.at),
    signature: verified
      ? { typeName: 'GpgSignature', isValid: true, state: reason.toUpperCase(), wasSignedByGitHub: true }
      : null,
  };
}

export function repositoryObject(world: World, repository: Repository): GraphqlObject {
  const { id, owner, name, defaultBranch, isPrivate, isArchived } = repository;
  const ref = async (branch: string): Promise<GraphqlObject | null> => refObject(world, repository, branch);
  return {
    typeName: 'Repository',
    id: nodeId('R', id),
    name,
    nameWithOwner: `${owner.login}/${name}`,
    url: repositoryHtmlUrl(world, repository),
    isPrivate,
    isArchived,
    defaultBranchRef: async () => ref(defaultBranch),
    ref: async ({ qualifiedName }: { qualifiedName?: string }) =>
      ref((qualifiedName ?? '').replace(/^refs\/heads\//, '')),
    pullRequest: ({ number }: { number?: number }) => {
      const issue = repository.issues.get(Number(number));
      return issue?.pull === undefined ? null : pullObject(world, repository, issue);
    },
    issue: ({ number }: { number?: number }) => {
      const issue = repository.issues.get(Number(number));
      return issue === undefined || issue.pull !== undefined ? null : issueObject(world, repository, issue);
    },
  };
}

export async function refObject(world: World, repository: Repository, branch: string): Promise<GraphqlObject | null> {
  const sha = await readBranch(repository.directory, branch);
  if (sha === undefined) return null;
  return {
    typeName: 'Ref',
    id: `REF_${repository.id}${Buffer.from(branch).toString('base64url')}`,
    name: branch,
    prefix: 'refs/heads/',
    target: async () => commitObject(world, repository, await readCommit(repository.directory, sha)),
  };
}

function issueFields(world: World, repository: Repository, issue: Issue) {
  return {
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    author: actorObject(world, issue.author),
    locked: issue.isLocked,
    closed: issue.state === 'closed',
    createdAt: timestamp(issue.createdAt),
    updatedAt: timestamp(issue.updatedAt),
    repository: () => repositoryObject(world, repository),
  };
}

export function issueObject(world: World, repository: Repository, issue: Issue): GraphqlObject {
  return {
    typeName: 'Issue',
    id: nodeId('I', issue.id),
    url: `${repositoryHtmlUrl(world, repository)}/issues/${issue.number}`,
    state: issue.state.toUpperCase(),
    stateReason: issue.stateReason?.toUpperCase() ?? null,
    ...issueFields(world, repository, issue),
  };
}

export function pullObject(world: World, repository: Repository, issue: Issue): GraphqlObject {
  const { pull } = issue;
  if (pull === undefined) throw new Error(`#${issue.number} is no pull request`);
  return {
    typeName: 'PullRequest',
    id: nodeId('PR', issue.id),
    url: `${repositoryHtmlUrl(world, repository)}/pull/${issue.number}`,
    state: pull.merged === undefined ? issue.state.toUpperCase() : 'MERGED',
    isDraft: pull.isDraft,
    merged: pull.merged !== undefined,
    mergeable: async () => {
      const known = knownMergeability(pull);
      if (known === undefined) await findMergeability(repository, pull);
      if (known === undefined) return 'UNKNOWN';
      return known ? 'MERGEABLE' : 'CONFLICTING';
    },
    headRefName: pull.head.ref,
    headRefOid: pull.head.sha,
    baseRefName: pull.base.ref,
    baseRefOid: pull.base.sha,
    isCrossRepository: pull.head.repository !== repository,
    ...issueFields(world, repository, issue),
  };
}

export function commentObject(world: World, comment: Comment): GraphqlObject {
  return {
    typeName: comment.review === undefined ? 'IssueComment' : 'PullRequestReviewComment',
    id: nodeId(comment.review === undefined ? 'IC' : 'PRRC', comment.id),
    databaseId: comment.id,
    body: comment.body,
    author: actorObject(world, comment.author),
    isMinimized: comment.minimizedReason !== undefined,
    minimizedReason: comment.minimizedReason ?? null,
  };
}

import { readCommit } from '../git/commits.ts';
import { readBranch } from '../git/refs.ts';
import { MalformedPathError, type TreeChange, readTree, writeBlob, writeTree } from '../git/trees.ts';
import { findRepository } from '../http/access.ts';
import { ApiError } from '../http/answer.ts';
import { accountOf } from '../http/exchange.ts';
import { updateRefs, type RefsInput } from './update-refs.ts';
import { checkWorkflows, makeCommit, signature } from '../routes/git-data.ts';
import { moveRef } from '../routes/refs.ts';
import { notifyPull } from '../state/pulls.ts';
import type { Comment, Issue, Repository, World } from '../state/world.ts';
import { commentObject, commitObject, pullObject, refObject } from './objects.ts';
import { type MutationParts, authorizeGraphql, unresolved } from './permissions.ts';
import { GraphqlError, type GraphqlObject } from './select.ts';

type Input = { readonly input?: unknown };

/** The mutations that there are. */
export function mutations(parts: MutationParts): GraphqlObject {
  return {
    typeName: 'Mutation',
    createCommitOnBranch: async ({ input }: Input) => createCommitOnBranch(parts, input as CommitInput),
    updateRefs: async ({ input }: Input) => updateRefs(parts, input as RefsInput),
    markPullRequestReadyForReview: async ({ input }: Input) => setDraft(parts, input as PullInput, false),
    convertPullRequestToDraft: async ({ input }: Input) => setDraft(parts, input as PullInput, true),
    minimizeComment: ({ input }: Input) => minimizeComment(parts, input as MinimizeInput),
  };
}

interface CommitInput {
  readonly branch: { readonly repositoryNameWithOwner?: string; readonly branchName?: string };
  readonly message: { readonly headline: string; readonly body?: string };
  readonly expectedHeadOid: string;
  readonly fileChanges?: {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions?: readonly { readonly path: string }[];
  };
  readonly clientMutationId?: string;
}

async function createCommitOnBranch(parts: MutationParts, input: CommitInput): Promise<GraphqlObject> {
  checkCommitInput(input);
  const { world, actor, turns } = parts;
  const [owner, name] = (input.branch.repositoryNameWithOwner ?? '').split('/', 2);
  const repository = findRepository(world, owner, name);
  if (repository === undefined) throw unresolved(`a Repository with the name '${owner}/${name}'.`);
  authorizeGraphql(actor, repository, 'contents:write');
  const key = `${repository.owner.login}/${repository.name}`.toLowerCase();
  const commit = await turns.run(key, async () => commitOn(parts, repository, input));
  return {
    typeName: 'CreateCommitOnBranchPayload',
    clientMutationId: input.clientMutationId ?? null,
    commit: commitObject(world, repository, await readCommit(repository.directory, commit)),
    ref: await refObject(world, repository, input.branch.branchName ?? ''),
  };
}

async function commitOn({ world, actor }: MutationParts, repository: Repository, input: CommitInput): Promise<string> {
  const branch = (input.branch.branchName ?? '').replace(/^refs\/heads\//, '');
  const { directory } = repository;
  const head = await readBranch(directory, branch);
  if (head === undefined) throw unresolved(`the branch '${branch}'.`);
  if (head !== input.expectedHeadOid) {
    const expected = `Expected branch to point to "${input.expectedHeadOid}" but it did not.  Pull and try again.`;
    throw new GraphqlError(expected, 'STALE_DATA');
  }
  const changes: TreeChange[] = [];
  const { additions = [], deletions = [] } = input.fileChanges ?? {};
  for (const { path } of deletions) {
    const [existing] = await readTree(directory, head, { isRecursive: false, path });
    if (existing === undefined)
      throw new GraphqlError(
        `A path was requested for deletion that does not exist as of commit oid \`${head}\``,
        'UNPROCESSABLE',
      );
    changes.push({ path, mode: '100644', sha: undefined });
  }
  for (const { path, contents } of additions) {
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(contents))
      throw new GraphqlError('contents is not valid Base64', 'UNPROCESSABLE');
    // A file keeps its mode; a new one is an ordinary file, and there is no way to say otherwise.
    const [existing] = await readTree(directory, head, { isRecursive: false, path });
    const mode = existing?.mode === '100755' ? '100755' : '100644';
    changes.push({ path, mode, sha: await writeBlob(directory, Buffer.from(contents, 'base64')) });
  }
  const tree = await writeTree(directory, head, changes).catch((error: unknown) => {
    if (!(error instanceof MalformedPathError)) throw error;
    throw new GraphqlError('A path was requested that is malformed', 'UNPROCESSABLE');
  });
  const { headline, body } = input.message;
  const author = signature(world, actor);
  const sha = await makeCommit(repository, {
    tree,
    parents: [head],
    message: body === undefined || body === '' ? headline : `${headline}\n\n${body}`,
    author,
    committer: { name: 'GitHub', email: 'noreply@github.com', at: world.clock() },
    isSigned: true,
  });
  await translated(async () => checkWorkflows(actor, repository, head, sha));
  await moveRef(world, repository, { ref: `refs/heads/${branch}`, before: head, after: sha }, accountOf(actor));
  return sha;
}

const commitInputFields = new Set(['branch', 'message', 'expectedHeadOid', 'fileChanges', 'clientMutationId']);

function checkCommitInput(input: CommitInput | null | undefined): void {
  const problems: string[] = [];
  const given: Readonly<Record<string, unknown>> = { ...input };
  for (const name of Object.keys(given))
    if (!commitInputFields.has(name)) problems.push(`${name} (Field is not defined on CreateCommitOnBranchInput)`);
  for (const name of ['branch', 'message', 'expectedHeadOid']) {
    if (given[name] === undefined || given[name] === null) problems.push(`${name} (Expected value to not be null)`);
  }
  if (problems.length === 0 && typeof input?.message.headline !== 'string')
    problems.push('message.headline (Expected value to not be null)');
  if (problems.length > 0) {
    throw new GraphqlError(
      `Variable $input of type CreateCommitOnBranchInput! was provided invalid value for ${problems.join(', ')}`,
      'INVALID_VALUE',
    );
  }
}

interface PullInput {
  readonly pullRequestId: string;
  readonly clientMutationId?: string;
}

async function setDraft(
  { world, actor, turns }: MutationParts,
  input: PullInput,
  isDraft: boolean,
): Promise<GraphqlObject> {
  const { repository, issue } = findPullById(world, input.pullRequestId);
  authorizeGraphql(actor, repository, 'pull_requests:write');
  const { pull } = issue;
  if (pull === undefined) throw unresolved(`to a node with the global id of '${input.pullRequestId}'`);
  const key = `${repository.owner.login}/${repository.name}`.toLowerCase();
  await turns.run(key, async () => {
    if (pull.isDraft === isDraft) return;
    pull.isDraft = isDraft;
    issue.updatedAt = world.clock();
    const action = isDraft ? 'converted_to_draft' : 'ready_for_review';
    await notifyPull(world, repository, issue, { action, sender: accountOf(actor) });
  });
  return {
    typeName: isDraft ? 'ConvertPullRequestToDraftPayload' : 'MarkPullRequestReadyForReviewPayload',
    clientMutationId: input.clientMutationId ?? null,
    pullRequest: pullObject(world, repository, issue),
  };
}

interface MinimizeInput {
  readonly subjectId: string;
  readonly classifier: string;
  readonly clientMutationId?: string;
}

const classifiers = new Set(['SPAM', 'ABUSE', 'OFF_TOPIC', 'OUTDATED', 'DUPLICATE', 'RESOLVED']);

function minimizeComment({ world, actor }: MutationParts, input: MinimizeInput): GraphqlObject {
  const { repository, comment } = findCommentById(world, input.subjectId);
  if (!classifiers.has(input.classifier)) {
    throw new GraphqlError(
      `Expected "${input.classifier}" to be one of: ${[...classifiers].join(', ')}`,
      'INVALID_VALUE',
    );
  }
  authorizeGraphql(actor, repository, comment.issue.pull === undefined ? 'issues:write' : 'pull_requests:write');
  comment.minimizedReason = input.classifier.toLowerCase().replace('_', '-');
  return {
    typeName: 'MinimizeCommentPayload',
    clientMutationId: input.clientMutationId ?? null,
    minimizedComment: commentObject(world, comment),
  };
}

function findPullById(world: World, id: string): { readonly repository: Repository; readonly issue: Issue } {
  for (const repository of world.repositories.values()) {
    for (const issue of repository.issues.values()) {
      if (issue.pull !== undefined && id === `PR_${issue.id}`) return { repository, issue };
    }
  }
  throw unresolved(`to a node with the global id of '${id}'`);
}

function findCommentById(world: World, id: string): { readonly repository: Repository; readonly comment: Comment } {
  for (const repository of world.repositories.values()) {
    for (const comment of repository.comments.values()) {
      if (id === `${comment.review === undefined ? 'IC' : 'PRRC'}_${comment.id}`) return { repository, comment };
    }
  }
  throw unresolved(`to a node with the global id of '${id}'`);
}

async function translated(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    throw error instanceof ApiError ? new GraphqlError(error.message, 'FORBIDDEN') : error;
  }
}

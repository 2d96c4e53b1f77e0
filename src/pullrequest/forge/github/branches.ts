import { branchPrefix } from '../../slug.ts';
import { type GitHubRepository, address, statusOf } from './repository.ts';

/** Stands for a branch that is not there. */
export const noCommit = '0'.repeat(40);

/** Commits are made here before the branch of a pull request moves to them. */
const buildingPrefix = `${branchPrefix}building/`;

/** Tips of all branches of Flyball. */
export async function listTips(repository: GitHubRepository): Promise<ReadonlyMap<string, string>> {
  const { octokit } = repository;
  const query = { ...address(repository), ref: `heads/${branchPrefix}` };
  const refs = await octokit.paginate(octokit.rest.git.listMatchingRefs, query);
  return new Map(refs.map(({ ref, object }) => [ref.slice('refs/heads/'.length), object.sha]));
}

/** Whether a branch is where a commit is being made, or was when a run ended too early. */
export function isBuilding(branch: string): boolean {
  return branch.startsWith(buildingPrefix);
}

/** A commit on a base, and the branch that holds it until another one does. */
export interface BuiltCommit {
  readonly commit: string;
  readonly buildingBranch: string;
}

/**
 * Makes one commit on a base through GitHub, which signs it, on a branch of its own. What an earlier run left there is
 * thrown away.
 */
export async function buildCommit(
  repository: GitHubRepository,
  wanted: {
    readonly branch: string;
    readonly base: string;
    readonly message: string;
    readonly files: readonly { readonly path: string; readonly text: string }[];
  },
): Promise<BuiltCommit> {
  const { octokit, owner, name } = repository;
  const buildingBranch = `${buildingPrefix}${wanted.branch.slice(branchPrefix.length)}`;
  await startAt(repository, buildingBranch, wanted.base);
  const [headline = '', ...rest] = wanted.message.split('\n');
  const additions = wanted.files.map(({ path, text }) => ({ path, contents: Buffer.from(text).toString('base64') }));
  const answer = await octokit.graphql<{
    readonly createCommitOnBranch: { readonly commit: { readonly oid: string } };
  }>('mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }', {
    input: {
      branch: { repositoryNameWithOwner: `${owner}/${name}`, branchName: buildingBranch },
      message: { headline, body: rest.join('\n').trim() },
      expectedHeadOid: wanted.base,
      fileChanges: { additions },
    },
  });
  return { commit: answer.createCommitOnBranch.commit.oid, buildingBranch };
}

async function startAt(repository: GitHubRepository, branch: string, commit: string): Promise<void> {
  const { git } = repository.octokit.rest;
  try {
    await git.createRef({ ...address(repository), ref: `refs/heads/${branch}`, sha: commit });
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
    await git.updateRef({ ...address(repository), ref: `heads/${branch}`, sha: commit, force: true });
  }
}

export interface RefMove {
  readonly branch: string;
  /** Where the branch must be, or nothing is moved; {@link noCommit} when it must not be there. */
  readonly from: string;
  /** {@link noCommit} removes the branch. */
  readonly to: string;
}

/**
 * Moves all of these branches, or none when one of them is not where it was: a commit that a person pushed in between
 * is never lost. False when nothing was moved.
 */
export async function moveBranches(
  repository: GitHubRepository,
  repositoryId: string,
  moves: readonly RefMove[],
): Promise<boolean> {
  const refUpdates = moves.map(({ branch, from, to }) => ({
    name: `refs/heads/${branch}`,
    beforeOid: from,
    afterOid: to,
    force: true,
  }));
  try {
    await repository.octokit.graphql(
      'mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }',
      { input: { repositoryId, refUpdates } },
    );
    return true;
  } catch (error) {
    const tips = await listTips(repository);
    if (moves.every(({ branch, to }) => (tips.get(branch) ?? noCommit) === to)) return true;
    if (moves.some(({ branch, from }) => (tips.get(branch) ?? noCommit) !== from)) return false;
    throw error;
  }
}

/** Whether Flyball alone made a branch's tip: GitHub signed it for the App, and it has one parent and the trailer. */
export async function isOwnTip(repository: GitHubRepository, sha: string): Promise<boolean> {
  const { data } = await repository.octokit.rest.repos.getCommit({ ...address(repository), ref: sha });
  return (
    data.author?.login === repository.login &&
    data.commit.verification?.verified === true &&
    data.parents.length === 1 &&
    /^Flyball-(?:Proposal: [0-9a-f]{16}|Onboarding: 1)$/m.test(data.commit.message)
  );
}

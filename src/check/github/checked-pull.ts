import { address, branchPrefix, onGitHub, type GitHubRepository } from '../../pullrequest/index.ts';

/** A pull request whose cost is checked. */
export interface CheckedPull {
  readonly number: number;
  readonly isOpen: boolean;
  readonly author: string;
  /** Whether Flyball opened it: the same account, which may be a person's, and a branch of Flyball's. */
  readonly isOwn: boolean;
  readonly headCommit: string;
  /** Its head is in another repository, or in one that is gone. */
  readonly isFromFork: boolean;
  readonly baseBranch: string;
}

/** A pull request as it is now. @throws ProblemError GITHUB_REQUEST_FAILED */
export async function readCheckedPull(repository: GitHubRepository, number: number): Promise<CheckedPull> {
  return onGitHub(repository, async () => {
    const { pulls } = repository.octokit.rest;
    const { data } = await pulls.get({ ...address(repository), pull_number: number });
    // The repository of a fork that was deleted is null, against the description.
    const from: { readonly id: number } | null = data.head.repo;
    const isFromFork = from?.id !== data.base.repo.id;
    return {
      number,
      isOpen: data.state === 'open',
      author: data.user.login,
      headCommit: data.head.sha,
      isFromFork,
      isOwn: data.user.login === repository.login && !isFromFork && data.head.ref.startsWith(branchPrefix),
      baseBranch: data.base.ref,
    };
  });
}

/** Where a pull request's history left that of its base. @throws ProblemError GITHUB_REQUEST_FAILED */
export async function mergeBaseOnGitHub(
  repository: GitHubRepository,
  { base, head }: { readonly base: string; readonly head: string },
): Promise<string> {
  return onGitHub(repository, async () => {
    const { repos } = repository.octokit.rest;
    // Only the common commit is wanted of an answer that may list thousands.
    const wanted = { ...address(repository), basehead: `${base}...${head}`, per_page: 1 };
    return (await repos.compareCommitsWithBasehead(wanted)).data.merge_base_commit.sha;
  });
}

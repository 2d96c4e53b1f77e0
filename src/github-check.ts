import {
  mergeBaseOnGitHub,
  postCheck,
  postNotChecked,
  readCheckedPull,
  type CheckReport,
  type PostedCheck,
} from './check/index.ts';
import { repositoryConfigPath } from './config/index.ts';
import type { ConnectedRepository } from './connect-github.ts';
import { costCheck, type CostCheckOptions } from './cost-check.ts';
import type { Problem } from './domain/index.ts';
import { openRemoteRepository } from './gitops/index.ts';
import { readHouseRules } from './house-rules.ts';

/** What became of the check of one pull request. */
export type GitHubCheck =
  /** There is nothing to check, or its owners do not want it. */
  | { readonly kind: 'skipped'; readonly detail: string }
  /** It cannot be checked now; the check run says why. */
  | { readonly kind: 'not-checked'; readonly posted: PostedCheck; readonly problems: readonly Problem[] }
  | { readonly kind: 'checked'; readonly posted: PostedCheck; readonly report: CheckReport };

/**
 * Checks what a pull request on GitHub costs, and says so there. Configuration and policies are those of the branch that
 * it is for; of its own commits only manifests are read, and none of them is run.
 * @throws ProblemError GITHUB_REQUEST_FAILED, REPOSITORY_UNREADABLE, or when the ledger cannot be used at all.
 */
export async function checkOnGitHub(
  github: ConnectedRepository,
  number: number,
  options: Omit<CostCheckOptions, 'commits' | 'audience'>,
): Promise<GitHubCheck> {
  const { repository } = github;
  const pull = await readCheckedPull(repository, number);
  if (!pull.isOpen) return { kind: 'skipped', detail: 'the pull request is closed' };
  if (pull.isOwn) return { kind: 'skipped', detail: 'it is a pull request of Flyball' };
  const open = (ref: string) =>
    openRemoteRepository({
      url: github.cloneUrl,
      name: repository.name,
      ref,
      authorization: github.authorization,
      cacheDirectory: `${options.outDirectory}/clones`,
    });
  const target = await open(`refs/heads/${pull.baseBranch}`);
  if (!target.files.some(({ path }) => path === repositoryConfigPath)) {
    return { kind: 'skipped', detail: `${pull.baseBranch} has no ${repositoryConfigPath}: its owners have not agreed` };
  }
  const house = await readHouseRules(target, options.config);
  if (!house.config.check.enabled)
    return { kind: 'skipped', detail: `${repositoryConfigPath} says check.enabled: false` };
  if (!house.isUsable) {
    const posted = await postNotChecked(repository, pull, {
      title: 'Not checked: the configuration has errors',
      summary: `\`${repositoryConfigPath}\` of the branch that this is for has errors, so nothing is known of what its owners want to hear.`,
    });
    return { kind: 'not-checked', posted, problems: house.problems };
  }
  const head = await open(`refs/pull/${number}/head`);
  const common = await mergeBaseOnGitHub(repository, { base: target.commit, head: head.commit });
  const base = common === target.commit ? target : await open(common);
  const audience = pull.isFromFork ? 'outsiders' : 'team';
  const { report } = await costCheck({ ...options, audience, commits: { target, base, head } });
  if (report.problems.some(({ code }) => code === 'SOURCE_UNREACHABLE')) {
    const posted = await postNotChecked(repository, pull, {
      title: 'Not checked: a source gives no answer',
      summary: 'A source of bills or metrics gives no answer, so what this costs is not known. It is tried again.',
    });
    return { kind: 'not-checked', posted, problems: report.problems };
  }
  return { kind: 'checked', posted: await postCheck(repository, pull, report), report };
}

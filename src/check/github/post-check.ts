import type { Problem } from '../../domain/index.ts';
import { onGitHub, requestReviewers, type GitHubRepository } from '../../pullrequest/index.ts';
import type { CheckReport } from '../check-report.ts';
import { renderCheckRun, type RenderedCheckRun } from '../render-check-run.ts';
import { readCheckedPull, type CheckedPull } from './checked-pull.ts';
import { findCheckComment, keepCheckComment } from './keep-comment.ts';
import { keepCheckRun } from './keep-check-run.ts';
import { suggestLines } from './suggest.ts';

export type PostedCheck =
  | {
      readonly kind: 'posted';
      readonly checkRun: 'created' | 'unchanged' | 'refused';
      readonly comment: 'created' | 'updated' | 'unchanged' | 'none';
      readonly suggestions: number;
      /** Who was asked for a review by this check. */
      readonly asked: readonly string[];
      readonly problems: readonly Problem[];
    }
  /** The pull request has other commits by now, or a later check has spoken: nothing was written. */
  | { readonly kind: 'stale'; readonly detail: string };

/**
 * Brings a pull request's check run, comment and suggestions in line with a check, and asks the budget's owners where it
 * says so, each once. What a later check wrote is left as it is.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function postCheck(
  repository: GitHubRepository,
  pull: CheckedPull,
  report: CheckReport,
): Promise<PostedCheck> {
  const now = await readCheckedPull(repository, pull.number);
  const stale = whyStale(now, report.headCommit);
  if (stale !== undefined) return { kind: 'stale', detail: stale };
  return onGitHub(repository, async () => {
    const known = await findCheckComment(repository, pull.number);
    if (known?.marker.head === report.headCommit && known.marker.asOf > report.check.asOf) {
      return { kind: 'stale', detail: 'a check with later data has spoken' };
    }
    const { number } = pull;
    const { headCommit } = report;
    const run = await keepCheckRun(repository, { pull: number, headCommit, run: renderCheckRun(report) });
    const isForTeam = report.audience === 'team';
    const suggestions = isForTeam
      ? await suggestLines(repository, { pull: number, headCommit, options: report.options })
      : 0;
    const already = known?.marker.asked ?? [];
    const reviewers = (isForTeam ? report.check.reviewers : []).filter(
      (name) => !already.includes(name) && name.toLowerCase() !== pull.author.toLowerCase(),
    );
    const refused = await ask(repository, number, reviewers);
    const comment = await keepCheckComment(repository, {
      pull: number,
      report,
      known,
      asked: [...already, ...reviewers],
    });
    return {
      kind: 'posted',
      checkRun: run.state,
      comment,
      suggestions,
      asked: reviewers,
      problems: [...run.problems, ...refused],
    };
  });
}

/** Says by a neutral check run alone why the cost was not checked. @throws ProblemError GITHUB_REQUEST_FAILED */
export async function postNotChecked(
  repository: GitHubRepository,
  pull: CheckedPull,
  notice: { readonly title: string; readonly summary: string },
): Promise<PostedCheck> {
  const run: RenderedCheckRun = { conclusion: 'neutral', annotations: [], ...notice };
  return onGitHub(repository, async () => {
    const { state, problems } = await keepCheckRun(repository, {
      pull: pull.number,
      headCommit: pull.headCommit,
      run,
    });
    return { kind: 'posted', checkRun: state, comment: 'none', suggestions: 0, asked: [], problems };
  });
}

function whyStale({ isOpen, headCommit }: CheckedPull, checked: string): string | undefined {
  if (!isOpen) return 'the pull request was closed meanwhile';
  return headCommit === checked ? undefined : 'the pull request has other commits by now';
}

function ask(repository: GitHubRepository, pull: number, names: readonly string[]): Promise<readonly Problem[]> {
  return requestReviewers(
    repository,
    pull,
    {
      users: names.filter((name) => !name.includes('/')),
      teams: names.filter((name) => name.includes('/')).map((name) => name.slice(name.indexOf('/') + 1)),
    },
    'check.budgetOwners',
  );
}

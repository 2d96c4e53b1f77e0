import { commandFacts } from './command-facts.ts';
import { answerComments } from './commands/index.ts';
import { repositoryConfigPath, starterRepositoryConfig } from './config/index.ts';
import { epochMs, type Problem } from './domain/index.ts';
import { editField, type BareRepository } from './gitops/index.ts';
import { localPublisher, withPublishable, withScratchStore, type Publisher, type Publishing } from './publish.ts';
import {
  ensureOnboarding,
  keepConfigIssue,
  keepDashboard,
  listOwnPulls,
  publishToGitHub,
  readCheckedBoxes,
  readOwnIssue,
  recordDecision,
  type GitHubPublished,
  type GitHubRepository,
} from './pullrequest/index.ts';
import { withChosenValues } from './recommend/index.ts';
import type { ScanReport } from './report/index.ts';

/** What one scan did on GitHub. */
export type GitHubResult =
  | { readonly kind: 'published'; readonly published: GitHubPublished }
  /** The repository has no configuration yet; its owners are asked, or have said no. */
  | { readonly kind: 'onboarding'; readonly state: string; readonly url: string | undefined }
  /** Nothing was touched, as what a scan would say may be wrong. */
  | { readonly kind: 'withheld'; readonly detail: string };

export interface GitHubForge {
  readonly publish: Publisher;
  /** Brings the dashboard and the configuration issue up to date; after the scan. */
  readonly finish: (report: ScanReport) => Promise<GitHubResult>;
}

/** A forge for one scan of one repository. What the report shows of proposals is made in a throw-away repository. */
export function githubForge(repository: GitHubRepository, options: { readonly now: () => number }): GitHubForge {
  let result: GitHubResult = { kind: 'withheld', detail: 'the scan did not get that far' };
  let publishing: Publishing | undefined;
  return {
    publish: async (given) => {
      publishing = given;
      const shown = await localPublisher({ dryRun: true })(given);
      result = await publishOrAsk(repository, given, options.now());
      return shown;
    },
    finish: async (report) => {
      if (publishing !== undefined && result.kind !== 'onboarding')
        await tell(repository, { publishing, result, report });
      return result;
    },
  };
}

async function publishOrAsk(repository: GitHubRepository, publishing: Publishing, now: number): Promise<GitHubResult> {
  const { snapshot, house, gathered, proposals } = publishing;
  const unreachable = gathered.problems.find(({ code }) => code === 'SOURCE_UNREACHABLE');
  if (!house.isUsable) return { kind: 'withheld', detail: `${repositoryConfigPath} has errors` };
  if (unreachable !== undefined) return { kind: 'withheld', detail: 'a source of bills or metrics gives no answer' };
  if (!snapshot.files.some(({ path }) => path === repositoryConfigPath)) {
    const { kind, pull } = await ensureOnboarding({
      repository,
      base: { branch: snapshot.branch, commit: snapshot.commit },
      file: { path: repositoryConfigPath, text: starterRepositoryConfig },
      proposals,
    });
    return { kind: 'onboarding', state: kind, url: pull?.url };
  }
  const asked = await readRequests(repository, publishing, now);
  return withScratchStore(publishing, (store) => publish(repository, { publishing, store, now, asked }));
}

interface Requests {
  readonly openNow: ReadonlySet<string>;
  readonly rebase: ReadonlySet<string>;
}

/** What people asked for since the last scan: in comments, and by the boxes of the dashboard. */
async function readRequests(repository: GitHubRepository, publishing: Publishing, now: number): Promise<Requests> {
  const answered = await answerComments({ repository, facts: commandFacts(publishing), now: epochMs(now) });
  const dashboard = await readOwnIssue(repository, 'dashboard');
  const { branches } = readCheckedBoxes(dashboard?.text ?? '');
  const checked = (wanted: (typeof branches)[number]['action']): readonly string[] =>
    branches.flatMap(({ action, branch }) => (action === wanted ? [branch] : []));
  const reopened = new Set(checked('reopen'));
  if (reopened.size > 0) {
    for (const pull of await listOwnPulls(repository)) {
      if (!reopened.delete(pull.branch)) continue;
      // Clocks differ: it takes back what was said before.
      const at = epochMs(Math.max(now, ...pull.decisions.map((decision) => decision.at + 1)));
      await recordDecision(repository, pull.number, { kind: 'unignore', by: 'dashboard', at });
    }
  }
  return { openNow: new Set(checked('open-now')), rebase: new Set([...checked('rebase'), ...answered.rebase]) };
}

async function publish(
  repository: GitHubRepository,
  given: {
    readonly publishing: Publishing;
    readonly store: BareRepository;
    readonly now: number;
    readonly asked: Requests;
  },
): Promise<GitHubResult> {
  const { publishing, store, now, asked } = given;
  const { snapshot, house, asOf } = publishing;
  const { newPerDayMax, labels, reviewers, teamReviewers, draftBelowConfidenceRatio } = house.config.pullRequests;
  const published = await withPublishable(publishing, ({ proposals, prove }) =>
    publishToGitHub({
      repository,
      editField,
      prove,
      proposals,
      readText: (path) => store.readText(snapshot.commit, path),
      diff: async (files) => {
        const author = { name: 'Flyball', email: 'flyball@localhost', epochSeconds: Math.floor(asOf / 1000) };
        const made = await store.writeCommit({ parent: snapshot.commit, files, message: 'diff', ...author });
        return store.diff(snapshot.commit, made.commit);
      },
      withValues: withChosenValues,
      asOf,
      now: epochMs(now),
      limits: { openPullRequestsMax: house.guards.openProposalsMax, newPullRequestsPerDayMax: newPerDayMax },
      labels,
      reviewers: { users: reviewers, teams: teamReviewers },
      draftBelowConfidenceRatio,
      ...asked,
    }),
  );
  return { kind: 'published', published };
}

/** Codes of what the owners of a repository correct in it. */
const ownersCodes = /^(?:CONFIG|POLICY|POLICIES)_/;

async function tell(
  repository: GitHubRepository,
  given: { readonly publishing: Publishing; readonly result: GitHubResult; readonly report: ScanReport },
): Promise<void> {
  const { publishing, result, report } = given;
  const { house, snapshot, asOf } = publishing;
  const problems = [...house.problems, ...report.problems.filter(isOwners)];
  await keepConfigIssue(repository, { problems: unique(problems), asOf, commit: snapshot.commit });
  if (!house.config.pullRequests.dashboard || result.kind !== 'published') return;
  await keepDashboard(repository, {
    outcomes: result.published.outcomes,
    heldBack: report.heldBack,
    problems: [...report.problems, ...result.published.problems],
    asOf,
    commit: snapshot.commit,
  });
}

function isOwners({ code, severity, place }: Problem): boolean {
  return severity === 'error' && ownersCodes.test(code) && place.kind === 'file';
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  return [
    ...new Map(
      problems.map((problem) => [JSON.stringify([problem.code, problem.place, problem.message]), problem]),
    ).values(),
  ];
}

import { type Proposal, formatMoney } from '../../../domain/index.ts';
import { plainAction } from '../../describe.ts';
import { clipText, proseText } from '../../escape.ts';
import { hiddenMarker, readTailMarker } from '../../marker.ts';
import { branchPrefix } from '../../slug.ts';
import { buildCommit, isOwnTip, listTips, moveBranches, noCommit } from './branches.ts';
import { type GitHubRepository, address, onGitHub, statusOf } from './repository.ts';
import { openPull } from './write-pull.ts';

export interface OnboardingOptions {
  readonly repository: GitHubRepository;
  readonly base: { readonly branch: string; readonly commit: string };
  /** `.github/flyball.yml`, and what the pull request writes into it. */
  readonly file: { readonly path: string; readonly text: string };
  /** What a first scan would propose. */
  readonly proposals: readonly Proposal[];
}

/** `over`: pull requests may be opened. `silent`: people closed it, or took the file away again. */
export interface Onboarding {
  readonly kind: 'over' | 'opened' | 'waiting' | 'silent';
  readonly pull: { readonly number: number; readonly url: string } | undefined;
}

const onboardingBranch = `${branchPrefix}onboarding`;
const proposalsMax = 50;

/**
 * Asks a repository's owners, by one pull request, whether Flyball may begin.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function ensureOnboarding(options: OnboardingOptions): Promise<Onboarding> {
  return onGitHub(options.repository, async () => {
    const { repository, base, file } = options;
    if (await isThere(repository, file.path, base.commit)) return { kind: 'over', pull: undefined };
    const known = await onboardingPulls(repository);
    const open = known.find(({ state }) => state === 'open');
    if (open !== undefined) return { kind: 'waiting', pull: { number: open.number, url: open.html_url } };
    const [last] = known;
    if (last !== undefined) return { kind: 'silent', pull: { number: last.number, url: last.html_url } };
    return begin(options);
  });
}

async function begin({ repository, base, file, proposals }: OnboardingOptions): Promise<Onboarding> {
  const from = (await listTips(repository)).get(onboardingBranch) ?? noCommit;
  if (from !== noCommit && !(await isOwnTip(repository, from))) return { kind: 'silent', pull: undefined };
  const { data } = await repository.octokit.rest.repos.get(address(repository));
  const { commit, buildingBranch } = await buildCommit(repository, {
    branch: onboardingBranch,
    base: base.commit,
    message: 'flyball: add the configuration\n\nFlyball-Onboarding: 1\n',
    files: [file],
  });
  const isMoved = await moveBranches(repository, data.node_id, [
    { branch: onboardingBranch, from, to: commit },
    { branch: buildingBranch, from: commit, to: noCommit },
  ]);
  if (!isMoved) return { kind: 'waiting', pull: undefined };
  const { number, url } = await openPull(repository, {
    title: 'Configure Flyball',
    branch: onboardingBranch,
    base: base.branch,
    body: onboardingText(file.path, proposals),
    isDraft: false,
  });
  return { kind: 'opened', pull: { number, url } };
}

function onboardingText(path: string, proposals: readonly Proposal[]): string {
  const shown = proposals.slice(0, proposalsMax).map((proposal) => {
    const action = proseText(clipText(plainAction(proposal), 300));
    return `- ${action}: likely ${formatMoney(proposal.saving.likely)} a month`;
  });
  const omitted = proposals.length - shown.length;
  const list =
    proposals.length === 0 ? ['A first scan proposes nothing.'] : ['A first scan would propose:', shown.join('\n')];
  return [
    `This adds \`${path}\`. Nothing else is opened in this repository before it is merged; close it to decline.`,
    ...list,
    ...(omitted === 0 ? [] : [`And ${omitted} more.`]),
    `${hiddenMarker('onboarding', { version: 1 })}\n`,
  ].join('\n\n');
}

async function isThere(repository: GitHubRepository, path: string, ref: string): Promise<boolean> {
  try {
    await repository.octokit.rest.repos.getContent({ ...address(repository), path, ref });
    return true;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    return false;
  }
}

async function onboardingPulls(repository: GitHubRepository) {
  const { octokit, owner, login } = repository;
  const query = { ...address(repository), head: `${owner}:${onboardingBranch}`, state: 'all', per_page: 100 } as const;
  const pulls = await octokit.paginate(octokit.rest.pulls.list, query);
  return pulls.filter(
    ({ user, body }) => user?.login === login && readTailMarker('onboarding', body ?? '') !== undefined,
  );
}

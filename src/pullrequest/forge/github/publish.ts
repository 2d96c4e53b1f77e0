import { type Problem, type Proposal, assert } from '../../../domain/index.ts';
import { branchName } from '../../slug.ts';
import { isBuilding, listTips, moveBranches, noCommit } from './branches.ts';
import { PullQuota, rank } from './limits.ts';
import type { PullOutcome } from './outcome.ts';
import { type OwnPull, listOwnPulls } from './own-pulls.ts';
import { publishOne } from './publish-one.ts';
import { address, onGitHub } from './repository.ts';
import { type GitHubPublishOptions, type PublishRun, isOwn } from './run.ts';
import { closePull } from './write-pull.ts';

export interface GitHubPublished {
  /** One for each proposal, in the order of what is worth most. */
  readonly outcomes: readonly PullOutcome[];
  readonly closed: readonly { readonly number: number; readonly branch: string; readonly detail: string }[];
  /** Open pull requests without a proposal that people keep: edited, held, paused, or written by a later scan. */
  readonly leftAlone: readonly { readonly number: number; readonly branch: string; readonly detail: string }[];
  readonly merged: readonly { readonly number: number; readonly branch: string; readonly url: string }[];
  readonly problems: readonly Problem[];
}

/**
 * Brings the pull requests of one repository in line with a scan: opens, updates and closes. Everything is read from
 * GitHub first, so that the same scan twice writes nothing, and a run that failed halfway is completed by the next one.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function publishToGitHub(options: GitHubPublishOptions): Promise<GitHubPublished> {
  return onGitHub(options.repository, async () => {
    const { repository } = options;
    const { octokit } = repository;
    const { data } = await octokit.rest.repos.get(address(repository));
    const pulls = await listOwnPulls(repository);
    const tips = await listTips(repository);
    const run: PublishRun = {
      ...options,
      repositoryId: data.node_id,
      pulls,
      tips,
      quota: new PullQuota(options.limits, pulls, options.now),
      problems: [],
    };
    const vanished = await closeVanished(run);
    const outcomes: PullOutcome[] = [];
    for (const publishable of rank(options.proposals)) outcomes.push(await publishOne(run, publishable));
    await removeLeftovers(run);
    const merged = pulls.filter(({ status }) => status === 'merged');
    return {
      outcomes,
      ...vanished,
      merged: merged.map(({ number, branch, url }) => ({ number, branch, url })),
      problems: run.problems,
    };
  });
}

/** Closes what nothing is proposed for any more, first: it frees places. */
async function closeVanished(run: PublishRun): Promise<Pick<GitHubPublished, 'closed' | 'leftAlone'>> {
  const closed: GitHubPublished['closed'][number][] = [];
  const leftAlone: GitHubPublished['leftAlone'][number][] = [];
  const wanted = new Map<string, Proposal>();
  for (const { proposal } of run.proposals) {
    const branch = branchName(proposal.workload, proposal.action);
    assert(!wanted.has(branch), `two proposals for ${branch}`);
    wanted.set(branch, proposal);
  }
  for (const pull of run.pulls) {
    if (pull.status !== 'open' || wanted.has(pull.branch)) continue;
    const { number, branch } = pull;
    const kept = await whyKept(run, pull);
    if (kept !== undefined) {
      leftAlone.push({ number, branch, detail: kept });
      continue;
    }
    const detail = 'The scan does not propose this change any more: what it was made from is gone';
    await closePull(run.repository, run.repositoryId, { pull, reason: 'vanished', detail });
    run.quota.release(number);
    closed.push({ number, branch, detail });
  }
  return { closed, leftAlone };
}

async function whyKept(run: PublishRun, pull: OwnPull): Promise<string | undefined> {
  if (pull.state.asOf > run.asOf) return 'a later scan wrote it';
  const held = pull.decisions.findLast(({ kind }) => kind === 'hold' || kind === 'unhold');
  if (held?.kind === 'hold') return `held by ${held.by}`;
  const ofWorkload = run.pulls
    .filter(({ state }) => state.workload === pull.state.workload)
    .flatMap(({ decisions }) => decisions)
    .toSorted((left, right) => left.at - right.at);
  const paused = ofWorkload.findLast(({ kind }) => kind === 'pause' || kind === 'resume');
  if (paused?.kind === 'pause') return `paused by ${paused.by}`;
  return (await isOwn(run, pull)) ? undefined : 'a person pushed to it';
}

/**
 * Branches on which a commit was being made when a run ended too early. Branches of pull requests that a person closed
 * stay, so that they can be opened again.
 */
async function removeLeftovers(run: PublishRun): Promise<void> {
  for (const [branch, tip] of run.tips) {
    const closedByFlyball = run.pulls.find((pull) => pull.branch === branch);
    const isClosed = closedByFlyball?.status === 'closed' && closedByFlyball.state.closed !== undefined;
    const isLeft = isBuilding(branch) || (isClosed && closedByFlyball.head === tip);
    if (isLeft) await moveBranches(run.repository, run.repositoryId, [{ branch, from: tip, to: noCommit }]);
  }
}

import type { Proposal } from '../../../domain/index.ts';
import type { RenderedPullRequest } from '../../context.ts';
import { pullRequestLabels, renderPullRequest } from '../../render.ts';
import { branchName } from '../../slug.ts';
import { editFiles } from '../edit-files.ts';
import type { PublishableProposal } from '../local.ts';
import { type RefMove, buildCommit, isOwnTip, moveBranches, noCommit } from './branches.ts';
import { addLabels, editedLabel } from './labels.ts';
import type { PullOutcome } from './outcome.ts';
import type { OwnPull } from './own-pulls.ts';

import type { CloseReason } from './pull-state.ts';
import { address } from './repository.ts';
import { requestReviewers } from './reviewers.ts';
import { type PublishRun, isOwn } from './run.ts';
import { type Standing, standingOf } from './standing.ts';
import { bodyWithState, closePull, openPull, updatePull } from './write-pull.ts';

/** Opens, updates or closes the pull request of one proposal. */
export async function publishOne(run: PublishRun, publishable: PublishableProposal): Promise<PullOutcome> {
  const standing = standingOf(publishable.proposal, run.pulls, run.now);
  const { pull } = standing;
  const at = { proposal: publishable.proposal, pull };
  if (pull !== undefined && pull.state.asOf > run.asOf) return told(at, 'newer', 'a later scan wrote it');
  if (standing.kind === 'held' || standing.kind === 'paused') return told(at, standing.kind, standing.detail);
  if (pull !== undefined && !(await isOwn(run, pull))) {
    if (!pull.labels.includes(editedLabel)) await addLabels(run.repository, pull.number, [editedLabel]);
    return told(at, 'edited', 'a person pushed to its branch');
  }
  if (standing.kind !== 'free') return silence(run, at, standing);
  const chosen =
    standing.values.length === 0
      ? ({ kind: 'proposal', proposal: publishable.proposal } as const)
      : run.withValues(publishable.proposal, standing.values);
  if (chosen.kind === 'refused') return dismiss(run, at, { reason: 'refused', detail: chosen.detail });
  return publishFree(run, { ...publishable, proposal: chosen.proposal }, pull);
}

type At = { readonly proposal: Proposal; readonly pull: OwnPull | undefined };

function told({ proposal, pull }: At, outcome: PullOutcome['outcome'], detail?: string): PullOutcome {
  const shown = pull === undefined ? undefined : { number: pull.number, url: pull.url };
  return { proposal, branch: branchName(proposal.workload, proposal.action), outcome, pull: shown, detail };
}

async function silence(
  run: PublishRun,
  at: At,
  { kind, detail }: Extract<Standing, { kind: 'snoozed' | 'ignored' | 'declined' }>,
): Promise<PullOutcome> {
  if (at.pull !== undefined && kind !== 'declined') {
    const closing = { pull: at.pull, reason: kind, detail: `Closed: ${detail}` };
    await closePull(run.repository, run.repositoryId, closing);
    run.quota.release(at.pull.number);
  }
  return told(at, kind, detail);
}

/** No pull request stays for a change that is made already, or cannot be made. */
async function dismiss(
  run: PublishRun,
  at: At,
  { reason, detail }: { readonly reason: Extract<CloseReason, 'already-there' | 'refused'>; readonly detail: string },
): Promise<PullOutcome> {
  if (at.pull !== undefined) {
    await closePull(run.repository, run.repositoryId, { pull: at.pull, reason, detail });
    run.quota.release(at.pull.number);
  }
  return told(at, reason === 'refused' ? 'refused' : 'no-change', detail);
}

async function publishFree(
  run: PublishRun,
  { proposal, context }: PublishableProposal,
  pull: OwnPull | undefined,
): Promise<PullOutcome> {
  const at = { proposal, pull };
  const edited = await editFiles(proposal, run.readText, run.editField);
  if (edited.kind === 'refused') return dismiss(run, at, { reason: 'refused', detail: edited.detail });
  if (edited.files.length === 0) {
    const detail = `Already there: ${context.repository.branch} holds the proposed value`;
    return dismiss(run, at, { reason: 'already-there', detail });
  }
  const needs = pull === undefined ? 'commit' : await whatItNeeds(run, pull, { proposal, context });
  if (needs === 'nothing') return labelled(run, at, pull);
  if (pull === undefined && !run.openNow.has(branchName(proposal.workload, proposal.action))) {
    const place = run.quota.take(proposal);
    if (place.kind === 'full') return told(at, 'limited', place.detail);
  }
  const proof = await run.prove(proposal, edited.files);
  if (proof.kind === 'refused') return dismiss(run, at, { reason: 'refused', detail: proof.detail });
  const diff = await run.diff(edited.files);
  const rendered = renderPullRequest(proposal, { ...context, diff, rendered: proof.rendered });
  const write = { rendered, proposal, files: edited.files, base: context.repository };
  return pull === undefined ? create(run, write) : update(run, pull, { ...write, needs });
}

/** Whether an open pull request is as this scan would make it. That the base moved on alone changes nothing. */
async function whatItNeeds(
  { repository, tips, rebase }: PublishRun,
  pull: OwnPull,
  { proposal, context }: PublishableProposal,
): Promise<'nothing' | 'text' | 'commit'> {
  const { state } = pull;
  if (state.fingerprint !== proposal.fingerprint || !tips.has(pull.branch)) return 'commit';
  if (rebase.has(pull.branch) && state.base !== context.repository.commit) return 'commit';
  if (state.base !== context.repository.commit) {
    const { data } = await repository.octokit.rest.pulls.get({ ...address(repository), pull_number: pull.number });
    if (data.mergeable === false) return 'commit';
  }
  const isSame = state.dataDigest === context.dataDigest && state.head === pull.head && state.closed === undefined;
  return isSame ? 'nothing' : 'text';
}

interface Write {
  readonly rendered: RenderedPullRequest;
  readonly proposal: Proposal;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly base: PublishableProposal['context']['repository'];
}

async function update(
  run: PublishRun,
  pull: OwnPull,
  { rendered, proposal, files, base, needs }: Write & { readonly needs: 'text' | 'commit' },
): Promise<PullOutcome> {
  const at = { proposal, pull };
  let { head } = pull;
  if (needs === 'commit') {
    const from = run.tips.get(pull.branch) ?? noCommit;
    if (from !== noCommit && from !== pull.head) return told(at, 'edited', 'a person pushed to its branch');
    const moved = await pushCommit(run, { rendered, files, base, from });
    if (moved === undefined) return told(at, 'edited', 'a person pushed to its branch during the scan');
    head = moved;
  }
  const body = bodyWithState(rendered, { head, proposal, decisions: pull.decisions });
  await updatePull(run.repository, pull, { title: rendered.title, body });
  return told(at, 'updated');
}

async function create(run: PublishRun, { rendered, proposal, files, base }: Write): Promise<PullOutcome> {
  const at = { proposal, pull: undefined };
  const { branch } = rendered;
  const from = run.tips.get(branch) ?? noCommit;
  if (from !== noCommit && !(await isOwnTip(run.repository, from))) {
    return told(at, 'edited', `a person pushed to the branch ${branch}, which has no open pull request`);
  }
  const head = await pushCommit(run, { rendered, files, base, from });
  if (head === undefined) return told(at, 'edited', `the branch ${branch} moved during the scan`);
  const opened = await openPull(run.repository, {
    title: rendered.title,
    branch,
    base: base.branch,
    body: bodyWithState(rendered, { head, proposal, decisions: [] }),
    isDraft: proposal.confidenceRatio < run.draftBelowConfidenceRatio,
  });
  await addLabels(run.repository, opened.number, [...rendered.labels, ...run.labels]);
  run.problems.push(...(await requestReviewers(run.repository, opened.number, run.reviewers)));
  return { proposal, branch, outcome: 'created', pull: { number: opened.number, url: opened.url }, detail: undefined };
}

/** Gives a branch one commit on the scanned one; undefined when a person pushed to it in between. */
async function pushCommit(
  { repository, repositoryId }: PublishRun,
  { rendered, files, base, from }: Pick<Write, 'rendered' | 'files' | 'base'> & { readonly from: string },
): Promise<string | undefined> {
  const { branch, commitMessage } = rendered;
  const { commit, buildingBranch } = await buildCommit(repository, {
    branch,
    base: base.commit,
    message: commitMessage,
    files,
  });
  const moves: readonly RefMove[] = [
    { branch, from, to: commit },
    { branch: buildingBranch, from: commit, to: noCommit },
  ];
  if (await moveBranches(repository, repositoryId, moves)) return commit;
  await moveBranches(repository, repositoryId, moves.slice(1));
  return undefined;
}

/** A pull request that was opened by a run that failed before it was labelled gets its labels now. */
async function labelled(run: PublishRun, at: At, pull: OwnPull | undefined): Promise<PullOutcome> {
  if (pull !== undefined && !pull.labels.includes('flyball')) {
    await addLabels(run.repository, pull.number, [...pullRequestLabels(at.proposal), ...run.labels]);
    run.problems.push(...(await requestReviewers(run.repository, pull.number, run.reviewers)));
    return told(at, 'updated');
  }
  return told(at, 'unchanged');
}

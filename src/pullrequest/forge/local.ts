import { type Proposal, type ProposalFingerprint, assert } from '../../domain/index.ts';
import type { BareRepository, CommitInfo } from '../../gitops/index.ts';
import { commitMessage } from '../commit-message.ts';
import type { PullRequestContext, RenderedChange, RenderedPullRequest } from '../context.ts';
import { renderPullRequest } from '../render.ts';
import { branchName, branchPrefix, pageName } from '../slug.ts';
import { type FieldEditor, editFiles } from './edit-files.ts';
import { flyballAuthor, ownFingerprint } from './ownership.ts';
import type { Publication } from './publication.ts';

/** A proposal and what its pull request tells; the diff is found while its commit is made. */
export interface PublishableProposal {
  readonly proposal: Proposal;
  readonly context: Omit<PullRequestContext, 'diff' | 'rendered'>;
}

/** Says what clusters get of some edited files, or why the edit must not be made. */
export type RenderProver = (
  proposal: Proposal,
  files: readonly { readonly path: string; readonly text: string }[],
) => Promise<
  { readonly kind: 'proven'; readonly rendered: RenderedChange } | { readonly kind: 'refused'; readonly detail: string }
>;

export interface PublishedProposal {
  readonly proposal: Proposal;
  readonly pullRequest: RenderedPullRequest;
  readonly publication: Publication;
}

export interface PublishOptions {
  /** A bare repository that holds the scanned commit. */
  readonly store: BareRepository;
  readonly editField: FieldEditor;
  /** Renders before and after the edit; a proposal that it refuses gets no branch. */
  readonly prove: RenderProver;
  readonly proposals: readonly PublishableProposal[];
  /** Make the commits and diffs, and leave every branch as it is. */
  readonly dryRun: boolean;
}

/**
 * One branch for each proposal, with one commit on top of the scanned commit. The same change on the same commit leaves
 * its branch alone; a branch of Flyball's that nobody proposes any more is removed; a branch with a person's commits is
 * never touched.
 */
export async function publishLocally(options: PublishOptions): Promise<{
  readonly published: readonly PublishedProposal[];
  readonly closedBranches: readonly string[];
  readonly leftAloneBranches: readonly string[];
}> {
  const published: PublishedProposal[] = [];
  const wanted = new Set<string>();
  for (const publishable of options.proposals) {
    const branch = branchName(publishable.proposal.workload, publishable.proposal.action);
    assert(!wanted.has(branch), `two proposals for ${branch}`);
    const result = await publishOne(options, publishable);
    // A change that is already made, or cannot be made, keeps no branch: one left from an earlier scan is closed.
    if (result.publication.status !== 'no-change' && result.publication.status !== 'refused') wanted.add(branch);
    published.push(result);
  }
  return { published, ...(await closeOthers(options, wanted)) };
}

async function publishOne(
  { store, editField, prove, dryRun }: PublishOptions,
  { proposal, context }: PublishableProposal,
): Promise<PublishedProposal> {
  const base = context.repository.commit;
  const edited = await editFiles(proposal, (path) => store.readText(base, path), editField);
  if (edited.kind === 'refused') return withoutBranch({ proposal, context }, 'refused', edited.detail);
  if (edited.files.length === 0) {
    return withoutBranch({ proposal, context }, 'no-change', 'The file already holds the proposed value.');
  }
  const proof = await prove(proposal, edited.files);
  if (proof.kind === 'refused') return withoutBranch({ proposal, context }, 'refused', proof.detail);
  const { commit, tree } = await store.writeCommit({
    parent: base,
    files: edited.files,
    message: commitMessage(proposal, context),
    ...flyballAuthor,
    epochSeconds: Math.floor(context.asOf / 1000),
  });
  const diff = await store.diff(base, commit);
  const pullRequest = renderPullRequest(proposal, { ...context, diff, rendered: proof.rendered });
  const { branch } = pullRequest;
  const tip = await store.readBranch(branch);
  const status = branchStatus(tip, { fingerprint: proposal.fingerprint, base, tree });
  const kept = status === 'unchanged' || status === 'edited' ? tip?.commit : undefined;
  if (dryRun) return withPublication({ proposal, pullRequest, diff, status: 'dry-run', commit: tip?.commit });
  if (kept === undefined) await store.updateBranch({ branch, commit, expected: tip?.commit });
  return withPublication({ proposal, pullRequest, diff, status, commit: kept ?? commit });
}

function branchStatus(
  tip: CommitInfo | undefined,
  wanted: { readonly fingerprint: ProposalFingerprint; readonly base: string; readonly tree: string },
): 'created' | 'unchanged' | 'updated' | 'edited' {
  if (tip === undefined) return 'created';
  const fingerprint = ownFingerprint(tip);
  if (fingerprint === undefined) return 'edited';
  const isSame = fingerprint === wanted.fingerprint && tip.parents[0] === wanted.base && tip.tree === wanted.tree;
  return isSame ? 'unchanged' : 'updated';
}

function withPublication(made: {
  readonly proposal: Proposal;
  readonly pullRequest: RenderedPullRequest;
  readonly diff: string;
  readonly status: Publication['status'];
  readonly commit: string | undefined;
  readonly detail?: string;
}): PublishedProposal {
  const { proposal, pullRequest, diff, status, commit, detail } = made;
  const page = pageName(proposal.workload, proposal.action);
  return { proposal, pullRequest, publication: { status, branch: pullRequest.branch, commit, page, diff, detail } };
}

function withoutBranch(
  { proposal, context }: PublishableProposal,
  status: 'refused' | 'no-change',
  detail: string,
): PublishedProposal {
  const pullRequest = renderPullRequest(proposal, { ...context, diff: '', rendered: undefined });
  return withPublication({ proposal, pullRequest, diff: '', status, commit: undefined, detail });
}

/** Removes Flyball's branches that are not wanted any more, and names those that a person worked on. */
async function closeOthers(
  { store, dryRun }: PublishOptions,
  wanted: ReadonlySet<string>,
): Promise<{ readonly closedBranches: readonly string[]; readonly leftAloneBranches: readonly string[] }> {
  const closedBranches: string[] = [];
  const leftAloneBranches: string[] = [];
  for (const branch of await store.listBranches(branchPrefix)) {
    if (wanted.has(branch)) continue;
    const tip = await store.readBranch(branch);
    if (tip === undefined) continue;
    if (ownFingerprint(tip) === undefined) {
      leftAloneBranches.push(branch);
      continue;
    }
    if (!dryRun) await store.deleteBranch({ branch, expected: tip.commit });
    closedBranches.push(branch);
  }
  return { closedBranches, leftAloneBranches };
}

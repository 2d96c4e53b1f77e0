import type { EpochMs, Problem, Proposal } from '../../../domain/index.ts';
import type { FieldEditor } from '../edit-files.ts';
import type { PublishableProposal, RenderProver } from '../local.ts';
import { isOwnTip } from './branches.ts';
import type { PullLimits, PullQuota } from './limits.ts';
import type { OwnPull } from './own-pulls.ts';
import type { GitHubRepository } from './repository.ts';
import type { Reviewers } from './reviewers.ts';
import type { SetValue } from './standing.ts';

export interface GitHubPublishOptions {
  readonly repository: GitHubRepository;
  readonly editField: FieldEditor;
  /** Renders before and after the edit; a proposal that it refuses gets no pull request. */
  readonly prove: RenderProver;
  /** A file of the scanned commit. */
  readonly readText: (path: string) => Promise<string>;
  /** Unified diff between the scanned commit and edited files. */
  readonly diff: (files: readonly { readonly path: string; readonly text: string }[]) => Promise<string>;
  /** The proposal with values that people chose, or why they cannot be had. */
  readonly withValues: (
    proposal: Proposal,
    values: readonly SetValue[],
  ) =>
    | { readonly kind: 'proposal'; readonly proposal: Proposal }
    | { readonly kind: 'refused'; readonly detail: string };
  /** All of one scan of one commit. */
  readonly proposals: readonly PublishableProposal[];
  /** When the scan was; a pull request that a later scan wrote is left as it is. */
  readonly asOf: EpochMs;
  readonly now: EpochMs;
  readonly limits: PullLimits;
  /** Besides Flyball's own. */
  readonly labels: readonly string[];
  readonly reviewers: Reviewers;
  /** A proposal below it is opened as a draft; 0 makes none. */
  readonly draftBelowConfidenceRatio: number;
  /** Branches whose pull requests are opened over the limits, because a person asked. */
  readonly openNow: ReadonlySet<string>;
  /** Branches that are made anew on the scanned commit, because a person asked. */
  readonly rebase: ReadonlySet<string>;
}

/** What one run knows of a repository. */
export interface PublishRun extends GitHubPublishOptions {
  readonly repositoryId: string;
  readonly pulls: readonly OwnPull[];
  readonly tips: ReadonlyMap<string, string>;
  readonly quota: PullQuota;
  readonly problems: Problem[];
}

/** Whether only Flyball pushed to a pull request's branch. */
export async function isOwn({ repository }: PublishRun, pull: OwnPull): Promise<boolean> {
  return pull.head === pull.state.head || isOwnTip(repository, pull.head);
}

import type { Proposal } from '../../../domain/index.ts';

/** What became of one proposal on GitHub. */
export const pullOutcomes = [
  /** Its pull request is new. */
  'created',
  /** Nothing was written. */
  'unchanged',
  /** Its text, or its branch and text, were made anew. */
  'updated',
  /** A person pushed to its branch: left alone. */
  'edited',
  /** The file already says so; an open pull request was closed. */
  'no-change',
  /** The edit cannot be made safely; an open pull request was closed. */
  'refused',
  /** A person said so: see the detail. */
  'held',
  'paused',
  'snoozed',
  'ignored',
  'declined',
  /** No more pull requests may be open, or be opened today. */
  'limited',
  /** A later scan wrote it. */
  'newer',
] as const;

export interface PullOutcome {
  readonly proposal: Proposal;
  readonly branch: string;
  readonly outcome: (typeof pullOutcomes)[number];
  /** Undefined when it has none. */
  readonly pull: { readonly number: number; readonly url: string } | undefined;
  /** Why there is none, or why it was left alone, for people; it may hold hostile text. */
  readonly detail: string | undefined;
}

/** What became of one proposal in the forge. */
export const publicationStatuses = [
  /** Its branch is new. */
  'created',
  /** Its branch already holds this change on this commit; it was not touched. */
  'unchanged',
  /** Its branch was rebuilt: the change, or the commit it stands on, is another one. */
  'updated',
  /** Its branch holds a person's commits and was left alone. */
  'edited',
  /** The file already says so: no branch. */
  'no-change',
  /** The field could not be edited safely: no branch. */
  'refused',
  /** Nothing was written, as asked. */
  'dry-run',
] as const;
export type PublicationStatus = (typeof publicationStatuses)[number];

export interface Publication {
  readonly status: PublicationStatus;
  readonly branch: string;
  /** Tip of the branch; undefined when there is none. */
  readonly commit: string | undefined;
  /** File name of its page, without the extension. */
  readonly page: string;
  /** Unified diff of the proposed change; empty when there is none. */
  readonly diff: string;
  /** Why there is no branch, for people; undefined when there is one. */
  readonly detail: string | undefined;
}

import type { CommitInfo } from '../../gitops/index.ts';

/** Who Flyball's own commits are by. */
export const flyballAuthor = { name: 'Flyball', email: 'flyball@localhost' } as const;

/**
 * The fingerprint of the proposal that a branch holds, when Flyball alone made the branch: its tip is one commit by
 * Flyball with its trailer. Anything else (a person's commit on top, an amended or a merge commit) is a person's work.
 */
export function ownFingerprint(tip: CommitInfo): string | undefined {
  const isOwn =
    tip.parents.length === 1 && tip.authorEmail === flyballAuthor.email && tip.committerEmail === flyballAuthor.email;
  if (!isOwn) return undefined;
  const trailers = tip.message.trimEnd().split('\n\n').at(-1) ?? '';
  return /^Flyball-Proposal: ([0-9a-f]{16})$/m.exec(trailers)?.[1];
}

import { createHash } from 'node:crypto';
import type { LeverChange, PolicyVerdict, ProposalFingerprint } from '../domain/index.ts';

/**
 * Digest of what would change and under which exceeded policies: file, document, field, from, to. Figures are left
 * out on purpose, so that tomorrow's slightly different saving is still the same proposal.
 */
export function fingerprint(changes: readonly LeverChange[], verdicts: readonly PolicyVerdict[]): ProposalFingerprint {
  const canonical = JSON.stringify({
    changes: changes.map(({ field, from, to }) => [
      field.path,
      field.documentIndex,
      field.yamlPath,
      from,
      to,
      ...(field.kind === 'absent' ? [field.insertion] : []),
    ]),
    policies: verdicts
      .filter((verdict) => verdict.outcome === 'exceeded')
      .map((verdict) => verdict.policy)
      .toSorted(),
  });
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16) as ProposalFingerprint;
}

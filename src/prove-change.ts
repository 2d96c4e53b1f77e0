import type { OperatorConfig } from './config/index.ts';
import type { LeverChange, Proposal } from './domain/index.ts';
import { kindCatalogue, openStructuralProver, type RepositorySnapshot, type StructuralProver } from './gitops/index.ts';
import type { RenderProver } from './pullrequest/index.ts';

/** Renders each proposal before and after its edit, and refuses it when anything but the intended field moves. */
export function renderProver(
  snapshot: RepositorySnapshot,
  config: Pick<OperatorConfig, 'clusters' | 'kinds'>,
): RenderProver {
  let opened: Promise<StructuralProver> | undefined;
  return async ({ workload, changes }, files) => {
    // Reading the whole repository once more is only worth it when there is something to prove.
    opened ??= openStructuralProver(snapshot, {
      clusters: config.clusters,
      kinds: kindCatalogue(config.kinds),
    });
    const prover = await opened;
    const proof = prover.prove(
      new Map(files.map(({ path, text }) => [path, text])),
      byLever(changes).map(({ lever, to, fields }) => ({ workload: workload.id, lever, to, fields })),
    );
    if (proof.kind === 'refused') return proof;
    return { kind: 'proven', rendered: { changes: proof.changes, checkedBy: ['Flyball'] } };
  };
}

/** Fields that move together are one lever. */
function byLever(changes: Proposal['changes']): readonly (Pick<LeverChange, 'lever' | 'to'> & { fields: number })[] {
  const kinds = [...new Set(changes.map(({ lever }) => lever))];
  return kinds.flatMap((kind) => {
    const same = changes.filter(({ lever }) => lever === kind);
    return same.slice(0, 1).map(({ lever, to }) => ({ lever, to, fields: same.length }));
  });
}

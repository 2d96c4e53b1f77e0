import type { OperatorConfig } from './config/index.ts';
import { openStructuralProver, type RepositorySnapshot, type StructuralProver } from './gitops/index.ts';
import type { RenderProver } from './pullrequest/index.ts';

/** Renders each proposal before and after its edit, and refuses it when anything but the intended field moves. */
export function renderProver(
  snapshot: RepositorySnapshot,
  { clusters }: { readonly clusters: OperatorConfig['clusters'] },
): RenderProver {
  let opened: Promise<StructuralProver> | undefined;
  return async ({ workload, changes }, files) => {
    // Reading the whole repository once more is only worth it when there is something to prove.
    opened ??= openStructuralProver(snapshot, { clusters });
    const prover = await opened;
    const proof = prover.prove(
      new Map(files.map(({ path, text }) => [path, text])),
      changes.map(({ lever, to }) => ({ workload: workload.id, lever, to })),
    );
    if (proof.kind === 'refused') return proof;
    return { kind: 'proven', rendered: { changes: proof.changes, checkedBy: ['Flyball'] } };
  };
}

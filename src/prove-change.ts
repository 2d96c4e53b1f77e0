import type { OperatorConfig } from './config/index.ts';
import type { LeverChange, Proposal } from './domain/index.ts';
import {
  findRenderTools,
  kindCatalogue,
  openRenderChecker,
  openStructuralProver,
  type CacheLocation,
  type RenderChecker,
  type RepositorySnapshot,
  type StructuralProver,
} from './gitops/index.ts';
import type { RenderProver } from './pullrequest/index.ts';

/** Proves changes of one repository; what it needs is opened with the first of them. */
export interface ChangeProver {
  readonly prove: RenderProver;
  close(): Promise<void>;
}

/**
 * Renders each proposal before and after its edit, by Flyball's own reading and by the programs on a search path, and
 * refuses it when anything but the intended field moves.
 */
export function changeProver(
  snapshot: RepositorySnapshot,
  options: Pick<OperatorConfig, 'clusters' | 'kinds'> & {
    readonly searchPath: string;
    readonly cache: CacheLocation;
  },
): ChangeProver {
  let opened: Promise<{ readonly prover: StructuralProver; readonly checker: RenderChecker | undefined }> | undefined;
  const open = async () => {
    const tools = await findRenderTools(options.searchPath);
    const hasTools = Object.values(tools).some((tool) => tool !== undefined);
    return {
      prover: await openStructuralProver(snapshot, {
        clusters: options.clusters,
        kinds: kindCatalogue(options.kinds),
        cache: options.cache,
      }),
      checker: hasTools ? await openRenderChecker(snapshot, tools) : undefined,
    };
  };
  return {
    prove: async ({ workload, changes }, files) => {
      opened ??= open();
      const { prover, checker } = await opened;
      const edited = new Map(files.map(({ path, text }) => [path, text]));
      const intended = byLever(changes).map(({ lever, to, fields }) => ({ workload: workload.id, lever, to, fields }));
      const proof = prover.prove(edited, intended);
      if (proof.kind === 'refused') return proof;
      const question = { edited, ...proof.targets, expected: proof.changes, to: intended.map(({ to }) => to) };
      const checked = await checker?.check(question);
      if (checked?.kind === 'refused') return checked;
      const { checkedBy = [], notRendered = [] } = checked ?? {};
      return {
        kind: 'proven',
        rendered: { changes: proof.changes, checkedBy: ['Flyball', ...checkedBy], notRendered },
      };
    },
    close: async () => {
      const { checker } = (await opened) ?? {};
      await checker?.close();
    },
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

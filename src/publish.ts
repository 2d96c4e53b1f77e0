import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EpochMs, Proposal, Workload } from './domain/index.ts';
import type { Gathered } from './gather.ts';
import {
  createBareClone,
  editField,
  openBareRepository,
  syncBareClone,
  withBareRepository,
  type RepositorySnapshot,
} from './gitops/index.ts';
import { evidenceQueries } from './evidence-queries.ts';
import type { OperatorConfig } from './config/index.ts';
import { changeProver } from './prove-change.ts';
import { proposalCharts } from './proposal-charts.ts';
import { publishLocally } from './pullrequest/index.ts';
import type { ReportedProposal } from './report/index.ts';
import type { Scored } from './score-anomalies.ts';
import { version } from './version.ts';

/** What became of the proposals in the local forge. */
export interface Published {
  readonly proposals: readonly ReportedProposal[];
  readonly closedBranches: readonly string[];
  readonly leftAloneBranches: readonly string[];
  readonly forgeDirectory: string | undefined;
}

/**
 * Writes one branch for each proposal into a bare repository under the output folder. In a dry run that repository is a
 * throw-away one, so that diffs are real and nothing stays.
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const forge = path.join(
    options.outDirectory,
    options.dryRun ? 'tmp/dry-run' : 'forge',
    `${options.snapshot.name}.git`,
  );
  return withBareRepository(forge, () => publishInto(forge, options));
}

interface PublishOptions {
  readonly snapshot: RepositorySnapshot;
  readonly config: OperatorConfig;
  readonly gathered: Gathered;
  readonly scored: Scored;
  readonly proposals: readonly Proposal[];
  readonly asOf: EpochMs;
  readonly outDirectory: string;
  readonly dryRun: boolean;
  /** Folders in which programs that render are looked for, as in PATH. */
  readonly searchPath: string;
}

async function publishInto(forge: string, options: PublishOptions): Promise<Published> {
  const { snapshot, gathered, scored, asOf, dryRun } = options;
  if (dryRun) await rm(forge, { recursive: true, force: true });
  await bringBase(snapshot, forge);
  const history = (workload: Workload): Parameters<typeof proposalCharts>[1] => ({
    usage: gathered.attribution.usage.get(workload.id),
    cost: gathered.attribution.cost.get(workload.id),
  });
  const charts = new Map(
    options.proposals.map((proposal) => [
      proposal,
      proposalCharts(proposal, history(proposal.workload), gathered.window),
    ]),
  );
  const prover = changeProver(snapshot, {
    ...options.config,
    searchPath: options.searchPath,
    cache: { folder: path.join(options.outDirectory, 'cache'), programVersion: version },
  });
  const result = await publishLocally({
    store: openBareRepository(forge),
    editField,
    prove: prover.prove,
    dryRun,
    proposals: options.proposals.map((proposal) => ({
      proposal,
      context: {
        asOf,
        windowStart: gathered.window.start,
        windowEnd: gathered.window.end,
        repository: { name: snapshot.name, branch: snapshot.branch, commit: snapshot.commit },
        model: scored.model,
        dataDigest: gathered.dataDigest,
        charts: charts.get(proposal) ?? [],
        queries: evidenceQueries(proposal.workload, gathered.window),
      },
    })),
  }).finally(() => prover.close());
  if (dryRun) await rm(forge, { recursive: true, force: true });
  return {
    proposals: result.published.map((published) => ({ ...published, charts: charts.get(published.proposal) ?? [] })),
    closedBranches: result.closedBranches,
    leftAloneBranches: result.leftAloneBranches,
    forgeDirectory: dryRun ? undefined : forge,
  };
}

/** Makes the bare repository, or brings the scanned branch of it up to date. */
async function bringBase(snapshot: RepositorySnapshot, forge: string): Promise<void> {
  const exists = await stat(path.join(forge, 'HEAD')).then(
    () => true,
    () => false,
  );
  if (exists) {
    await syncBareClone({ gitDirectory: forge, from: snapshot.gitDirectory, branch: snapshot.branch });
    return;
  }
  await mkdir(path.dirname(forge), { recursive: true });
  await createBareClone({ from: snapshot.gitDirectory, to: forge, remoteUrl: snapshot.remoteUrl });
}

import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EpochMs, HeldBack, Problem, Proposal, Verdict, Workload } from './domain/index.ts';
import type { Gathered } from './gather.ts';
import {
  createBareClone,
  editField,
  openBareRepository,
  syncBareClone,
  withBareRepository,
  type BareRepository,
  type RepositorySnapshot,
} from './gitops/index.ts';
import { evidenceQueries } from './evidence-queries.ts';
import type { OperatorConfig, RepositoryConfig } from './config/index.ts';
import { changeProver } from './prove-change.ts';
import { proposalCharts } from './proposal-charts.ts';
import { publishLocally, type PublishableProposal, type RenderProver } from './pullrequest/index.ts';
import type { ReportedProposal } from './report/index.ts';
import type { Scored } from './score-anomalies.ts';
import { version } from './version.ts';

/** What became of the proposals in the forge. */
export interface Published {
  readonly proposals: readonly ReportedProposal[];
  readonly closedBranches: readonly string[];
  readonly leftAloneBranches: readonly string[];
  /** Of the local forge; undefined when it is another one, or nothing stays. */
  readonly forgeDirectory: string | undefined;
}

/** What the owners of the repository say to Flyball, from the scanned commit. */
export interface HouseRules {
  readonly config: RepositoryConfig;
  readonly guards: OperatorConfig['guards'];
  /** False when the repository's configuration has errors: what its owners want left alone is unknown then. */
  readonly isUsable: boolean;
  readonly problems: readonly Problem[];
}

/** What a scan wants told, and from what it was found. */
export interface Publishing {
  readonly house: HouseRules;
  readonly snapshot: RepositorySnapshot;
  readonly config: OperatorConfig;
  readonly gathered: Gathered;
  readonly scored: Scored;
  readonly proposals: readonly Proposal[];
  readonly heldBack: readonly HeldBack[];
  /** One for each workload. */
  readonly verdicts: readonly Verdict[];
  readonly workloads: readonly Workload[];
  readonly asOf: EpochMs;
  readonly outDirectory: string;
  /** Folders in which programs that render are looked for, as in PATH. */
  readonly searchPath: string;
}

export type Publisher = (publishing: Publishing) => Promise<Published>;

/**
 * Writes one branch for each proposal into a bare repository under the output folder. In a dry run that repository is a
 * throw-away one, so that diffs are real and nothing stays.
 */
export function localPublisher({ dryRun }: { readonly dryRun: boolean }): Publisher {
  return (publishing) => {
    const folder = dryRun ? 'tmp/dry-run' : 'forge';
    const forge = path.join(publishing.outDirectory, folder, `${publishing.snapshot.name}.git`);
    return withBareRepository(forge, () => publishInto(forge, dryRun, publishing));
  };
}

async function publishInto(forge: string, dryRun: boolean, publishing: Publishing): Promise<Published> {
  if (dryRun) await rm(forge, { recursive: true, force: true });
  await bringBase(publishing.snapshot, forge);
  const result = await withPublishable(publishing, ({ proposals, prove }) =>
    publishLocally({ store: openBareRepository(forge), editField, prove, dryRun, proposals }),
  );
  if (dryRun) await rm(forge, { recursive: true, force: true });
  const charts = new Map(result.published.map(({ proposal }) => [proposal, chartsOf(proposal, publishing)]));
  return {
    proposals: result.published.map((published) => ({ ...published, charts: charts.get(published.proposal) ?? [] })),
    closedBranches: result.closedBranches,
    leftAloneBranches: result.leftAloneBranches,
    forgeDirectory: dryRun ? undefined : forge,
  };
}

/** Runs a forge with what it needs to write pull requests: their contexts, and the proof of every edit. */
export async function withPublishable<Result>(
  publishing: Publishing,
  action: (given: {
    readonly proposals: readonly PublishableProposal[];
    readonly prove: RenderProver;
  }) => Promise<Result>,
): Promise<Result> {
  const { snapshot, gathered, scored, asOf } = publishing;
  const prover = changeProver(snapshot, {
    ...publishing.config,
    searchPath: publishing.searchPath,
    cache: { folder: path.join(publishing.outDirectory, 'cache'), programVersion: version },
  });
  const proposals = publishing.proposals.map((proposal) => ({
    proposal,
    context: {
      asOf,
      windowStart: gathered.window.start,
      windowEnd: gathered.window.end,
      repository: { name: snapshot.name, branch: snapshot.branch, commit: snapshot.commit },
      model: scored.model,
      dataDigest: gathered.dataDigest,
      charts: chartsOf(proposal, publishing),
      queries: evidenceQueries(proposal.workload, gathered.window),
    },
  }));
  return action({ proposals, prove: prover.prove }).finally(() => prover.close());
}

/** What is drawn of a proposal's workload. */
export function chartsOf(
  proposal: Proposal,
  { gathered }: Pick<Publishing, 'gathered'>,
): ReturnType<typeof proposalCharts> {
  const history = {
    usage: gathered.attribution.usage.get(proposal.workload.id),
    cost: gathered.attribution.cost.get(proposal.workload.id),
  };
  return proposalCharts(proposal, history, gathered.window);
}

/** Runs with a throw-away bare repository that holds the scanned commit. */
export async function withScratchStore<Result>(
  { snapshot, outDirectory }: Publishing,
  action: (store: BareRepository) => Promise<Result>,
): Promise<Result> {
  const folder = path.join(outDirectory, 'tmp/scratch', `${snapshot.name}.git`);
  await rm(folder, { recursive: true, force: true });
  await bringBase(snapshot, folder);
  return action(openBareRepository(folder)).finally(() => rm(folder, { recursive: true, force: true }));
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

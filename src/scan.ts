import {
  findIgnoreGlob,
  isPolicyPath,
  repositoryConfigPath,
  type OperatorConfig,
  type RepositoryConfig,
} from './config/index.ts';
import { costPerDay } from './cost-per-day.ts';
import {
  compareProblems,
  type EpochMs,
  type Problem,
  type Progress,
  type Verdict,
  type Workload,
} from './domain/index.ts';
import { gather, type Gathered } from './gather.ts';
import { readHouseRules } from './house-rules.ts';
import { kindCatalogue, takeInventory, type RepositorySnapshot } from './gitops/index.ts';
import { evaluateCostPolicies, loadCostPolicies } from './policy/index.ts';
import { nodeUnitPrice } from './node-unit-price.ts';
import { oldPrices, readCatalogue } from './price-catalogue.ts';
import type { Published, Publisher } from './publish.ts';
import { recommend } from './recommend/index.ts';
import type { ScanReport } from './report/index.ts';
import { scoreAnomalies, type Scored } from './score-anomalies.ts';
import type { BackendName } from './scoring/index.ts';
import { workloadsWithoutMetrics } from './workloads-without-metrics.ts';
import { version } from './version.ts';

export interface ScanOptions {
  /** Gives the commit to be scanned. */
  readonly open: () => Promise<RepositorySnapshot>;
  /** Tells the people who look after the repository. */
  readonly publish: Publisher;
  readonly config: OperatorConfig;
  readonly configProblems: readonly Problem[];
  readonly asOf: EpochMs;
  /** Milliseconds since 1970; decides only which hours of metrics servers are over. */
  readonly now: () => number;
  /** Where the ledger, clones, branches and pages go. */
  readonly outDirectory: string;
  readonly ledgerPath: string;
  readonly backend: BackendName | undefined;
  /** Folders in which kustomize, helm and flux are looked for, as in PATH. */
  readonly searchPath: string;
  readonly progress: Progress;
}

/**
 * One scan, left to right: what is declared, what it costs and does, what looks wrong, what to change, who hears of it.
 * @throws ProblemError when the repository, the ledger or a forced backend cannot be used at all.
 */
export async function scan(options: ScanOptions): Promise<ScanReport> {
  const { config, asOf, progress } = options;
  const snapshot = await options.open();
  progress.stage('reading manifests');
  const inventory = await takeInventory(snapshot, {
    clusters: config.clusters,
    kinds: kindCatalogue(config.kinds),
    cache: { folder: `${options.outDirectory}/cache`, programVersion: version },
    progress,
  });
  const house = await readHouseRules(snapshot, config);
  const ignored = inventory.workloads.filter((workload) => findIgnoreGlob(house.config, workload) !== undefined);
  const workloads = inventory.workloads.filter((workload) => !ignored.includes(workload));
  const gathered = await gather({
    config,
    workloads: inventory.workloads,
    repository: snapshot.name,
    asOf,
    now: options.now,
    ledgerPath: options.ledgerPath,
    temporaryDirectory: `${options.outDirectory}/tmp`,
    progress,
  });
  const { usage, cost, nodes, unitPrices } = gathered.attribution;
  const policyDocuments = inventory.policyDocuments.filter((document) => isPolicyPath(house.config, document.path));
  const policies = loadCostPolicies(policyDocuments);
  const judged = evaluateCostPolicies({ policies: policies.policies, workloads, cost, asOf });
  const scored = await scoreAnomalies({
    usage,
    cost,
    window: gathered.window,
    modelPath: config.model.path,
    backend: options.backend,
    progress,
  });
  progress.stage('deciding');
  const { catalogue, problems: catalogueProblems } = await readCatalogue(config.catalogue.prices);
  const recommendation = recommend({
    workloads: house.isUsable ? workloads : [],
    usage,
    cost,
    anomalies: scored.anomalies,
    judgements: judged.judgements,
    nodes,
    unitPrices: unitPrices.map(nodeUnitPrice),
    catalogue,
    asOf,
    settings: config.recommend,
    guards: house.guards,
  });
  const published = await options.publish({
    ...options,
    house,
    snapshot,
    gathered,
    scored,
    ...recommendation,
    workloads,
  });
  const problems = [
    ...options.configProblems,
    ...inventory.problems,
    ...house.problems,
    ...gathered.problems,
    ...policies.problems,
    ...judged.problems,
    ...catalogueProblems,
    ...oldPrices(catalogue, { workloads, asOf }),
    ...scored.problems,
    ...workloadsWithoutMetrics(workloads, recommendation.verdicts, config.metrics.length > 0),
  ].toSorted(compareProblems);
  const verdicts = [...recommendation.verdicts, ...ignored.map((workload) => ignoredVerdict(workload, house.config))];
  return report({
    options,
    snapshot,
    gathered,
    scored,
    published,
    problems,
    verdicts,
    heldBack: recommendation.heldBack,
    workloadsSeen: inventory.workloads.length,
  });
}

function ignoredVerdict(workload: Workload, config: RepositoryConfig): Verdict {
  const detail = `${repositoryConfigPath} ignores ${findIgnoreGlob(config, workload) ?? ''}`;
  return { kind: 'keep', workload: workload.id, reason: 'ignored', detail };
}

function report(parts: {
  readonly options: ScanOptions;
  readonly snapshot: RepositorySnapshot;
  readonly gathered: Gathered;
  readonly scored: Scored;
  readonly published: Published;
  readonly problems: readonly Problem[];
  readonly verdicts: readonly Verdict[];
  readonly heldBack: ScanReport['heldBack'];
  readonly workloadsSeen: number;
}): ScanReport {
  const { options, snapshot, gathered, scored, published } = parts;
  return {
    asOf: options.asOf,
    windowStart: gathered.window.start,
    windowEnd: gathered.window.end,
    repository: { name: snapshot.name, branch: snapshot.branch, commit: snapshot.commit },
    backend: scored.backend,
    model: scored.model,
    dataDigest: gathered.dataDigest,
    coverage: gathered.attribution.coverage,
    workloadsSeen: parts.workloadsSeen,
    proposals: published.proposals,
    closedBranches: published.closedBranches,
    leftAloneBranches: published.leftAloneBranches,
    heldBack: parts.heldBack,
    verdicts: parts.verdicts.filter((verdict) => verdict.kind !== 'propose'),
    problems: parts.problems,
    costPerDay: costPerDay(gathered.bill, gathered.attribution.cost, options.config.currency),
    forgeDirectory: published.forgeDirectory,
  };
}

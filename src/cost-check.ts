import { checkChange, cheaperOptions, type CheckInput, type CheckReport } from './check/index.ts';
import { findIgnoreGlob, isPolicyPath, type OperatorConfig } from './config/index.ts';
import { compareProblems, type EpochMs, type Problem, type Progress } from './domain/index.ts';
import { gather } from './gather.ts';
import {
  changedLines,
  kindCatalogue,
  takeInventory,
  type Inventory,
  type LineRange,
  type RepositorySnapshot,
} from './gitops/index.ts';
import { readHouseRules } from './house-rules.ts';
import { nodeUnitPrice } from './node-unit-price.ts';
import { loadCostPolicies } from './policy/index.ts';
import { readCatalogue } from './price-catalogue.ts';
import type { HouseRules } from './publish.ts';
import { version } from './version.ts';

/** The commits that a check looks at. */
export interface CheckedCommits {
  /** The newest commit of the branch that the change is for: configuration, policies and history are of it. */
  readonly target: RepositorySnapshot;
  /** Where the change began. */
  readonly base: RepositorySnapshot;
  /** The change. Of it only manifests are read, never configuration or policies. */
  readonly head: RepositorySnapshot;
}

export interface CostCheckOptions {
  readonly commits: CheckedCommits;
  readonly audience: CheckReport['audience'];
  readonly config: OperatorConfig;
  readonly configProblems: readonly Problem[];
  readonly asOf: EpochMs;
  readonly now: () => number;
  readonly outDirectory: string;
  readonly ledgerPath: string;
  readonly progress: Progress;
}

/** Whose list prices outsiders are told: the bill's own regions would tell where the clusters are. */
const outsidersRegions = { aws: 'us-east-1', azure: 'eastus', gcp: 'us-central1' } as const;

/**
 * Checks what a change costs, from three commits of a repository.
 * @throws ProblemError when the ledger cannot be used at all.
 */
export async function costCheck(options: CostCheckOptions): Promise<{
  readonly report: CheckReport;
  readonly house: HouseRules;
}> {
  const { commits, config, asOf, progress } = options;
  const { target, base, head } = commits;
  const house = await readHouseRules(target, config);
  progress.stage('reading manifests');
  const inventories = {
    target: await inventoryOf(target, options),
    base: await inventoryOf(base, options),
    head: await inventoryOf(head, options),
  };
  // The operator's price files may hold what was negotiated.
  const priceFiles = options.audience === 'team' ? config.catalogue.prices : [];
  const { catalogue, problems: catalogueProblems } = await readCatalogue(priceFiles);
  const policies = loadCostPolicies(
    inventories.target.policyDocuments.filter((document) => isPolicyPath(house.config, document.path)),
  );
  const known =
    options.audience === 'team' ? await gatherHistory(options, inventories.target) : { kind: 'none' as const };
  const { minimumMonthlyUsd, minimumPercent, reviewAboveMonthlyUsd, budgetOwners } = house.config.check;
  const input: CheckInput = {
    base: withoutIgnored(inventories.base, house),
    head: {
      ...withoutIgnored(inventories.head, house),
      ...(known.kind === 'none' ? { capacity: [] } : {}),
    },
    history:
      known.kind === 'none'
        ? { workloads: [], usage: new Map(), cost: new Map(), machinePrices: [] }
        : {
            workloads: inventories.target.workloads,
            usage: known.attribution.usage,
            cost: known.attribution.cost,
            machinePrices: known.attribution.unitPrices,
          },
    catalogue,
    policies: known.kind === 'none' ? [] : policies.policies,
    settings: {
      minimumMonthlyUsd,
      minimumPercent,
      reviewAboveMonthlyUsd: known.kind === 'none' ? undefined : reviewAboveMonthlyUsd,
      budgetOwners,
    },
    currency: config.currency,
    targetUtilRatio: config.recommend.targetUtilRatio,
    ...(known.kind === 'none' ? { listRegions: outsidersRegions } : {}),
    asOf,
  };
  progress.stage('pricing the change');
  const check = checkChange(input);
  const advice =
    known.kind === 'none'
      ? []
      : await cheaperOptions(check, {
          check: input,
          unitPrices: known.attribution.unitPrices.map(nodeUnitPrice),
          nodes: known.attribution.nodes,
          settings: config.recommend,
          guards: house.guards,
          files: headFiles(base, head),
        });
  const problems = [
    ...options.configProblems,
    ...house.problems,
    ...policies.problems,
    ...catalogueProblems,
    ...inventories.head.problems,
    ...(known.kind === 'none' ? [] : known.problems),
  ].toSorted(compareProblems);
  return {
    report: {
      repository: head.name,
      baseCommit: base.commit,
      headCommit: head.commit,
      check,
      options: advice,
      audience: options.audience,
      problems,
    },
    house,
  };
}

async function gatherHistory(options: CostCheckOptions, target: Inventory) {
  const { config, asOf, now, ledgerPath, outDirectory, progress } = options;
  const gathered = await gather({
    config,
    workloads: target.workloads,
    asOf,
    now,
    ledgerPath,
    temporaryDirectory: `${outDirectory}/tmp`,
    progress,
  });
  return { kind: 'gathered' as const, ...gathered };
}

function inventoryOf(snapshot: RepositorySnapshot, options: CostCheckOptions): Promise<Inventory> {
  const { config, outDirectory, progress } = options;
  return takeInventory(snapshot, {
    clusters: config.clusters,
    kinds: kindCatalogue(config.kinds),
    cache: { folder: `${outDirectory}/cache`, programVersion: version },
    progress,
  });
}

function withoutIgnored({ workloads, capacity }: Inventory, { config }: HouseRules): CheckInput['base'] {
  return { capacity, workloads: workloads.filter((workload) => findIgnoreGlob(config, workload) === undefined) };
}

/** The head's files; what a diff from the base shows of each is asked of git once. */
function headFiles(base: RepositorySnapshot, head: RepositorySnapshot) {
  const shown = new Map<string, Promise<readonly LineRange[]>>();
  const shownOf = (path: string): Promise<readonly LineRange[]> => {
    const known = shown.get(path) ?? changedLines(head.gitDirectory, { from: base.commit, to: head.commit, path });
    shown.set(path, known);
    return known;
  };
  return {
    readText: async (path: string) => {
      const file = await head.readText(path);
      return file.kind === 'text' ? file.text : undefined;
    },
    isShown: async (path: string, line: number) =>
      (await shownOf(path)).some(({ first, last }) => first <= line && line <= last),
  };
}

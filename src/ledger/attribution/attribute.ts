import {
  assert,
  silentProgress,
  type AttributionTagKeys,
  type CostSeries,
  type Coverage,
  type CurrencyCode,
  type EpochMs,
  type Problem,
  type Progress,
  type UsageSeries,
  type Workload,
  type WorkloadId,
} from '../../domain/index.ts';
import type { Ledger } from '../ledger.ts';
import { chargeBindings, findNodes, findTaggedWorkloads, sumCharges } from './charges.ts';
import { findShares, readCostCells } from './cost-cells.ts';
import { costShares, gpuHourShares, otherCurrencies } from './coverage.ts';
import { findGpuSlots, findPodOwners, windowBindings } from './gpu-slots.ts';
import { storeAttribution } from './store-attribution.ts';
import { dropTemporaryTables } from './temporary-tables.ts';
import { findMachineCharges, readNodes, readUnitPrices, type NodeFacts, type UnitPrice } from './unit-prices.ts';
import { currencyMixed, readUnmatchedPods, unmatchedPodProblems, type UnmatchedPods } from './unmatched-pods.ts';
import { readUsage } from './usage-series.ts';
import { WorkloadNames } from './workload-names.ts';

export interface AttributionRequest {
  readonly workloads: readonly Workload[];
  /** Inclusive. */
  readonly windowStart: EpochMs;
  /** Exclusive. */
  readonly windowEnd: EpochMs;
  /** The report's currency; charges in others are told, not attributed. */
  readonly currency: CurrencyCode;
  readonly tagKeys: AttributionTagKeys;
  /** Whose workloads they are; where it is given, the result is kept in the ledger's tables by workload. */
  readonly repository?: string;
  readonly progress?: Progress;
}

/** Who used which GPUs and what that cost; the parts add up to the bill and to the GPU-hours seen. */
export interface Attribution {
  readonly usage: ReadonlyMap<WorkloadId, UsageSeries>;
  readonly cost: ReadonlyMap<WorkloadId, CostSeries>;
  readonly coverage: Coverage;
  /** Largest first. */
  readonly unmatchedPods: readonly UnmatchedPods[];
  readonly unitPrices: readonly UnitPrice[];
  readonly nodes: readonly NodeFacts[];
  readonly problems: readonly Problem[];
}

/** Attributes the window's cost and GPU use to the inventory's workloads; src/ledger/README.md has the rules. */
export async function attribute(ledger: Ledger, request: AttributionRequest): Promise<Attribution> {
  assert(request.windowStart < request.windowEnd, 'the window of an attribution must not be empty');
  const { workloads, currency, tagKeys } = request;
  const { connection } = ledger;
  const progress = request.progress ?? silentProgress;
  const window = windowBindings(request.windowStart, request.windowEnd);
  const bindings = chargeBindings(window, currency, tagKeys);
  const names = new WorkloadNames(workloads);
  progress.stage('attributing cost and use');
  try {
    progress.step(0, 4, 'pods');
    await findPodOwners(connection, names, window);
    await findGpuSlots(connection, window);
    await findNodes(connection);
    progress.step(1, 4, 'charges');
    await sumCharges(connection, tagKeys, bindings);
    await findTaggedWorkloads(connection, names);
    await findMachineCharges(connection, tagKeys, bindings);
    progress.step(2, 4, 'shares');
    await findShares(connection);
    const shares = costShares(await readCostCells(connection, currency, window), workloads, currency);
    progress.step(3, 4, 'use');
    const usage = await readUsage(connection, workloads, window);
    if (request.repository !== undefined) {
      await storeAttribution(connection, { ...request, repository: request.repository });
    }
    const unmatchedPods = await readUnmatchedPods(connection, window);
    const others = await otherCurrencies(connection, currency, window);
    const { cost, ...effective } = shares;
    const result: Attribution = {
      usage,
      cost,
      coverage: {
        windowStart: request.windowStart,
        windowEnd: request.windowEnd,
        ...effective,
        ...(await gpuHourShares(connection, window)),
        otherCurrencies: others,
      },
      unmatchedPods,
      unitPrices: await readUnitPrices(connection, currency),
      nodes: await readNodes(connection, window),
      problems: [
        ...unmatchedPodProblems(unmatchedPods),
        ...(others.length === 0 ? [] : [currencyMixed(currency, others)]),
      ],
    };
    progress.step(4, 4, 'done');
    return result;
  } finally {
    await dropTemporaryTables(connection);
  }
}

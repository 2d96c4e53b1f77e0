import { hoursPerMonth, scaleMoney, type Money, type Saving, type UsageSeries } from '../domain/index.ts';
import type { CostRate } from './cost-rate.ts';

/** A node as the metrics and the bill know it. */
export interface FleetNode {
  readonly cluster: string;
  readonly hostname: string;
  readonly instanceType: string | undefined;
  readonly gpuCount: number;
}

const daysPerMonth = hoursPerMonth / 24;

/** Below this share of commitment coverage a saving leaves the bill; above it, it frees capacity already paid for. */
const commitmentRatioMax = 0.5;

/**
 * The saving of giving back a share of what a workload costs now.
 * @param removedRatio share of the present cost that goes away; negative when the change adds cost.
 */
export function savingOfShare(input: {
  readonly rate: CostRate;
  readonly removedRatio: number;
  readonly releasedGpus: number;
  readonly cluster: string;
  readonly usage: UsageSeries | undefined;
  readonly nodes: readonly FleetNode[];
}): Saving {
  const { rate, removedRatio } = input;
  const perMonth = (perDay: Money): Money => scaleMoney(perDay, removedRatio * daysPerMonth);
  const [low, high] =
    removedRatio >= 0
      ? [perMonth(rate.perDayLow), perMonth(rate.perDayHigh)]
      : [perMonth(rate.perDayHigh), perMonth(rate.perDayLow)];
  const share = `${(Math.abs(removedRatio) * 100).toFixed(0)} % of the ${rate.days}-day mean effective cost, × ${hoursPerMonth} hours`;
  if (removedRatio < 0) return { low, likely: perMonth(rate.perDay), high, kind: 'cash', basis: `adds ${share}` };
  const { kind, why } = savingKind(input);
  return { low, likely: perMonth(rate.perDay), high, kind, basis: `${share}; ${why}` };
}

/**
 * A pod that goes saves cash only when its node goes too. Nodes are counted whole: the released GPUs must cover a
 * node's GPUs, of the smallest node the workload runs on.
 */
function savingKind(input: {
  readonly rate: CostRate;
  readonly releasedGpus: number;
  readonly cluster: string;
  readonly usage: UsageSeries | undefined;
  readonly nodes: readonly FleetNode[];
}): { readonly kind: Saving['kind']; readonly why: string } {
  if (input.rate.commitmentRatio > commitmentRatioMax) {
    const percent = (input.rate.commitmentRatio * 100).toFixed(0);
    return { kind: 'freed', why: `${percent} % of it is paid by a commitment, so the capacity is freed for others` };
  }
  const hosts = new Set(input.usage?.nodes);
  const gpusOfNodes = input.nodes
    .filter((node) => node.cluster === input.cluster && hosts.has(node.hostname))
    .map((node) => node.gpuCount);
  if (gpusOfNodes.length === 0) {
    return { kind: 'none-yet', why: 'its nodes are not known, so no node is sure to be released' };
  }
  const smallest = Math.min(...gpusOfNodes);
  if (input.releasedGpus >= smallest) {
    const released = Math.floor(input.releasedGpus / smallest);
    return {
      kind: 'cash',
      why: `${released} node${released === 1 ? '' : 's'} with ${smallest} GPU${smallest === 1 ? '' : 's'} can be released`,
    };
  }
  return {
    kind: 'none-yet',
    why: `it gives back ${input.releasedGpus} of a node's ${smallest} GPUs, so no node is released by this change alone`,
  };
}

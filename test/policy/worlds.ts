import {
  addMoney,
  dayMs,
  epochMs,
  moneyFromDecimal,
  usd,
  type CostDay,
  type CostSeries,
  type CurrencyCode,
  type EpochMs,
  type Workload,
  type WorkloadId,
} from '../../src/domain/index.ts';
import { asOf } from '../builders.ts';

/** Effective cost of the days before `end`, the last one last; undefined is a day without cost. */
export function aCostSeries(
  workload: WorkloadId,
  amounts: readonly (number | string | undefined)[],
  options: { readonly end?: EpochMs; readonly currency?: CurrencyCode } = {},
): CostSeries {
  const { end = asOf, currency = usd } = options;
  const zero = moneyFromDecimal('0', currency);
  const days = amounts.flatMap((amount, index): readonly CostDay[] => {
    if (amount === undefined) return [];
    const effective = addMoney(zero, moneyFromDecimal(String(amount), currency));
    const day = epochMs(end - (amounts.length - index) * dayMs);
    return [{ day, effective, billed: effective, list: effective, commitmentCovered: zero, gpuHours: 24 }];
  });
  return { workload, days };
}

export function costOf(
  workload: Workload,
  amounts: readonly (number | string | undefined)[],
): Map<WorkloadId, CostSeries> {
  return new Map([[workload.id, aCostSeries(workload.id, amounts)]]);
}

export function flat(amount: number | string, count: number): readonly (number | string)[] {
  return Array.from({ length: count }, () => amount);
}

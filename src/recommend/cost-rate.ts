import {
  addMoney,
  compareMoney,
  dayMs,
  epochMs,
  moneyToNumber,
  scaleMoney,
  type CostSeries,
  type EpochMs,
  type Money,
  type WorkloadId,
} from '../domain/index.ts';

/** What a workload costs now, from the effective cost of its last days. */
export interface CostRate {
  /** Mean of the last seven billed days, per day. */
  readonly perDay: Money;
  /** Cheapest and dearest of those days. */
  readonly perDayLow: Money;
  readonly perDayHigh: Money;
  readonly days: number;
  /** Share of the effective cost that commitments (Savings Plans, reservations) paid, 0..1. */
  readonly commitmentRatio: number;
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
}

const rateDays = 7;

/**
 * The last day that the whole bill reaches: exports lag, and a day that is not there yet is not a free one. Undefined
 * without any cost before `asOf`.
 */
export function billedThrough(cost: ReadonlyMap<WorkloadId, CostSeries>, asOf: EpochMs): EpochMs | undefined {
  let last: EpochMs | undefined;
  for (const series of cost.values()) {
    const day = series.days.findLast((candidate) => candidate.day < asOf)?.day;
    if (day !== undefined && (last === undefined || day > last)) last = day;
  }
  return last === undefined || last < asOf - rateDays * dayMs ? undefined : last;
}

/**
 * Undefined when no cost was attributed to the workload in the last seven billed days: unknown is not free. A day without
 * cost after the first one is a day on which it did not run.
 */
export function costRate(cost: CostSeries | undefined, through: EpochMs | undefined): CostRate | undefined {
  if (cost === undefined || through === undefined) return undefined;
  const windowEnd = epochMs(through + dayMs);
  const earliest = cost.days[0]?.day ?? windowEnd;
  const windowStart = epochMs(Math.max(windowEnd - rateDays * dayMs, earliest));
  const days = cost.days.filter((day) => day.day >= windowStart && day.day < windowEnd);
  const first = days[0];
  if (first === undefined) return undefined;
  const span = Math.round((windowEnd - windowStart) / dayMs);
  const total = days.slice(1).reduce((sum, day) => addMoney(sum, day.effective), first.effective);
  const covered = days.slice(1).reduce((sum, day) => addMoney(sum, day.commitmentCovered), first.commitmentCovered);
  const sorted = days.map((day) => day.effective).toSorted(compareMoney);
  return {
    perDay: scaleMoney(total, 1 / span),
    perDayLow: sorted.at(0) ?? total,
    perDayHigh: sorted.at(-1) ?? total,
    days: span,
    commitmentRatio: total.micros > 0n ? moneyToNumber(covered) / moneyToNumber(total) : 0,
    windowStart,
    windowEnd,
  };
}

import {
  addMoney,
  compareMoney,
  dayMs,
  moneyToNumber,
  scaleMoney,
  type CostDay,
  type CostSeries,
  type EpochMs,
  type Money,
} from '../domain/index.ts';

/** What a workload costs now, from the effective cost of its last days. */
export interface CostRate {
  /** Mean of the last seven days before the scan, per day. */
  readonly perDay: Money;
  /** Cheapest and dearest of those days. */
  readonly perDayLow: Money;
  readonly perDayHigh: Money;
  readonly days: number;
  /** GPU-hours a day over the same days. */
  readonly gpuHoursPerDay: number;
  /** Share of the effective cost that commitments (Savings Plans, reservations) paid, 0..1. */
  readonly commitmentRatio: number;
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
}

const rateDays = 7;

/** Undefined when no cost was attributed to the workload in the last seven days: unknown is not free. */
export function costRate(cost: CostSeries | undefined, asOf: EpochMs): CostRate | undefined {
  const windowStart = (asOf - rateDays * dayMs) as EpochMs;
  const days = cost?.days.filter((day) => day.day >= windowStart && day.day < asOf) ?? [];
  const first = days[0];
  if (first === undefined) return undefined;
  const total = days.slice(1).reduce((sum, day) => addMoney(sum, day.effective), first.effective);
  const covered = days.slice(1).reduce((sum, day) => addMoney(sum, day.commitmentCovered), first.commitmentCovered);
  const sorted = days.map((day) => day.effective).toSorted(compareMoney);
  const gpuHours = days.reduce((sum, day: CostDay) => sum + day.gpuHours, 0);
  return {
    perDay: scaleMoney(total, 1 / rateDays),
    perDayLow: sorted.at(0) ?? total,
    perDayHigh: sorted.at(-1) ?? total,
    days: days.length,
    gpuHoursPerDay: gpuHours / rateDays,
    commitmentRatio: total.micros > 0n ? moneyToNumber(covered) / moneyToNumber(total) : 0,
    windowStart,
    windowEnd: asOf,
  };
}

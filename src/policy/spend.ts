import {
  addMoney,
  compareMoney,
  dayMs,
  epochMs,
  hoursPerMonth,
  money,
  scaleMoney,
  type CostDay,
  type CostSeries,
  type EpochMs,
  type Money,
} from '../domain/index.ts';

const daysPerMonth = hoursPerMonth / 24;
const meanDays = 7;
const monthDays = 30;

/** What a workload costs, as policies judge it; effective cost. */
export interface Spend {
  /** Mean of the last seven billed days, or of those since its first cost. */
  readonly daily: Money;
  /** Days that the mean is over. */
  readonly dailyDays: number;
  /** The dearest of those days. */
  readonly dearestDay: Money;
  /** Sum of the last 30 billed days, scaled to 730 hours when fewer are known. */
  readonly monthly: Money;
  /** Days that were summed; below 30 the sum is scaled. */
  readonly monthlyDays: number;
  /** The mean day × 730 / 24. */
  readonly monthlyForecast: Money;
  /** Midnight after the last day that counts. */
  readonly through: EpochMs;
}

/**
 * Midnight after the last complete day that the bill reaches. Exports lag by a day or two; counting the missing days
 * as free would make everything look cheap. Undefined when nothing was billed in the seven days before.
 */
export function billedThrough(cost: ReadonlyMap<string, CostSeries>, asOf: EpochMs): EpochMs | undefined {
  const midnight = Math.floor(asOf / dayMs) * dayMs;
  let last: number | undefined;
  for (const { days } of cost.values()) {
    for (const { day } of days) if (day + dayMs <= midnight && (last === undefined || day > last)) last = day;
  }
  return last === undefined || last < midnight - meanDays * dayMs ? undefined : epochMs(last + dayMs);
}

/** Undefined when nothing was billed for the workload in the last seven billed days: unknown is not free. */
export function spendOf(series: CostSeries, through: EpochMs): Spend | undefined {
  const recent = lastDays(series.days, through, meanDays);
  const month = lastDays(series.days, through, monthDays);
  const [first] = recent;
  const [firstOfMonth] = month;
  const firstEver = series.days[0];
  if (first === undefined || firstOfMonth === undefined || firstEver === undefined) return undefined;
  // From its first cost on, a day without cost is a day on which it did not run.
  const knownDays = Math.ceil((through - firstEver.day) / dayMs);
  const dailyDays = Math.min(meanDays, knownDays);
  const monthlyDays = Math.min(monthDays, knownDays);
  const daily = scaleMoney(total(recent, first), 1 / dailyDays);
  const monthSum = total(month, firstOfMonth);
  return {
    daily,
    dailyDays,
    dearestDay: recent.map((day) => day.effective).reduce((most, next) => (compareMoney(next, most) > 0 ? next : most)),
    monthly: monthlyDays === monthDays ? monthSum : scaleMoney(monthSum, daysPerMonth / monthlyDays),
    monthlyDays,
    monthlyForecast: scaleMoney(daily, daysPerMonth),
    through,
  };
}

function lastDays(days: readonly CostDay[], through: EpochMs, count: number): readonly CostDay[] {
  return days.filter(({ day }) => day >= through - count * dayMs && day < through);
}

function total(days: readonly CostDay[], { effective }: CostDay): Money {
  return days.reduce((sum, day) => addMoney(sum, day.effective), money(0n, effective.currency));
}

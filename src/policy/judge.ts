import {
  compareMoney,
  formatMoney,
  formatUtcDate,
  money,
  usd,
  epochMs,
  dayMs,
  type CostPolicy,
  type Money,
  type PolicyVerdict,
  type WorkloadId,
} from '../domain/index.ts';
import type { Spend } from './spend.ts';
import { formatPair, thresholdMoney } from './threshold-money.ts';

/** One policy's word on one workload; every amount is in USD. */
export interface CostJudgement {
  readonly workload: WorkloadId;
  readonly policy: CostPolicy;
  readonly verdict: PolicyVerdict;
  readonly dailyUsd: Money;
  readonly monthlyUsd: Money;
  readonly forecastMonthlyUsd: Money;
  /** How far the threshold is exceeded; undefined when it is not, or when there is none. */
  readonly overDailyUsd: Money | undefined;
  readonly overMonthlyUsd: Money | undefined;
  readonly overForecastUsd: Money | undefined;
}

interface Comparison {
  readonly over: Money | undefined;
  readonly sentence: string;
}

/** Compares what a workload costs with a policy's thresholds; exactly at a threshold is within it. */
export function judge(workload: WorkloadId, policy: CostPolicy, spend: Spend): CostJudgement {
  const daily = compare(spend.daily, policy.dailyUsd, (amount, limit, word) => {
    const dearest = formatMoney(spend.dearestDay);
    return `${amount} a day (mean of ${countDays(spend.dailyDays)} to ${lastDay(spend)}, dearest ${dearest}) is ${word} the threshold of ${limit}`;
  });
  const monthly = compare(spend.monthly, policy.monthlyUsd, (amount, limit, word) => {
    const basis = spend.monthlyDays < 30 ? `a month (scaled from ${countDays(spend.monthlyDays)})` : 'in 30 days';
    return `${amount} ${basis} is ${word} the monthly threshold of ${limit}`;
  });
  const forecast = compareForecast(policy, spend);
  const comparisons = [daily, monthly, forecast].filter((comparison) => comparison !== undefined);
  const exceeded = comparisons.filter(({ over }) => over !== undefined);
  const told = exceeded.length > 0 ? exceeded : comparisons;
  return {
    workload,
    policy,
    verdict: {
      policy: policy.name,
      place: policy.place,
      outcome: exceeded.length > 0 ? 'exceeded' : 'within',
      summary: told.map(({ sentence }) => sentence).join('; '),
    },
    dailyUsd: spend.daily,
    monthlyUsd: spend.monthly,
    forecastMonthlyUsd: spend.monthlyForecast,
    overDailyUsd: daily?.over,
    overMonthlyUsd: monthly?.over,
    overForecastUsd: forecast?.over,
  };
}

/** Tomorrow is expected to cost the mean day, so a daily forecast says what the daily judgement says already. */
function compareForecast(policy: CostPolicy, spend: Spend): Comparison | undefined {
  if (policy.forecast !== 'monthly') return undefined;
  return compare(
    spend.monthlyForecast,
    policy.monthlyUsd,
    (amount, limit, word) =>
      `${amount} forecast for a month (mean of ${countDays(spend.dailyDays)} × 730 h) is ${word} the monthly threshold of ${limit}`,
  );
}

function compare(
  amount: Money,
  thresholdUsd: number | undefined,
  say: (amount: string, limit: string, word: 'above' | 'within') => string,
): Comparison | undefined {
  if (thresholdUsd === undefined) return undefined;
  const limit = thresholdMoney(thresholdUsd);
  const isOver = compareMoney(amount, limit) > 0;
  const [amountText, limitText] = formatPair(amount, limit);
  return {
    over: isOver ? money(amount.micros - limit.micros, usd) : undefined,
    sentence: say(amountText, limitText, isOver ? 'above' : 'within'),
  };
}

function countDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

function lastDay({ through }: Spend): string {
  return formatUtcDate(epochMs(through - dayMs));
}

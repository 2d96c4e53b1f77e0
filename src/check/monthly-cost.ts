import { addMoney, compareMoney, money, negateMoney, type CurrencyCode, type Money } from '../domain/index.ts';
import type { CostEstimate, MonthlyCost } from './change-check.ts';

/** The cost of what does not run. */
export function noCost(currency: CurrencyCode): MonthlyCost {
  const none = money(0n, currency);
  return { low: none, likely: none, high: none };
}

/**
 * What a change adds, as a triple in ascending order: both sides at their lower bounds, as they likely are, both at their
 * upper bounds. The other way round it is the same with the signs turned.
 */
export function deltaOf(before: CostEstimate, after: CostEstimate): MonthlyCost | undefined {
  if (before.kind === 'unknown' || after.kind === 'unknown') return undefined;
  const less = (name: keyof MonthlyCost): Money => addMoney(after.monthly[name], negateMoney(before.monthly[name]));
  const likely = less('likely');
  const [low = likely, , high = likely] = [less('low'), likely, less('high')].toSorted(compareMoney);
  return { low, likely, high };
}

export function addMonthly(left: MonthlyCost, right: MonthlyCost): MonthlyCost {
  return {
    low: addMoney(left.low, right.low),
    likely: addMoney(left.likely, right.likely),
    high: addMoney(left.high, right.high),
  };
}

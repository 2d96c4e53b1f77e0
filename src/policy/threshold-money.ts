import { formatMoney, moneyFromDecimal, moneyToDecimal, usd, type Money } from '../domain/index.ts';

/** A threshold as written in a policy, as an exact amount. */
export function thresholdMoney(amountUsd: number): Money {
  return moneyFromDecimal(String(amountUsd), usd);
}

/**
 * A pair of amounts for one sentence. Amounts that differ never look the same: `$500.30 … $500.00`, not `$500 … $500`.
 */
export function formatPair(left: Money, right: Money): readonly [string, string] {
  const short: readonly [string, string] = [formatMoney(left), formatMoney(right)];
  if (left.micros === right.micros || short[0] !== short[1]) return short;
  const exact = [moneyToDecimal(left), moneyToDecimal(right)] as const;
  const cents = [exact[0].slice(0, -4), exact[1].slice(0, -4)] as const;
  const [first, second] = cents[0] === cents[1] ? exact : cents;
  return [`$${first}`, `$${second}`];
}

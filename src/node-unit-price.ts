import { moneyToNumber } from './domain/index.ts';
import type { Attribution } from './ledger/index.ts';
import type { RecommendInput } from './recommend/index.ts';

/** A price on the bill as recommendations take it. */
export function nodeUnitPrice(price: Attribution['unitPrices'][number]): RecommendInput['unitPrices'][number] {
  const { cluster, instanceType, regionId, hours, effectivePerHour } = price;
  return { cluster, instanceType, regionId, hours, usdPerHour: moneyToNumber(effectivePerHour) };
}

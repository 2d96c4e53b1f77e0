import type { PriceKind, PricesByType } from '../../catalogue/index.ts';

/** One public price. */
export interface PriceRow {
  readonly instanceType: string;
  readonly region: string;
  readonly kind: PriceKind;
  readonly usdPerHour: number;
}

/** The rows as a price file has them, sorted; of two for one place the later row counts. Prices have six decimals. */
export function toPrices(rows: readonly PriceRow[]): PricesByType {
  const types: Record<string, Record<string, Partial<Record<PriceKind, number>>>> = {};
  for (const { instanceType, region, kind, usdPerHour } of rows.toSorted(compareRows)) {
    const regions = (types[instanceType] ??= {});
    (regions[region] ??= {})[kind] = Math.round(usdPerHour * 1e6) / 1e6;
  }
  return types;
}

function compareRows(left: PriceRow, right: PriceRow): number {
  const [one, other] = [left, right].map(({ instanceType, region, kind }) => `${instanceType} ${region} ${kind}`);
  if (one === other) return 0;
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

/** Hours of a year and of a month, as the providers count them when they turn terms into hours. */
export const hoursPerYear = 8_760;
export const hoursPerMonth = 730;

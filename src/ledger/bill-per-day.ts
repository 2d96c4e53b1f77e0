import { epochMs, money, type CurrencyCode, type EpochMs, type Money } from '../domain/index.ts';
import { windowBindings } from './attribution/gpu-slots.ts';
import { toMicros } from './attribution/round-to-micros.ts';
import type { Ledger } from './ledger.ts';
import { readRows } from './rows.ts';

/** The whole bill's effective cost by the UTC day in which a charge begins; days without charges are absent. */
export async function billPerDay(
  ledger: Ledger,
  of: { readonly windowStart: EpochMs; readonly windowEnd: EpochMs; readonly currency: CurrencyCode },
): Promise<ReadonlyMap<EpochMs, Money>> {
  const rows = await readRows(
    ledger.connection,
    `SELECT epoch_ms(date_trunc('day', "ChargePeriodStart")) AS day,
       sum(CAST("EffectiveCost" * 10000000000 AS HUGEINT)) AS units
     FROM billing_row
     WHERE "BillingCurrency" = $currency
       AND "ChargePeriodStart" >= $window_start AND "ChargePeriodStart" < $window_end
     GROUP BY 1 ORDER BY 1`,
    { currency: of.currency, ...windowBindings(of.windowStart, of.windowEnd) },
  );
  return new Map(rows.map((row) => [epochMs(row.number('day')), money(toMicros(row.bigint('units')), of.currency)]));
}

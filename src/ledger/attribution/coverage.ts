import type { DuckDBConnection } from '@duckdb/node-api';
import {
  currencyCode,
  epochMs,
  money,
  type CostDay,
  type CostSeries,
  type Coverage,
  type CurrencyCode,
  type Money,
  type Workload,
  type WorkloadId,
} from '../../domain/index.ts';
import { readRow, readRows } from '../rows.ts';
import { unitsPerCurrencyUnit } from './charges.ts';
import type { CostCell } from './cost-cells.ts';
import type { WindowBindings } from './gpu-slots.ts';
import { roundToMicros, toMicros } from './round-to-micros.ts';
import { idleTarget, unattributedTarget } from './temporary-tables.ts';

export interface CostShares {
  readonly cost: ReadonlyMap<WorkloadId, CostSeries>;
  readonly effectiveTotal: Money;
  readonly effectiveToWorkloads: Money;
  readonly effectiveIdle: Money;
  readonly effectiveUnattributed: Money;
}

/** Rounds the cells to micros so that the series, idle and unattributed still add up to the bill. */
export function costShares(
  cells: readonly CostCell[],
  workloads: readonly Workload[],
  currency: CurrencyCode,
): CostShares {
  const round = (amount: 'billed' | 'effective' | 'list' | 'covered'): readonly Money[] =>
    roundToMicros(cells.map((cell) => cell[amount])).map((micros) => money(micros, currency));
  const rounded = {
    billed: round('billed'),
    effective: round('effective'),
    list: round('list'),
    covered: round('covered'),
  };
  const none = money(0n, currency);
  const days = new Map<number, CostDay[]>();
  const effective = { workloads: 0n, idle: 0n, unattributed: 0n };
  for (const [index, cell] of cells.entries()) {
    const day: CostDay = {
      day: epochMs(cell.dayMs),
      billed: rounded.billed[index] ?? none,
      effective: rounded.effective[index] ?? none,
      list: rounded.list[index] ?? none,
      commitmentCovered: rounded.covered[index] ?? none,
      gpuHours: cell.gpuHours,
    };
    if (cell.target === idleTarget) effective.idle += day.effective.micros;
    else if (cell.target === unattributedTarget) effective.unattributed += day.effective.micros;
    else {
      effective.workloads += day.effective.micros;
      days.set(cell.target, [...(days.get(cell.target) ?? []), day]);
    }
  }
  const total = toMicros(cells.reduce((sum, cell) => sum + cell.effective, 0n));
  if (effective.workloads + effective.idle + effective.unattributed !== total) {
    throw new Error(
      `rounding lost money: the parts are ${JSON.stringify(Object.values(effective).map(String))}, the bill ${total} micros`,
    );
  }
  const cost = new Map<WorkloadId, CostSeries>();
  for (const [index, workload] of workloads.entries()) {
    const own = days.get(index);
    if (own !== undefined) cost.set(workload.id, { workload: workload.id, days: own });
  }
  return {
    cost,
    effectiveTotal: money(total, currency),
    effectiveToWorkloads: money(effective.workloads, currency),
    effectiveIdle: money(effective.idle, currency),
    effectiveUnattributed: money(effective.unattributed, currency),
  };
}

/** GPU-hours of the window: each GPU seen in an hour counts one, divided between its holders. */
export async function gpuHourShares(
  connection: DuckDBConnection,
  window: WindowBindings,
): Promise<Pick<Coverage, 'gpuHoursTotal' | 'gpuHoursToWorkloads' | 'gpuHoursIdle' | 'gpuHoursUnattributed'>> {
  const row = await readRow(
    connection,
    `SELECT count(DISTINCT (cluster, hostname, gpu, hour)) AS total,
       CAST(coalesce(sum(gpu_hours) FILTER (target >= 0), 0) AS DOUBLE) AS workloads,
       CAST(coalesce(sum(gpu_hours) FILTER (target = ${idleTarget}), 0) AS DOUBLE) AS idle
     FROM attr_slot WHERE hour >= $window_start AND hour < $window_end`,
    window,
  );
  const inMillionths = (hours: number): number => Math.round(hours * 1e6);
  const total = inMillionths(row.number('total'));
  const workloads = Math.min(inMillionths(row.number('workloads')), total);
  const idle = Math.min(inMillionths(row.number('idle')), total - workloads);
  return {
    gpuHoursTotal: total / 1e6,
    gpuHoursToWorkloads: workloads / 1e6,
    gpuHoursIdle: idle / 1e6,
    gpuHoursUnattributed: (total - workloads - idle) / 1e6,
  };
}

/** The window's effective cost in each other currency; a currency's rows are never added to another's. */
export async function otherCurrencies(
  connection: DuckDBConnection,
  currency: CurrencyCode,
  window: WindowBindings,
): Promise<readonly Money[]> {
  const rows = await readRows(
    connection,
    `SELECT "BillingCurrency" AS currency, sum(CAST("EffectiveCost" * ${unitsPerCurrencyUnit} AS HUGEINT)) AS units
     FROM billing_row WHERE "BillingCurrency" <> $currency
       AND "ChargePeriodStart" >= $window_start AND "ChargePeriodStart" < $window_end
     GROUP BY 1 ORDER BY 1`,
    { currency, ...window },
  );
  return rows.map((row) => money(toMicros(row.bigint('units')), currencyCode(row.text('currency'))));
}

import type { DuckDBConnection } from '@duckdb/node-api';
import type { CurrencyCode } from '../../domain/index.ts';
import { readRow, streamRows, type Bindings } from '../rows.ts';
import { unitsPerCurrencyUnit } from './charges.ts';
import type { WindowBindings } from './gpu-slots.ts';
import { idleTarget, unattributedTarget } from './temporary-tables.ts';

const amounts = ['billed', 'effective', 'list', 'covered'] as const;
type AmountName = (typeof amounts)[number];

/** What one target paid on one day; amounts are whole units of 10⁻¹⁰ of the currency. */
export type CostCell = Readonly<Record<AmountName, bigint>> & {
  readonly target: number;
  readonly dayMs: number;
  readonly gpuHours: number;
};

/** A tagged charge over more days than this is put on its first one. */
const spreadDaysMax = 400;

/** `amount`'s part between two points of a whole; parts that follow on each other add up to the amount exactly. */
function part(amount: string, bounds: { readonly from: string; readonly to: string; readonly of: string }): string {
  return `((${amount} * (${bounds.to})) // (${bounds.of}) - (${amount} * (${bounds.from})) // (${bounds.of}))`;
}

function parts(bounds: { readonly from: string; readonly to: string; readonly of: string }): string {
  return amounts.map((amount) => `${part(amount, bounds)} AS ${amount}`).join(', ');
}

const sums = amounts.map((amount) => `sum(${amount}) AS ${amount}`).join(', ');

/** Fills `attr_share`: of each node and hour the GPUs, and of each GPU the targets with their running weights. */
export async function findShares(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE attr_share AS
    WITH by_target AS (
      SELECT node, hour, gpu, target, CAST(sum(weight) AS HUGEINT) AS weight, sum(gpu_hours) AS gpu_hours
      FROM attr_slot JOIN attr_node USING (cluster, hostname) GROUP BY ALL),
    running AS (
      SELECT *, dense_rank() OVER (PARTITION BY node, hour ORDER BY gpu) AS gpu_index,
        CAST(sum(weight) OVER (PARTITION BY node, hour, gpu ORDER BY target) AS HUGEINT) AS weight_to,
        CAST(sum(weight) OVER (PARTITION BY node, hour, gpu) AS HUGEINT) AS weight_total
      FROM by_target)
    SELECT *, max(gpu_index) OVER (PARTITION BY node, hour) AS gpu_count FROM running`);
}

/**
 * Splits the charges. A node's charge is divided over those hours of its period in which its GPUs were seen, then over
 * the GPUs, then by weight; with none seen it is idle. A tagged charge is divided over its days by time.
 */
const cellsSql = `
  CREATE OR REPLACE TEMP TABLE attr_cell AS
  WITH node_charge AS (
    SELECT node, period_start, period_end, ${sums} FROM attr_charge WHERE node IS NOT NULL
    GROUP BY node, period_start, period_end),
  node_period_hour AS (
    SELECT *, unnest(generate_series(date_trunc('hour', period_start),
      greatest(period_end, period_start + to_seconds(1)) - to_microseconds(1), to_hours(1))) AS hour
    FROM node_charge),
  seen_hour AS (
    SELECT *, row_number() OVER (PARTITION BY node, period_start, period_end ORDER BY hour) AS hour_index,
      count(*) OVER (PARTITION BY node, period_start, period_end) AS hour_count
    FROM node_period_hour SEMI JOIN attr_share USING (node, hour)),
  node_hour_part AS (
    SELECT node, hour, date_trunc('day', period_start) AS charge_day,
      ${parts({ from: 'hour_index - 1', to: 'hour_index', of: 'hour_count' })} FROM seen_hour),
  node_hour AS (
    SELECT node, hour, charge_day, ${sums}, charge_day = min(charge_day) OVER (PARTITION BY node, hour) AS has_gpu_hours
    FROM node_hour_part GROUP BY node, hour, charge_day),
  gpu_part AS (
    SELECT target, hour, charge_day, weight, weight_to, weight_total,
      CASE WHEN has_gpu_hours THEN gpu_hours ELSE 0 END AS gpu_hours,
      ${parts({ from: 'gpu_index - 1', to: 'gpu_index', of: 'gpu_count' })}
    FROM node_hour JOIN attr_share USING (node, hour)),
  node_cell AS (
    SELECT target, charge_day, date_trunc('day', hour) AS day, gpu_hours,
      ${parts({ from: 'weight_to - weight', to: 'weight_to', of: 'weight_total' })}
    FROM gpu_part),
  unseen AS (
    SELECT ${idleTarget} AS target, date_trunc('day', period_start) AS charge_day, date_trunc('day', period_start) AS day,
      0 AS gpu_hours, ${amounts.join(', ')}
    FROM node_charge ANTI JOIN seen_hour USING (node, period_start, period_end)),
  direct AS (
    SELECT coalesce(special_target, tag_target, ${unattributedTarget}) AS target, period_start,
      CASE WHEN period_end > period_start AND period_end <= period_start + to_days(${spreadDaysMax}) THEN period_end
        ELSE period_start + to_seconds(1) END AS period_end, ${sums}
    FROM attr_charge LEFT JOIN attr_tag USING (tag_cluster, tag_namespace, tag_workload, tag_kind)
    WHERE node IS NULL GROUP BY ALL),
  direct_day AS (
    SELECT *, unnest(generate_series(date_trunc('day', period_start), period_end - to_microseconds(1), to_days(1))) AS day
    FROM direct),
  direct_time AS (
    SELECT *, CAST(greatest(epoch_ms(day) - epoch_ms(period_start), 0) AS HUGEINT) AS time_from,
      CAST(least(epoch_ms(day + to_days(1)), epoch_ms(period_end)) - epoch_ms(period_start) AS HUGEINT) AS time_to,
      CAST(epoch_ms(period_end) - epoch_ms(period_start) AS HUGEINT) AS time_total
    FROM direct_day),
  direct_cell AS (
    SELECT target, date_trunc('day', period_start) AS charge_day, day, 0 AS gpu_hours,
      ${parts({ from: 'time_from', to: 'time_to', of: 'time_total' })} FROM direct_time),
  cell AS (
    SELECT target, charge_day, day, gpu_hours, ${amounts.join(', ')} FROM node_cell
    UNION ALL BY NAME SELECT * FROM unseen
    UNION ALL BY NAME SELECT * FROM direct_cell)
  SELECT target, charge_day, day, sum(gpu_hours) AS gpu_hours, ${sums} FROM cell GROUP BY target, charge_day, day`;

/** Fills `attr_cell`, and returns the cells ascending by target and day, proven to add up to the bill. @throws Error when they do not. */
export async function readCostCells(
  connection: DuckDBConnection,
  currency: CurrencyCode,
  window: WindowBindings,
): Promise<readonly CostCell[]> {
  await connection.run(cellsSql);
  const cells: CostCell[] = [];
  const byDaySql = `SELECT target, epoch_ms(day) AS day_ms, CAST(sum(gpu_hours) AS DOUBLE) AS gpu_hours, ${sums}
    FROM attr_cell GROUP BY target, day ORDER BY target, day`;
  for await (const row of streamRows(connection, byDaySql)) {
    cells.push({
      target: row.number('target'),
      dayMs: row.number('day_ms'),
      gpuHours: row.number('gpu_hours'),
      billed: row.bigint('billed'),
      effective: row.bigint('effective'),
      list: row.bigint('list'),
      covered: row.bigint('covered'),
    });
  }
  await assertSumsToBill(connection, cells, { currency, ...window });
  return cells;
}

/** Asked of `billing_row` itself, so that a row lost or doubled on the way to the cells is noticed. */
async function assertSumsToBill(
  connection: DuckDBConnection,
  cells: readonly CostCell[],
  bindings: Bindings,
): Promise<void> {
  const total = (cost: string): string =>
    `coalesce(sum(CAST(${cost} * ${unitsPerCurrencyUnit} AS HUGEINT)), 0::HUGEINT)`;
  const bill = await readRow(
    connection,
    `SELECT ${total('"BilledCost"')} AS billed, ${total('"EffectiveCost"')} AS effective, ${total('"ListCost"')} AS list,
       ${total(`CASE WHEN "CommitmentDiscountStatus" = 'Used' THEN "EffectiveCost" ELSE 0 END`)} AS covered
     FROM billing_row WHERE "BillingCurrency" = $currency
       AND "ChargePeriodStart" >= $window_start AND "ChargePeriodStart" < $window_end`,
    bindings,
  );
  for (const amount of amounts) {
    const attributed = cells.reduce((sum, cell) => sum + cell[amount], 0n);
    if (attributed !== bill.bigint(amount)) {
      throw new Error(
        `attribution lost money: ${amount} sums to ${attributed} but the bill to ${bill.bigint(amount)}, in units of 10⁻¹⁰`,
      );
    }
  }
}

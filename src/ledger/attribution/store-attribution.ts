import type { DuckDBConnection } from '@duckdb/node-api';
import { formatUtcDate, epochMs, type CurrencyCode, type EpochMs, type Workload } from '../../domain/index.ts';
import { readRetentionCuts } from '../retention.ts';
import { readRows, type Bindings } from '../rows.ts';
import { inTransaction } from '../transaction.ts';
import { windowBindings, type WindowBindings } from './gpu-slots.ts';
import { idleTarget, unattributedTarget } from './temporary-tables.ts';

/** What was attributed, and to which repository's workloads. */
export interface StoredScope {
  readonly repository: string;
  readonly workloads: readonly Workload[];
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
  readonly currency: CurrencyCode;
}

/**
 * Replaces what `workload_hour` and `attributed_share` hold of the repository and the window by the attribution in the
 * temporary tables, in one transaction. Times that `flyball ledger compact` cut off are left as they are: what they came
 * of is gone. @throws Error when the stored shares of a day do not add up to its bill; nothing is stored then.
 */
export async function storeAttribution(connection: DuckDBConnection, scope: StoredScope): Promise<void> {
  const cuts = await readRetentionCuts(connection);
  const from = (...limits: readonly EpochMs[]): WindowBindings =>
    windowBindings(epochMs(Math.max(scope.windowStart, ...limits)), scope.windowEnd);
  await nameWorkloads(connection, scope.workloads);
  await inTransaction(connection, async () => {
    await storeHours(connection, scope.repository, from(cuts.hourly));
    await storeShares(connection, scope, from(cuts.hourly, cuts.daily, cuts.billing));
  });
}

/** Fills `attr_workload`: what the numbers of the temporary tables stand for. */
async function nameWorkloads(connection: DuckDBConnection, workloads: readonly Workload[]): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE attr_workload
     (workload INTEGER, cluster VARCHAR, namespace VARCHAR, kind VARCHAR, name VARCHAR)`,
  );
  const appender = await connection.createAppender('attr_workload');
  for (const [index, { cluster, namespace, kind, name }] of workloads.entries()) {
    appender.appendInteger(index);
    for (const text of [cluster, namespace, kind, name]) appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
}

/** Of a ratio that a sampling error takes above 1; what is not known stays NULL. */
const ratio = (column: string, of = 1): string => `least(${column} / ${of}, 1)`;
const gibibytes = (column: string): string => `${column} / 1024`;

/** GPU-hours are those held, which a shared or handed-over GPU divides; energy is the mean power of a GPU times these. */
const hoursSql = `
  INSERT INTO workload_hour BY NAME
  WITH held AS (
    SELECT target AS workload, hour, CAST(sum(gpu_hours) AS DOUBLE) AS gpu_hours FROM attr_slot
    WHERE target >= 0 GROUP BY target, hour)
  SELECT $repository AS repository, cluster, namespace, kind, name, hour, gpus, shared_gpus, gpu_hours,
    ${ratio('gpu_util', 100)} AS gpu_util_ratio, ${ratio('gr_engine_active')} AS gr_engine_active_ratio,
    ${ratio('sm_active')} AS sm_active_ratio, ${ratio('busiest')} AS busiest_gpu_ratio,
    ${ratio('tensor_active')} AS tensor_active_ratio, ${ratio('dram_active')} AS dram_active_ratio,
    ${gibibytes('fb_used_max')} AS framebuffer_used_gib_max, ${gibibytes('fb_total')} AS framebuffer_total_gib,
    power AS power_watts, power * gpu_hours / 1000 AS energy_kwh, xid_gpus, queue AS queue_length,
    requests AS requests_per_second
  FROM attr_use JOIN attr_workload USING (workload) LEFT JOIN held USING (workload, hour)
  WHERE hour >= $window_start AND hour < $window_end`;

async function storeHours(connection: DuckDBConnection, repository: string, window: WindowBindings): Promise<void> {
  const bindings = { repository, ...window };
  await connection.run(
    'DELETE FROM workload_hour WHERE repository = $repository AND hour >= $window_start AND hour < $window_end',
    bindings,
  );
  await connection.run(hoursSql, bindings);
}

/** The part of each day that the window covers, where it is no smaller than what was stored of the day before. */
const daysSql = `
  CREATE OR REPLACE TEMP TABLE attr_day AS
  WITH seen AS (
    SELECT CAST(day AS DATE) AS day, greatest(day, $window_start) AS covered_from,
      least(day + to_days(1), $window_end) AS covered_to
    FROM (SELECT unnest(generate_series(date_trunc('day', $window_start), $window_end - to_microseconds(1), to_days(1))) AS day))
  SELECT seen.day, seen.covered_from, seen.covered_to
  FROM seen LEFT JOIN attributed_day AS held
    ON held.repository = $repository AND held.currency = $currency AND held.day = seen.day
  WHERE held.day IS NULL OR seen.covered_to - seen.covered_from >= held.covered_to - held.covered_from`;

/** Whole units of 10⁻¹⁰ as an exact decimal; a division would go through floating point. */
const decimal = (units: string): string => `CAST(${units} AS DECIMAL(28,0)) * CAST('0.0000000001' AS DECIMAL(10,10))`;

const sharesSql = `
  INSERT INTO attributed_share BY NAME
  WITH held AS (
    SELECT target, date_trunc('day', attr_slot.hour) AS day, CAST(sum(gpu_hours) AS DOUBLE) AS gpu_hours,
      sum(CAST(gpu_hours AS DOUBLE) * power / 1000) AS energy_kwh
    FROM attr_slot LEFT JOIN attr_use ON workload = target AND attr_use.hour = attr_slot.hour
    WHERE attr_slot.hour >= $window_start AND attr_slot.hour < $window_end GROUP BY ALL),
  share AS (
    SELECT target, charge_day, day, ${decimal('billed')} AS billed_cost, ${decimal('effective')} AS effective_cost,
      ${decimal('list')} AS list_cost
    FROM attr_cell
    UNION ALL BY NAME
    SELECT target, day AS charge_day, day, gpu_hours, energy_kwh FROM held)
  SELECT $repository AS repository, $currency AS currency, CAST(charge_day AS DATE) AS charge_day,
    CAST(day AS DATE) AS day,
    CASE target WHEN ${idleTarget} THEN 'idle' WHEN ${unattributedTarget} THEN 'unattributed' ELSE 'workload' END AS bucket,
    coalesce(cluster, '') AS cluster, coalesce(namespace, '') AS namespace, coalesce(kind, '') AS kind,
    coalesce(name, '') AS name, billed_cost, effective_cost, list_cost, gpu_hours, energy_kwh
  FROM share LEFT JOIN attr_workload ON workload = target
  WHERE CAST(charge_day AS DATE) IN (SELECT day FROM attr_day)`;

/** Stores the shares of the charges that begin on the window's days, and the GPU-hours of those days. */
async function storeShares(
  connection: DuckDBConnection,
  { repository, currency }: StoredScope,
  window: WindowBindings,
): Promise<void> {
  const key = { repository, currency };
  await connection.run(daysSql, { ...key, ...window });
  for (const [table, column] of [
    ['attributed_share', 'charge_day'],
    ['attributed_day', 'day'],
  ] as const) {
    await connection.run(
      `DELETE FROM ${table} WHERE repository = $repository AND currency = $currency
       AND ${column} IN (SELECT day FROM attr_day)`,
      key,
    );
  }
  await connection.run(sharesSql, { ...key, ...window });
  await connection.run(
    `INSERT INTO attributed_day BY NAME
     SELECT $repository AS repository, $currency AS currency, day, covered_from, covered_to FROM attr_day`,
    key,
  );
  await assertDaysSumToBill(connection, key);
}

/** Asked of the stored rows and of `billing_row` itself, to the last digit. */
async function assertDaysSumToBill(connection: DuckDBConnection, key: Bindings): Promise<void> {
  const sums = (billed: string, effective: string, list: string): string =>
    `sum(${billed}) AS billed, sum(${effective}) AS effective, sum(${list}) AS list`;
  const differs = (['billed', 'effective', 'list'] as const)
    .map((amount) => `coalesce(stored.${amount}, 0) <> coalesce(bill.${amount}, 0)`)
    .join(' OR ');
  const rows = await readRows(
    connection,
    `WITH stored AS (
       SELECT charge_day AS day, ${sums('billed_cost', 'effective_cost', 'list_cost')} FROM attributed_share
       WHERE repository = $repository AND currency = $currency AND charge_day IN (SELECT day FROM attr_day)
       GROUP BY charge_day),
     bill AS (
       SELECT day, ${sums('"BilledCost"', '"EffectiveCost"', '"ListCost"')}
       FROM billing_row JOIN attr_day ON day = CAST("ChargePeriodStart" AS DATE)
       WHERE "BillingCurrency" = $currency AND "ChargePeriodStart" >= covered_from AND "ChargePeriodStart" < covered_to
       GROUP BY day)
     SELECT epoch_ms(CAST(day AS TIMESTAMP)) AS day_ms FROM stored FULL JOIN bill USING (day) WHERE ${differs} ORDER BY day`,
    key,
  );
  if (rows.length === 0) return;
  const days = rows.slice(0, 10).map((row) => formatUtcDate(epochMs(row.number('day_ms'))));
  throw new Error(`attribution lost money: the stored shares of ${days.join(', ')} do not add up to the bill`);
}

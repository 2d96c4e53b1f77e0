import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * The ledger's tables, one entry a version; an entry is never edited once released, only followed by another.
 *
 * `billing_row` keeps FOCUS's own column names (https://focus.finops.org). Costs have ten decimals and at most fifteen
 * digits before the point, so that the sums of attribution cannot overflow 128 bits.
 *
 * `gpu_hour` and `serving_hour` hold exact decimal sums with their sample counts instead of means: sums of several
 * files can be added in any order to the same last digit.
 *
 * `billing_source_row` holds what the files say. `billing_row` is what counts of it: charges that two exports hold count
 * once; `billing_superseded` says which account and month of which file yields, and what is kept of it all the same:
 * `none`, the `purchases` of commitments (without EffectiveCost, which the amortized rows have), or `all`.
 *
 * Keys are kept unique by source-store.ts, not by constraints: DuckDB checks those against rows that the same
 * transaction has already deleted (https://duckdb.org/docs/stable/sql/indexes#over-eager-unique-constraint-checking).
 */
const migrations: readonly string[] = [
  `
  CREATE SEQUENCE source_id;
  CREATE TABLE source_file (
    source_id INTEGER NOT NULL, kind VARCHAR NOT NULL, digest VARCHAR NOT NULL, variant VARCHAR NOT NULL,
    row_count BIGINT NOT NULL, rejected_row_count BIGINT NOT NULL);
  CREATE TABLE source_path (kind VARCHAR NOT NULL, path VARCHAR NOT NULL, source_id INTEGER NOT NULL);
  CREATE TABLE billing_row (
    source_id INTEGER NOT NULL,
    "ChargePeriodStart" TIMESTAMP, "ChargePeriodEnd" TIMESTAMP, "BillingCurrency" VARCHAR,
    "BilledCost" DECIMAL(25,10), "EffectiveCost" DECIMAL(25,10), "ListCost" DECIMAL(25,10),
    "ContractedCost" DECIMAL(25,10),
    "ChargeCategory" VARCHAR, "ChargeClass" VARCHAR, "CommitmentDiscountStatus" VARCHAR, "PricingCategory" VARCHAR,
    "PricingQuantity" DOUBLE, "PricingUnit" VARCHAR, "ProviderName" VARCHAR, "ServiceName" VARCHAR,
    "ServiceCategory" VARCHAR, "ResourceId" VARCHAR, "ResourceName" VARCHAR, "ResourceType" VARCHAR,
    "RegionId" VARCHAR, "SkuId" VARCHAR, "SkuPriceId" VARCHAR, instance_type VARCHAR, "Tags" VARCHAR);
  CREATE TABLE gpu_hour (
    source_id INTEGER NOT NULL,
    cluster VARCHAR NOT NULL, namespace VARCHAR NOT NULL, pod VARCHAR NOT NULL, container VARCHAR NOT NULL,
    holder VARCHAR NOT NULL, hostname VARCHAR NOT NULL, gpu VARCHAR NOT NULL,
    gpu_instance_id VARCHAR NOT NULL, gpu_instance_profile VARCHAR NOT NULL, model VARCHAR NOT NULL,
    hour TIMESTAMP NOT NULL, samples BIGINT NOT NULL,
    gpu_util_sum DECIMAL(38,6), gpu_util_samples BIGINT NOT NULL,
    gr_engine_active_sum DECIMAL(38,6), gr_engine_active_samples BIGINT NOT NULL,
    sm_active_sum DECIMAL(38,6), sm_active_samples BIGINT NOT NULL,
    tensor_active_sum DECIMAL(38,6), tensor_active_samples BIGINT NOT NULL,
    dram_active_sum DECIMAL(38,6), dram_active_samples BIGINT NOT NULL,
    fb_used_sum DECIMAL(38,6), fb_used_samples BIGINT NOT NULL, fb_used_max DECIMAL(18,6),
    fb_free_sum DECIMAL(38,6), fb_free_samples BIGINT NOT NULL,
    power_sum DECIMAL(38,6), power_samples BIGINT NOT NULL,
    energy_min DOUBLE, energy_max DOUBLE, xid_max DECIMAL(18,6));
  CREATE TABLE serving_hour (
    source_id INTEGER NOT NULL,
    cluster VARCHAR NOT NULL, namespace VARCHAR NOT NULL, pod VARCHAR NOT NULL,
    measure VARCHAR NOT NULL, series VARCHAR NOT NULL, hour TIMESTAMP NOT NULL,
    value_sum DECIMAL(38,6), samples BIGINT NOT NULL, covered_seconds DECIMAL(38,6));
  `,
  `
  ALTER TABLE gpu_hour ADD COLUMN pcie_tx_sum DECIMAL(38,6);
  ALTER TABLE gpu_hour ADD COLUMN pcie_tx_samples BIGINT DEFAULT 0;
  ALTER TABLE gpu_hour ADD COLUMN pcie_rx_sum DECIMAL(38,6);
  ALTER TABLE gpu_hour ADD COLUMN pcie_rx_samples BIGINT DEFAULT 0;
  ALTER TABLE gpu_hour ADD COLUMN nvlink_tx_sum DECIMAL(38,6);
  ALTER TABLE gpu_hour ADD COLUMN nvlink_tx_samples BIGINT DEFAULT 0;
  ALTER TABLE gpu_hour ADD COLUMN nvlink_rx_sum DECIMAL(38,6);
  ALTER TABLE gpu_hour ADD COLUMN nvlink_rx_samples BIGINT DEFAULT 0;
  ALTER TABLE gpu_hour ADD COLUMN nvlink_total_min DOUBLE;
  ALTER TABLE gpu_hour ADD COLUMN nvlink_total_max DOUBLE;
  ALTER TABLE gpu_hour ADD COLUMN power_violation_min DOUBLE;
  ALTER TABLE gpu_hour ADD COLUMN power_violation_max DOUBLE;
  ALTER TABLE gpu_hour ADD COLUMN thermal_violation_min DOUBLE;
  ALTER TABLE gpu_hour ADD COLUMN thermal_violation_max DOUBLE;
  ALTER TABLE gpu_hour ADD COLUMN clock_reasons_max DECIMAL(18,6);
  CREATE TABLE pod_owner (
    source_id INTEGER NOT NULL,
    cluster VARCHAR NOT NULL, namespace VARCHAR NOT NULL, pod VARCHAR NOT NULL,
    owner_kind VARCHAR NOT NULL, owner_name VARCHAR NOT NULL, node VARCHAR NOT NULL);
  `,
  `
  ALTER TABLE billing_row RENAME TO billing_source_row;
  ALTER TABLE billing_source_row ADD COLUMN "BillingPeriodStart" TIMESTAMP;
  ALTER TABLE billing_source_row ADD COLUMN "BillingAccountId" VARCHAR;
  ALTER TABLE billing_source_row ADD COLUMN "SubAccountId" VARCHAR;
  ALTER TABLE billing_source_row ADD COLUMN "x_CurrencyConversionRate" DOUBLE;
  ALTER TABLE billing_source_row ADD COLUMN machine_hours DOUBLE;
  CREATE TABLE billing_file (source_id INTEGER NOT NULL, format VARCHAR NOT NULL);
  INSERT INTO billing_file SELECT source_id, 'focus' FROM source_file WHERE kind = 'billing';
  CREATE TABLE billing_superseded (
    source_id INTEGER NOT NULL, "BillingAccountId" VARCHAR NOT NULL, "SubAccountId" VARCHAR NOT NULL,
    billing_month TIMESTAMP NOT NULL, kept VARCHAR NOT NULL);
  CREATE VIEW billing_row AS
    SELECT charge.* REPLACE (CASE WHEN kept IS NOT NULL AND "ChargeCategory" = 'Purchase' AND "PricingCategory" = 'Committed'
      THEN 0 ELSE "EffectiveCost" END AS "EffectiveCost")
    FROM billing_source_row AS charge
    LEFT JOIN billing_superseded AS other ON other.source_id = charge.source_id
      AND other."BillingAccountId" = coalesce(charge."BillingAccountId", '')
      AND other."SubAccountId" = coalesce(charge."SubAccountId", '')
      AND other.billing_month = date_trunc('month', coalesce(charge."BillingPeriodStart", charge."ChargePeriodStart"))
    WHERE kept IS NULL OR kept = 'all'
      OR (kept = 'purchases' AND "ChargeCategory" = 'Purchase' AND coalesce("PricingCategory", '') = 'Committed');
  `,
  `
  CREATE TABLE workload_hour (
    repository VARCHAR NOT NULL, cluster VARCHAR NOT NULL, namespace VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL, hour TIMESTAMP NOT NULL, gpus INTEGER NOT NULL, shared_gpus INTEGER, gpu_hours DOUBLE,
    gpu_util_ratio DOUBLE, gr_engine_active_ratio DOUBLE, sm_active_ratio DOUBLE, busiest_gpu_ratio DOUBLE,
    tensor_active_ratio DOUBLE, dram_active_ratio DOUBLE, framebuffer_used_gib_max DOUBLE, framebuffer_total_gib DOUBLE,
    power_watts DOUBLE, energy_kwh DOUBLE, xid_gpus INTEGER, queue_length DOUBLE, requests_per_second DOUBLE);
  CREATE TABLE attributed_share (
    repository VARCHAR NOT NULL, currency VARCHAR NOT NULL, charge_day DATE NOT NULL, day DATE NOT NULL,
    bucket VARCHAR NOT NULL, cluster VARCHAR NOT NULL, namespace VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL, billed_cost DECIMAL(38,10), effective_cost DECIMAL(38,10), list_cost DECIMAL(38,10),
    gpu_hours DOUBLE, energy_kwh DOUBLE);
  CREATE TABLE attributed_day (
    repository VARCHAR NOT NULL, currency VARCHAR NOT NULL, day DATE NOT NULL, covered_from TIMESTAMP NOT NULL,
    covered_to TIMESTAMP NOT NULL);
  CREATE VIEW workload_day AS
    SELECT repository, currency, day, bucket, cluster, namespace, kind, name,
      coalesce(sum(billed_cost), 0) AS billed_cost, coalesce(sum(effective_cost), 0) AS effective_cost,
      coalesce(sum(list_cost), 0) AS list_cost, sum(gpu_hours) AS gpu_hours, sum(energy_kwh) AS energy_kwh
    FROM attributed_share GROUP BY ALL;
  CREATE TABLE retention_cut (what VARCHAR NOT NULL, before TIMESTAMP NOT NULL);
  `,
];

/** Brings the tables to the newest version. @throws Error when a newer program made them. */
export async function migrate(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
  const reader = await connection.runAndReadAll('SELECT coalesce(max(version), 0)::INTEGER FROM schema_version');
  const version = Number(reader.getRowsJS()[0]?.[0] ?? 0);
  if (version > migrations.length) {
    throw new Error(`its tables have version ${version}, this program knows up to ${migrations.length}`);
  }
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue;
    await connection.run('BEGIN TRANSACTION');
    await connection.run(statements);
    await connection.run('INSERT INTO schema_version VALUES ($1)', [index + 1]);
    await connection.run('COMMIT');
  }
}

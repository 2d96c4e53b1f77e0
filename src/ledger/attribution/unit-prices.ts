import type { DuckDBConnection } from '@duckdb/node-api';
import { money, type AttributionTagKeys, type CurrencyCode, type Money } from '../../domain/index.ts';
import { readRows, type Bindings } from '../rows.ts';
import { chargeSql, unitsPerCurrencyUnit } from './charges.ts';
import type { WindowBindings } from './gpu-slots.ts';
import { toMicros } from './round-to-micros.ts';

/** What an hour of one machine type cost on the bill. */
export interface UnitPrice {
  readonly cluster: string;
  /** As the bill names it, such as `g6.xlarge`. */
  readonly instanceType: string;
  /** FOCUS's RegionId, such as `us-east-1`. */
  readonly regionId: string | undefined;
  /** FOCUS's PricingCategory: `Standard`, `Dynamic`, `Committed` or `Other`. */
  readonly pricingCategory: string;
  readonly effectivePerHour: Money;
  /** Machine-hours that the price was reckoned from. */
  readonly hours: number;
  readonly nodes: number;
}

/** A Kubernetes node that reported GPUs in the window. */
export interface NodeFacts {
  readonly cluster: string;
  readonly hostname: string;
  /** Undefined when no charge for the node names a machine type. */
  readonly instanceType: string | undefined;
  /** Most GPUs that it reported in any one hour. */
  readonly gpuCount: number;
}

const isMachineTime = `instance_type IS NOT NULL AND "ChargeCategory" = 'Usage'
  AND "ChargeClass" IS DISTINCT FROM 'Correction' AND "CommitmentDiscountStatus" IS DISTINCT FROM 'Unused'`;

/**
 * Fills `attr_machine` with the charges for machine time of known nodes: usage rows, no corrections and no unused
 * commitments, with a machine type and without workload tags. The hours are `machine_hours` where the reader of the bill
 * knows them (0 for a part of a machine), else PricingQuantity where the unit is hours, else the charge period's length.
 */
export async function findMachineCharges(
  connection: DuckDBConnection,
  tagKeys: AttributionTagKeys,
  bindings: Bindings,
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE attr_machine AS
     WITH ${chargeSql(tagKeys, isMachineTime)},
     machine AS (
       SELECT node, instance_type, "RegionId" AS region_id, "EffectiveCost" AS effective,
         coalesce("PricingCategory", CASE WHEN "CommitmentDiscountStatus" = 'Used' THEN 'Committed' ELSE 'Other' END)
           AS pricing_category,
         CASE WHEN machine_hours IS NOT NULL THEN machine_hours
           WHEN "PricingQuantity" > 0 AND regexp_matches(lower(coalesce("PricingUnit", '')), 'h(ou)?rs?\\b')
           THEN "PricingQuantity"
           ELSE (epoch_ms("ChargePeriodEnd") - epoch_ms("ChargePeriodStart")) / 3600000 END AS hours
       FROM charge WHERE node IS NOT NULL AND tag_workload = '' AND special_target IS NULL)
     SELECT node, instance_type, region_id, pricing_category,
       sum(CAST(effective * ${unitsPerCurrencyUnit} AS HUGEINT)) AS units, sum(CAST(hours AS DECIMAL(18,6))) AS hours
     FROM machine WHERE hours >= 0 AND hours < 1e9 GROUP BY node, instance_type, region_id, pricing_category
     HAVING sum(CAST(hours AS DECIMAL(18,6))) > 0`,
    bindings,
  );
}

export async function readUnitPrices(
  connection: DuckDBConnection,
  currency: CurrencyCode,
): Promise<readonly UnitPrice[]> {
  const rows = await readRows(
    connection,
    `SELECT cluster, instance_type, region_id, pricing_category, count(DISTINCT node) AS nodes, sum(units) AS units,
       CAST(sum(hours) AS DOUBLE) AS hours
     FROM attr_machine JOIN attr_node USING (node)
     GROUP BY cluster, instance_type, region_id, pricing_category ORDER BY ALL`,
  );
  return rows.map((row) => {
    const hours = row.number('hours');
    const millionthHours = BigInt(Math.round(hours * 1e6));
    return {
      cluster: row.text('cluster'),
      instanceType: row.text('instance_type'),
      regionId: row.optionalText('region_id'),
      pricingCategory: row.text('pricing_category'),
      effectivePerHour: money(toMicros((row.bigint('units') * 1_000_000n) / millionthHours), currency),
      hours,
      nodes: row.number('nodes'),
    };
  });
}

export async function readNodes(connection: DuckDBConnection, window: WindowBindings): Promise<readonly NodeFacts[]> {
  const rows = await readRows(
    connection,
    `WITH type_hours AS (SELECT node, instance_type, sum(hours) AS hours FROM attr_machine GROUP BY node, instance_type),
     typed AS (
       SELECT node, instance_type FROM type_hours
       QUALIFY row_number() OVER (PARTITION BY node ORDER BY hours DESC, instance_type) = 1),
     gpus AS (
       SELECT cluster, hostname, hour, count(DISTINCT gpu) AS gpus FROM gpu_hour
       WHERE hostname <> '' AND hour >= $window_start AND hour < $window_end
       GROUP BY ALL)
     SELECT cluster, hostname, any_value(instance_type) AS instance_type, max(gpus) AS gpu_count
     FROM gpus JOIN attr_node USING (cluster, hostname) LEFT JOIN typed USING (node)
     GROUP BY cluster, hostname ORDER BY cluster, hostname`,
    window,
  );
  return rows.map((row) => ({
    cluster: row.text('cluster'),
    hostname: row.text('hostname'),
    instanceType: row.optionalText('instance_type'),
    gpuCount: row.number('gpu_count'),
  }));
}

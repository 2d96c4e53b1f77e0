import type { DuckDBConnection } from '@duckdb/node-api';
import type { AttributionTagKeys, CurrencyCode } from '../../domain/index.ts';
import { readRows, type Bindings } from '../rows.ts';
import { chargeHoursMax, type WindowBindings } from './gpu-slots.ts';
import { idleTarget, unattributedTarget } from './temporary-tables.ts';
import type { WorkloadNames } from './workload-names.ts';

/** Ledger units in one unit of currency: the ten decimals of `billing_row`'s costs as whole numbers. */
export const unitsPerCurrencyUnit = 10_000_000_000n;

const tagColumns = ['cluster', 'namespace', 'workload', 'kind', 'node'] as const;

/** The window, the currency and the tag keys, all of them bound: none gets into the SQL text. */
export function chargeBindings(window: WindowBindings, currency: CurrencyCode, tagKeys: AttributionTagKeys): Bindings {
  const pointers = tagColumns.flatMap((column) =>
    tagKeys[column].map((key, index): [string, string] => [`tag_${column}_${index}`, jsonPointer(key)]),
  );
  return { ...window, currency, ...Object.fromEntries(pointers) };
}

/** Tag keys hold dots and slashes, which JSON paths give a meaning. https://www.rfc-editor.org/rfc/rfc6901 */
function jsonPointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * The common table expression `charge`: the window's billing rows in the report's currency that fulfil a condition,
 * with the tags that name a workload, and the node that a row without them is for.
 */
export function chargeSql(tagKeys: AttributionTagKeys, condition = 'true'): string {
  const tag = (column: (typeof tagColumns)[number]): string => {
    const values = tagKeys[column].map(
      (_, index) => `nullif(json_extract_string("Tags", $tag_${column}_${index}), '')`,
    );
    return `coalesce(${[...values, `''`].join(', ')}) AS tag_${column}`;
  };
  return `
  tagged AS (
    SELECT *, ${tagColumns.map(tag).join(', ')},
      lower(regexp_extract(coalesce("ResourceId", ''), '[^/:]*$')) AS resource_tail,
      lower(coalesce("ResourceName", '')) AS resource_name
    FROM billing_row
    WHERE "BillingCurrency" = $currency
      AND "ChargePeriodStart" >= $window_start AND "ChargePeriodStart" < $window_end
      AND ${condition}),
  charge AS (
    SELECT tagged.*,
      CASE
        WHEN 'kube:unallocated' IN (tag_workload, tag_namespace) THEN ${idleTarget}
        WHEN 'kube:system-overhead' IN (tag_workload, tag_namespace) THEN ${unattributedTarget}
      END AS special_target,
      coalesce(${['by_tag', 'by_id', 'by_name'].map(chosenNode).join(', ')}) AS node
    FROM tagged
    LEFT JOIN attr_node_key AS by_tag ON by_tag.key = lower(tag_node)
    LEFT JOIN attr_node_key AS by_id ON by_id.key = resource_tail
    LEFT JOIN attr_node_key AS by_name ON by_name.key = resource_name)`;
}

/** A cluster tag must agree with the metrics' cluster, where they name one. */
function chosenNode(join: string): string {
  return `CASE WHEN tag_cluster = '' THEN ${join}.only_node
    ELSE coalesce(${join}.by_cluster[tag_cluster], ${join}.by_cluster['']) END`;
}

/**
 * Fills `attr_node` with every node that the metrics ever named, and `attr_node_key` with the names a bill may use for
 * it: its host name, or the first label of that when it is not all digits. A name that several nodes share stands for
 * none, unless a cluster tag chooses.
 */
export async function findNodes(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE attr_node AS
      SELECT CAST(row_number() OVER (ORDER BY cluster, hostname) AS INTEGER) AS node, cluster, hostname
      FROM (SELECT DISTINCT cluster, hostname FROM gpu_hour WHERE hostname <> '');
    CREATE OR REPLACE TEMP TABLE attr_node_key AS
      WITH name AS (
        SELECT lower(hostname) AS key, 1 AS rank, cluster, node FROM attr_node
        UNION ALL
        SELECT lower(split_part(hostname, '.', 1)), 2, cluster, node FROM attr_node
        WHERE contains(hostname, '.') AND NOT regexp_full_match(split_part(hostname, '.', 1), '[0-9]*')),
      narrow AS (SELECT * FROM name QUALIFY rank = min(rank) OVER (PARTITION BY key)),
      in_cluster AS (
        SELECT key, cluster, CASE WHEN count(*) = 1 THEN any_value(node) END AS node FROM narrow GROUP BY key, cluster)
      SELECT key, map(list(cluster), list(node)) AS by_cluster,
        CASE WHEN count(*) = 1 THEN any_value(node) END AS only_node
      FROM in_cluster GROUP BY key`);
}

/** Fills `attr_charge`: the window's charges summed by period, tags and node, in whole ledger units. */
export async function sumCharges(
  connection: DuckDBConnection,
  tagKeys: AttributionTagKeys,
  bindings: Bindings,
): Promise<void> {
  const units = (cost: string): string => `sum(CAST(${cost} * ${unitsPerCurrencyUnit} AS HUGEINT))`;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE attr_charge AS
     WITH ${chargeSql(tagKeys)}
     SELECT "ChargePeriodStart" AS period_start, "ChargePeriodEnd" AS period_end, special_target,
       CASE WHEN special_target IS NULL THEN tag_workload ELSE '' END AS tag_workload,
       CASE WHEN special_target IS NULL AND tag_workload <> '' THEN tag_cluster ELSE '' END AS tag_cluster,
       CASE WHEN special_target IS NULL AND tag_workload <> '' THEN tag_namespace ELSE '' END AS tag_namespace,
       CASE WHEN special_target IS NULL AND tag_workload <> '' THEN tag_kind ELSE '' END AS tag_kind,
       CASE WHEN special_target IS NULL AND tag_workload = ''
         AND "ChargePeriodEnd" <= "ChargePeriodStart" + to_hours(${chargeHoursMax}) THEN node END AS node,
       ${units('"BilledCost"')} AS billed, ${units('"EffectiveCost"')} AS effective, ${units('"ListCost"')} AS list,
       ${units(`CASE WHEN "CommitmentDiscountStatus" = 'Used' THEN "EffectiveCost" ELSE 0 END`)} AS covered
     FROM charge GROUP BY ALL`,
    bindings,
  );
}

/** Gives each combination of tags that names a workload to one: fills `attr_tag`. */
export async function findTaggedWorkloads(connection: DuckDBConnection, names: WorkloadNames): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE attr_tag
     (tag_cluster VARCHAR, tag_namespace VARCHAR, tag_workload VARCHAR, tag_kind VARCHAR, tag_target INTEGER)`,
  );
  const rows = await readRows(
    connection,
    `SELECT DISTINCT tag_cluster, tag_namespace, tag_workload, tag_kind FROM attr_charge WHERE tag_workload <> ''`,
  );
  const appender = await connection.createAppender('attr_tag');
  for (const row of rows) {
    const [cluster, namespace, name, kind] = (['cluster', 'namespace', 'workload', 'kind'] as const).map((column) =>
      row.text(`tag_${column}`),
    );
    const tags = { cluster: cluster ?? '', namespace: namespace ?? '', name: name ?? '', kind: kind ?? '' };
    for (const text of [tags.cluster, tags.namespace, tags.name, tags.kind]) appender.appendVarchar(text);
    appender.appendInteger(names.find(tags) ?? unattributedTarget);
    appender.endRow();
  }
  appender.closeSync();
}

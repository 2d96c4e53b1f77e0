import type { FileColumns } from '../file-columns.ts';
import type { LedgerColumn } from './billing-format.ts';

/**
 * Split cost allocation data: lines of a pod that hold its share of an instance's amortized cost, beside the line of the
 * instance that holds all of it. https://docs.aws.amazon.com/cur/latest/userguide/split-line-item-columns.html
 *
 * Each such line becomes up to three rows, which sum to nothing:
 * - `used`: what the pod used, with its tags;
 * - `unused`: its share of what nobody used, tagged so that attribution shows it as idle;
 * - `offset`: both taken off the instance again, on the instance's resource id.
 * The instance keeps its own line, and so its price; no other file is needed to find it.
 */
export function splitCostParts(columns: FileColumns): string {
  if (!hasSplitCost(columns)) return `(SELECT *, 'charge' AS part FROM source)`;
  const { unused, publicUnused } = amounts(columns);
  return `(SELECT *, unnest(CASE WHEN ${columns.text('split_line_item_parent_resource_id')} IS NULL THEN ['charge']
      WHEN ${unused} = 0 AND ${publicUnused} = 0 THEN ['used', 'offset'] ELSE ['used', 'unused', 'offset'] END) AS part
    FROM source)`;
}

/** The ledger's columns by part of a line; `charge` is any line that is not a pod's. */
export function perPart(
  columns: FileColumns,
  charge: Readonly<Partial<Record<LedgerColumn, string>>>,
  tags: string,
): Readonly<Partial<Record<LedgerColumn, string>>> {
  if (!hasSplitCost(columns)) return { ...charge, Tags: tags };
  const { used, unused, publicUsed, publicUnused } = amounts(columns);
  const onlyCharge = (expression: string | undefined): string =>
    `CASE WHEN part = 'charge' THEN ${expression ?? 'NULL'} END`;
  return {
    ...charge,
    BilledCost: `CASE part WHEN 'charge' THEN ${charge.BilledCost ?? 'NULL'}
      WHEN 'used' THEN coalesce(${charge.BilledCost ?? 'NULL'}, 0) ELSE 0 END`,
    EffectiveCost: `CASE part WHEN 'charge' THEN ${charge.EffectiveCost ?? 'NULL'} WHEN 'used' THEN ${used}
      WHEN 'unused' THEN ${unused} ELSE -${used} - ${unused} END`,
    ListCost: `CASE part WHEN 'charge' THEN ${charge.ListCost ?? 'NULL'} WHEN 'used' THEN ${publicUsed}
      WHEN 'unused' THEN ${publicUnused} ELSE -${publicUsed} - ${publicUnused} END`,
    ContractedCost: onlyCharge(charge.ContractedCost),
    PricingCategory: onlyCharge(charge.PricingCategory),
    PricingQuantity: onlyCharge(charge.PricingQuantity),
    PricingUnit: onlyCharge(charge.PricingUnit),
    SkuId: onlyCharge(charge.SkuId),
    SkuPriceId: onlyCharge(charge.SkuPriceId),
    instance_type: onlyCharge(charge.instance_type),
    ResourceId: `CASE WHEN part IN ('charge', 'used') THEN ${charge.ResourceId ?? 'NULL'}
      ELSE ${columns.text('split_line_item_parent_resource_id')} END`,
    Tags: `CASE part WHEN 'offset' THEN NULL WHEN 'unused' THEN ${idleTags(tags)} ELSE ${tags} END`,
  };
}

/** The pod's cluster, and the name that stands for capacity nobody used. */
function idleTags(tags: string): string {
  return `CAST(json_object('aws:eks:cluster-name', TRY(json_extract_string(${tags}, '/aws:eks:cluster-name')),
    'aws:eks:namespace', 'kube:unallocated', 'aws:eks:workload-name', 'kube:unallocated') AS VARCHAR)`;
}

function hasSplitCost(columns: FileColumns): boolean {
  return columns.has('split_line_item_parent_resource_id');
}

function amounts(columns: FileColumns): Readonly<Record<'used' | 'unused' | 'publicUsed' | 'publicUnused', string>> {
  const first = (...names: readonly string[]): string =>
    `coalesce(${[...names.filter((name) => columns.has(name)).map((name) => columns.cost(name)), '0'].join(', ')})`;
  const used = first('split_line_item_net_split_cost', 'split_line_item_split_cost');
  const unused = first('split_line_item_net_unused_cost', 'split_line_item_unused_cost');
  return {
    used,
    unused,
    publicUsed: first(
      'split_line_item_public_on_demand_split_cost',
      'split_line_item_net_split_cost',
      'split_line_item_split_cost',
    ),
    publicUnused: first(
      'split_line_item_public_on_demand_unused_cost',
      'split_line_item_net_unused_cost',
      'split_line_item_unused_cost',
    ),
  };
}

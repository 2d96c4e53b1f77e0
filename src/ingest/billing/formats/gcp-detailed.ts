import type { FileColumns } from '../file-columns.ts';
import type { BillingFormat } from './billing-format.ts';
import { columnFinder } from './column-names.ts';
import { entriesOf, jsonOfEntries } from './json-tags.ts';
import { onlyNameIn } from './machine-type.ts';
import { anyItem, nestedText, summedAmounts } from './nested-fields.ts';

/** As BigQuery writes them. https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/detailed-usage */
const nestedColumns = ['service', 'sku', 'project', 'location', 'resource', 'price', 'usage', 'invoice'] as const;
const listColumns = ['labels', 'system_labels', 'credits'] as const;
const plainColumns = [
  'billing_account_id',
  'usage_start_time',
  'usage_end_time',
  'cost',
  'cost_at_list',
  'cost_type',
  'currency',
  'currency_conversion_rate',
] as const;

/** The same fields where a query has flattened the export. */
const flatColumns = [
  'service_description',
  'sku_id',
  'sku_description',
  'project_id',
  'location_location',
  'location_region',
  'resource_name',
  'resource_global_name',
  'usage_amount',
  'usage_unit',
  'usage_amount_in_pricing_units',
  'usage_pricing_unit',
  'invoice_month',
] as const;

const decimal = 'DECIMAL(25,10)';

/** Google Cloud's detailed (or standard) usage cost export from BigQuery. */
export const gcpDetailed: BillingFormat = {
  name: 'gcp-detailed',
  title: 'Google Cloud detailed usage cost export',
  columnOf: columnFinder(
    Object.fromEntries([...nestedColumns, ...listColumns, ...plainColumns, ...flatColumns].map((name) => [name, []])),
  ),
  needed: [
    'usage_start_time',
    'usage_end_time',
    'cost',
    'currency',
    ['service', 'service_description'],
    ['sku', 'sku_id'],
  ],
  csvTypes: { usage_start_time: 'TIMESTAMPTZ', usage_end_time: 'TIMESTAMPTZ', cost: decimal, cost_at_list: decimal },
  neverEmpty: ['usage_start_time', 'usage_end_time', 'cost'],
  jsonTypes: Object.fromEntries([
    ...[...plainColumns, ...flatColumns].map((name) => [name, 'VARCHAR'] as const),
    ...nestedColumns.map((name) => [name, 'JSON'] as const),
    ...listColumns.map((name) => [name, 'JSON'] as const),
  ]),
  rows: (columns) => ({
    from: 'source',
    columns: {
      ChargePeriodStart: columns.time('usage_start_time'),
      ChargePeriodEnd: columns.time('usage_end_time'),
      BillingCurrency: `upper(trim(${columns.text('currency')}))`,
      BilledCost: afterCredits(columns),
      EffectiveCost: afterCredits(columns),
      ListCost: `coalesce(${columns.cost('cost_at_list')}, ${columns.cost('cost')})`,
      ContractedCost: columns.cost('cost'),
      ChargeCategory: `CASE lower(coalesce(${columns.text('cost_type')}, 'regular')) WHEN 'regular' THEN 'Usage'
        WHEN 'tax' THEN 'Tax' WHEN 'rounding_error' THEN 'Adjustment' WHEN 'adjustment' THEN 'Adjustment' ELSE 'Adjustment' END`,
      ChargeClass: `CASE WHEN lower(${columns.text('cost_type')}) = 'adjustment' THEN 'Correction' END`,
      CommitmentDiscountStatus: `CASE WHEN ${isCommitted(columns)} THEN 'Used' END`,
      PricingCategory: `CASE WHEN ${isCommitted(columns)} THEN 'Committed'
        WHEN regexp_matches(${skuDescription(columns)}, '(?i)\\b(spot|preemptible)\\b') THEN 'Dynamic' ELSE 'Standard' END`,
      PricingQuantity: `TRY_CAST(coalesce(${nestedText(columns, 'usage', 'amount_in_pricing_units')},
        ${nestedText(columns, 'usage', 'amount')}) AS DOUBLE)`,
      PricingUnit: `coalesce(${nestedText(columns, 'usage', 'pricing_unit')}, ${nestedText(columns, 'usage', 'unit')})`,
      ProviderName: `'Google Cloud'`,
      ServiceName: nestedText(columns, 'service', 'description'),
      ResourceId: nestedText(columns, 'resource', 'global_name'),
      ResourceName: `nullif(regexp_extract(${nestedText(columns, 'resource', 'name')}, '[^/]*$'), '')`,
      RegionId: `coalesce(${nestedText(columns, 'location', 'region')}, ${nestedText(columns, 'location', 'location')})`,
      SkuId: nestedText(columns, 'sku', 'id'),
      instance_type: `CASE WHEN ${nestedText(columns, 'service', 'description')} = 'Compute Engine'
        THEN coalesce(${systemLabel(columns, 'compute.googleapis.com/machine_spec')}, ${onlyNameIn(skuDescription(columns))}) END`,
      machine_hours: machineHours(columns),
      Tags: jsonOfEntries(entriesOf(columns, 'labels')),
      BillingPeriodStart: `TRY_STRPTIME(${nestedText(columns, 'invoice', 'month')} || '01', '%Y%m%d')`,
      BillingAccountId: columns.text('billing_account_id'),
      SubAccountId: nestedText(columns, 'project', 'id'),
      x_CurrencyConversionRate: columns.double('currency_conversion_rate'),
    },
  }),
};

/** What the invoice asks for: credits are negative amounts beside the cost. A row whose cost is no number stays NULL. */
function afterCredits(columns: FileColumns): string {
  return `${columns.cost('cost')} + ${summedAmounts(columns, 'credits')}`;
}

function isCommitted(columns: FileColumns): string {
  return anyItem(columns, 'credits', `item."type" LIKE 'COMMITTED_USAGE_DISCOUNT%'`);
}

function skuDescription(columns: FileColumns): string {
  return nestedText(columns, 'sku', 'description');
}

function systemLabel(columns: FileColumns, key: string): string {
  return `list_filter(${entriesOf(columns, 'system_labels')}, lambda entry: entry.key = '${key}')[1].value`;
}

/**
 * A machine is billed as cores, memory and GPUs, each on lines of its own and in hours of its own. Its cores tell how
 * long it ran: core-hours by the number of cores. The other lines add cost and no time.
 */
function machineHours(columns: FileColumns): string {
  return `CASE WHEN regexp_matches(${skuDescription(columns)}, '(?i)\\b(core|cpu)\\b')
    THEN TRY_CAST(${nestedText(columns, 'usage', 'amount_in_pricing_units')} AS DOUBLE)
      / nullif(TRY_CAST(${systemLabel(columns, 'compute.googleapis.com/cores')} AS DOUBLE), 0) ELSE 0 END`;
}

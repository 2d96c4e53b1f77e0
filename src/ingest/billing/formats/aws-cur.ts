import type { FileColumns } from '../file-columns.ts';
import type { BillingFormat, LedgerColumn } from './billing-format.ts';
import { columnFinder } from './column-names.ts';
import { jsonOfEntries, jsonText } from './json-tags.ts';
import { ofUsageType } from './machine-type.ts';
import { perPart, splitCostParts } from './aws-split-cost.ts';

/** Spelled as in CUR 2.0; legacy CUR differs by slashes and capitals only. https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html */
const columnNames = [
  'bill_payer_account_id',
  'bill_billing_period_start_date',
  'line_item_usage_account_id',
  'line_item_line_item_type',
  'line_item_usage_start_date',
  'line_item_usage_end_date',
  'line_item_product_code',
  'line_item_usage_type',
  'line_item_operation',
  'line_item_resource_id',
  'line_item_usage_amount',
  'line_item_currency_code',
  'line_item_unblended_cost',
  'line_item_net_unblended_cost',
  'line_item_line_item_description',
  'pricing_public_on_demand_cost',
  'pricing_unit',
  'pricing_rate_id',
  'product',
  'product_product_name',
  'product_product_family',
  'product_instance_type',
  'product_region_code',
  'product_region',
  'product_sku',
  'reservation_reservation_a_r_n',
  'reservation_effective_cost',
  'reservation_net_effective_cost',
  'reservation_unused_amortized_upfront_fee_for_billing_period',
  'reservation_net_unused_amortized_upfront_fee_for_billing_period',
  'reservation_unused_recurring_fee',
  'reservation_net_unused_recurring_fee',
  'savings_plan_savings_plan_effective_cost',
  'savings_plan_net_savings_plan_effective_cost',
  'savings_plan_total_commitment_to_date',
  'savings_plan_used_commitment',
  'split_line_item_parent_resource_id',
  'split_line_item_split_cost',
  'split_line_item_unused_cost',
  'split_line_item_net_split_cost',
  'split_line_item_net_unused_cost',
  'split_line_item_public_on_demand_split_cost',
  'split_line_item_public_on_demand_unused_cost',
  'resource_tags',
] as const;

const decimal = 'DECIMAL(25,10)';

/** AWS Cost and Usage Report 2.0 and legacy, with EKS and ECS split cost allocation data. */
export const awsCur: BillingFormat = {
  name: 'aws-cur',
  title: 'AWS Cost and Usage Report 2.0 or legacy',
  columnOf: columnFinder(Object.fromEntries(columnNames.map((name) => [name, []]))),
  tagKeyOf(header) {
    const key = /^resource_?tags[/_](.+)$/i.exec(header)?.[1];
    return key === undefined ? undefined : tagKey(key);
  },
  needed: [
    'line_item_line_item_type',
    'line_item_usage_start_date',
    'line_item_usage_end_date',
    'line_item_currency_code',
    ['line_item_unblended_cost', 'line_item_net_unblended_cost'],
  ],
  csvTypes: {
    line_item_usage_start_date: 'TIMESTAMPTZ',
    line_item_usage_end_date: 'TIMESTAMPTZ',
    ...Object.fromEntries(
      columnNames
        .filter((name) => /_(cost|fee|fee_for_billing_period|commitment|to_date)$/.test(name))
        .map((name) => [name, decimal]),
    ),
  },
  neverEmpty: ['line_item_usage_start_date', 'line_item_usage_end_date', 'line_item_currency_code'],
  rows: (columns) => ({
    from: splitCostParts(columns),
    columns: perPart(columns, chargeColumns(columns), tags(columns)),
    bindings: Object.fromEntries(columns.tagColumns.map(({ key }, index) => [`tag_key_${index}`, key])),
  }),
};

/** `user:team` and `user_team` are the user's tag `team`; EKS's own keys get back the colons and dashes they have at AWS. */
function tagKey(key: string): string {
  if (/^aws[_:]eks[_:]/i.test(key)) return `aws:eks:${key.slice('aws:eks:'.length).toLowerCase().replaceAll('_', '-')}`;
  return key.replace(/^user[:_]/, '');
}

const userKeyPattern = String.raw`([{,]\s*)"user[:_]`;
const withoutUserPrefix = String.raw`\1"`;

/** EKS's own keys as CUR 2.0 writes them, with underscores. */
const eksKeys = ['cluster-name', 'namespace', 'node', 'deployment', 'workload-name', 'workload-type'];

/**
 * JSON text of all tags. Keys are told from values by the brace or comma before them: inside of a JSON string a quote
 * has a backslash. Text that is no JSON stays as it is and is reported later.
 */
function tags(columns: FileColumns): string {
  const own = columns.tagColumns.map(
    ({ column }, index) => `{'key': $tag_key_${index}, 'value': CAST("${column}" AS VARCHAR)}`,
  );
  const ownTags = jsonOfEntries(`CAST([${own.join(', ')}] AS STRUCT("key" VARCHAR, "value" VARCHAR)[])`);
  if (!columns.has('resource_tags')) return own.length === 0 ? 'CAST(NULL AS VARCHAR)' : ownTags;
  const text = jsonText(columns, 'resource_tags');
  const renamed = eksKeys.reduce(
    (sql, key) => `replace(${sql}, '"aws_eks_${key.replaceAll('-', '_')}":', '"aws:eks:${key}":')`,
    text,
  );
  const mapped = `regexp_replace(CASE WHEN contains(${text}, 'aws_eks_') THEN ${renamed} ELSE ${text} END,
    '${userKeyPattern}', '${withoutUserPrefix}', 'g')`;
  return own.length === 0 ? mapped : `CAST(json_merge_patch(${mapped}, ${ownTags}) AS VARCHAR)`;
}

/** Discounts have lines of their own in `unblended` amounts and are inside of the other lines' `net` amounts. */
const discountTypes = `('EdpDiscount', 'PrivateRateDiscount', 'BundledDiscount', 'Discount', 'DistributorDiscount', 'SppDiscount')`;

function chargeColumns(columns: FileColumns): Readonly<Partial<Record<LedgerColumn, string>>> {
  const type = columns.raw('line_item_line_item_type');
  const usageType = columns.text('line_item_usage_type');
  const billed = net(columns, 'line_item_net_unblended_cost', 'line_item_unblended_cost');
  const savingsPlan = net(
    columns,
    'savings_plan_net_savings_plan_effective_cost',
    'savings_plan_savings_plan_effective_cost',
  );
  const reservation = net(columns, 'reservation_net_effective_cost', 'reservation_effective_cost');
  const unusedUpfront = net(
    columns,
    'reservation_net_unused_amortized_upfront_fee_for_billing_period',
    'reservation_unused_amortized_upfront_fee_for_billing_period',
  );
  const unusedRecurring = net(columns, 'reservation_net_unused_recurring_fee', 'reservation_unused_recurring_fee');
  return {
    ChargePeriodStart: columns.time('line_item_usage_start_date'),
    ChargePeriodEnd: columns.time('line_item_usage_end_date'),
    BillingCurrency: `upper(trim(${columns.text('line_item_currency_code')}))`,
    BilledCost: billed,
    // https://docs.aws.amazon.com/cur/latest/userguide/use-cases.html, amortized cost
    EffectiveCost: `CASE ${type}
      WHEN 'SavingsPlanCoveredUsage' THEN coalesce(${savingsPlan}, ${billed})
      WHEN 'SavingsPlanNegation' THEN 0
      WHEN 'SavingsPlanUpfrontFee' THEN 0
      WHEN 'SavingsPlanRecurringFee' THEN ${columns.costOrZero('savings_plan_total_commitment_to_date')}
        - ${columns.costOrZero('savings_plan_used_commitment')}
      WHEN 'DiscountedUsage' THEN coalesce(${reservation}, ${billed})
      WHEN 'RIFee' THEN coalesce(${unusedUpfront}, 0) + coalesce(${unusedRecurring}, 0)
      ELSE CASE WHEN ${type} = 'Fee' AND ${columns.text('reservation_reservation_a_r_n')} IS NOT NULL THEN 0 ELSE ${billed} END END`,
    ListCost: `CASE WHEN ${type} = 'SavingsPlanNegation' THEN 0
      WHEN ${type} IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage')
      THEN coalesce(${columns.cost('pricing_public_on_demand_cost')}, ${billed}) ELSE ${billed} END`,
    ContractedCost: `CASE WHEN ${type} = 'SavingsPlanNegation' THEN 0 ELSE ${billed} END`,
    ChargeCategory: `CASE
      WHEN ${type} IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'Refund') THEN 'Usage'
      WHEN ${type} IN ${discountTypes} THEN 'Usage'
      WHEN ${type} IN ('Fee', 'RIFee', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee') THEN 'Purchase'
      WHEN ${type} = 'Tax' THEN 'Tax' WHEN ${type} = 'Credit' THEN 'Credit'
      WHEN ${columns.text('line_item_line_item_type')} IS NOT NULL THEN 'Adjustment' END`,
    ChargeClass: `CASE WHEN ${type} = 'Refund' THEN 'Correction' END`,
    CommitmentDiscountStatus: `CASE WHEN ${type} IN ('DiscountedUsage', 'SavingsPlanCoveredUsage') THEN 'Used'
      WHEN ${type} IN ('RIFee', 'SavingsPlanRecurringFee') THEN 'Unused' END`,
    PricingCategory: `CASE WHEN ${type} IN ('DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation') THEN 'Committed'
      WHEN ${type} = 'Usage' AND contains(${usageType}, 'SpotUsage') THEN 'Dynamic'
      WHEN ${type} = 'Usage' THEN 'Standard' END`,
    PricingQuantity: columns.double('line_item_usage_amount'),
    PricingUnit: columns.text('pricing_unit'),
    ServiceName: `coalesce(${columns.text('product_product_name')}, ${ofProduct(columns, 'product_name')}, ${columns.text('line_item_product_code')})`,
    ResourceId: columns.text('line_item_resource_id'),
    RegionId: `coalesce(${columns.firstText('product_region_code', 'product_region')}, ${ofProduct(columns, 'region')})`,
    SkuId: columns.text('product_sku'),
    SkuPriceId: columns.text('pricing_rate_id'),
    instance_type: `CASE WHEN ${type} IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage')
      THEN coalesce(${ofUsageType(usageType)}, CASE WHEN regexp_matches(${usageType}, '(Box|Spot|Dedicated)Usage$')
        THEN ${columns.text('product_instance_type')} END) END`,
    ProviderName: `'AWS'`,
    BillingPeriodStart: columns.time('bill_billing_period_start_date'),
    BillingAccountId: columns.text('bill_payer_account_id'),
    SubAccountId: columns.text('line_item_usage_account_id'),
  };
}

/** The amount after negotiated discounts where the report has it, else the one before. */
function net(columns: FileColumns, netName: string, name: string): string {
  if (!columns.has(netName)) return columns.cost(name);
  if (netName !== 'line_item_net_unblended_cost') return `coalesce(${columns.cost(netName)}, ${columns.cost(name)})`;
  return `coalesce(${columns.cost(netName)}, CASE WHEN ${columns.raw('line_item_line_item_type')} IN ${discountTypes} THEN 0
    ELSE ${columns.cost(name)} END)`;
}

/** CUR 2.0 keeps most product attributes in one MAP column. */
function ofProduct(columns: FileColumns, key: 'product_name' | 'region'): string {
  if (!columns.has('product')) return 'CAST(NULL AS VARCHAR)';
  if (/^MAP\(/i.test(columns.type('product'))) return `nullif(CAST("product"['${key}'] AS VARCHAR), '')`;
  return `nullif(TRY(json_extract_string(CAST("product" AS VARCHAR), '/${key}')), '')`;
}

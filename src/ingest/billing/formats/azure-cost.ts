import type { FileColumns } from '../file-columns.ts';
import type { BillingFormat } from './billing-format.ts';
import { columnFinder } from './column-names.ts';

/**
 * Our name of each column with the spellings of the Enterprise Agreement, Microsoft Customer Agreement and pay-as-you-go
 * exports. https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/schema-index
 */
const findColumn = columnFinder({
  Date: ['UsageDateTime', 'UsageDate'],
  CostInBillingCurrency: [],
  Cost: [],
  PreTaxCost: [],
  PaygCostInBillingCurrency: [],
  BillingCurrency: ['BillingCurrencyCode', 'Currency'],
  ExchangeRatePricingToBilling: [],
  BillingAccountId: [],
  BillingPeriodStartDate: [],
  SubscriptionId: ['SubscriptionGuid'],
  ChargeType: [],
  PricingModel: [],
  MeterCategory: [],
  MeterId: [],
  PartNumber: [],
  ServiceFamily: [],
  Quantity: ['UsageQuantity'],
  UnitOfMeasure: [],
  UnitPrice: [],
  PayGPrice: [],
  ResourceId: ['InstanceId', 'InstanceName'],
  ResourceName: [],
  ResourceLocation: ['ResourceLocationNormalized'],
  Tags: [],
  AdditionalInfo: [],
});

const decimal = 'DECIMAL(25,10)';

/** Azure Cost Management exports of actual and of amortized cost. */
export const azureCost: BillingFormat = {
  name: 'azure-cost',
  title: 'Azure cost export, actual or amortized',
  // Localised exports write `Zeitraum (UsageDateTime)`.
  columnOf: (header) => findColumn(/\(([A-Za-z0-9]+)\)\s*$/.exec(header)?.[1] ?? header),
  needed: [
    'Date',
    ['CostInBillingCurrency', 'Cost', 'PreTaxCost'],
    'BillingCurrency',
    'MeterCategory',
    'ResourceId',
    'SubscriptionId',
  ],
  csvTypes: {
    CostInBillingCurrency: decimal,
    Cost: decimal,
    PreTaxCost: decimal,
    PaygCostInBillingCurrency: decimal,
  },
  neverEmpty: [],
  rows: (columns) => {
    const cost = `coalesce(${['CostInBillingCurrency', 'Cost', 'PreTaxCost'].map((name) => columns.cost(name)).join(', ')})`;
    const date = time(columns, 'Date');
    return {
      from: 'source',
      columns: {
        ChargePeriodStart: date,
        ChargePeriodEnd: `${date} + INTERVAL 1 DAY`,
        BillingCurrency: `upper(trim(${columns.text('BillingCurrency')}))`,
        BilledCost: `CASE WHEN ${isCovered(columns)} AND ${cost} IS NOT NULL THEN 0 ELSE ${cost} END`,
        EffectiveCost: cost,
        ListCost: `CASE WHEN ${chargeType(columns)} = 'usage' THEN coalesce(${columns.cost('PaygCostInBillingCurrency')},
          ${atPrice(columns, 'PayGPrice')}, ${atPrice(columns, 'UnitPrice')}, ${cost}) ELSE ${cost} END`,
        ChargeCategory: `CASE WHEN ${chargeType(columns)} IN ('usage', 'unusedreservation', 'unusedsavingsplan') THEN 'Usage'
          WHEN ${chargeType(columns)} IN ('purchase', 'refund') THEN 'Purchase'
          WHEN ${chargeType(columns)} = 'tax' THEN 'Tax' ELSE 'Adjustment' END`,
        ChargeClass: `CASE WHEN ${chargeType(columns)} = 'refund' THEN 'Correction' END`,
        CommitmentDiscountStatus: `CASE WHEN ${chargeType(columns)} LIKE 'unused%' THEN 'Unused'
          WHEN ${isCovered(columns)} THEN 'Used' END`,
        PricingCategory: `CASE WHEN ${isCommitment(columns)} THEN 'Committed' WHEN ${pricingModel(columns)} = 'spot' THEN 'Dynamic'
          WHEN ${chargeType(columns)} = 'usage' THEN 'Standard' END`,
        PricingQuantity: columns.double('Quantity'),
        PricingUnit: columns.text('UnitOfMeasure'),
        ProviderName: `'Microsoft'`,
        ServiceName: columns.text('MeterCategory'),
        ServiceCategory: columns.text('ServiceFamily'),
        ResourceId: columns.text('ResourceId'),
        ResourceName: nodeName(columns),
        RegionId: `lower(${columns.text('ResourceLocation')})`,
        SkuId: columns.text('MeterId'),
        SkuPriceId: columns.text('PartNumber'),
        instance_type: `CASE WHEN ${columns.text('MeterCategory')} = 'Virtual Machines' AND ${chargeType(columns)} = 'usage'
          THEN ${additionalInfo(columns, 'ServiceType')} END`,
        Tags: columns.has('Tags') ? withBraces(columns, 'Tags') : 'NULL',
        BillingPeriodStart: `date_trunc('month', coalesce(${time(columns, 'BillingPeriodStartDate')}, ${date}))`,
        BillingAccountId: columns.text('BillingAccountId'),
        SubAccountId: columns.text('SubscriptionId'),
        x_CurrencyConversionRate: columns.double('ExchangeRatePricingToBilling'),
      },
    };
  },
};

function chargeType(columns: FileColumns): string {
  return `lower(coalesce(${columns.text('ChargeType')}, 'Usage'))`;
}

function pricingModel(columns: FileColumns): string {
  return `lower(coalesce(${columns.text('PricingModel')}, ''))`;
}

function isCommitment(columns: FileColumns): string {
  return `(${pricingModel(columns)} IN ('reservation', 'savingsplan') OR ${chargeType(columns)} LIKE 'unused%')`;
}

/** Use of a reservation or savings plan: an amortized export shows its share of the commitment, an actual one 0. */
function isCovered(columns: FileColumns): string {
  return `(${isCommitment(columns)} AND ${chargeType(columns)} IN ('usage', 'unusedreservation', 'unusedsavingsplan'))`;
}

/** ISO 8601, or month/day/year as Azure writes it, with or without a time. */
function time(columns: FileColumns, name: string): string {
  return `coalesce(${columns.time(name)},
    TRY_STRPTIME(${columns.text(name)}, ['%m/%d/%Y', '%m/%d/%Y %H:%M:%S', '%Y%m%d']))`;
}

/** Prices are in the pricing currency, the bill is in the billing currency. A price of 0 stands for an unknown one. */
function atPrice(columns: FileColumns, price: string): string {
  return `nullif(TRY_CAST(round(${columns.double(price)} * ${columns.double('Quantity')}
    * coalesce(${columns.double('ExchangeRatePricingToBilling')}, 1), 10) AS DECIMAL(25,10)), 0)`;
}

/** Some exports leave out the outer braces of their JSON. */
function withBraces(columns: FileColumns, name: string): string {
  const text = columns.text(name);
  return `CASE WHEN ${text} IS NULL THEN NULL WHEN starts_with(ltrim(${text}), '{') THEN ${text} ELSE '{' || ${text} || '}' END`;
}

function additionalInfo(columns: FileColumns, key: 'ServiceType' | 'VMName'): string {
  if (!columns.has('AdditionalInfo')) return 'CAST(NULL AS VARCHAR)';
  return `nullif(TRY(json_extract_string(${withBraces(columns, 'AdditionalInfo')}, '/${key}')), '')`;
}

/**
 * The host name of a scale set's machine, as AKS names its nodes: the instance number to base 36 with six digits, so
 * that `aks-gpu-1234-vmss_10` is the node `aks-gpu-1234-vmss00000a`.
 */
function nodeName(columns: FileColumns): string {
  const machine = additionalInfo(columns, 'VMName');
  return `CASE WHEN regexp_full_match(${machine}, '.*-vmss_[0-9]{1,9}')
    THEN regexp_extract(${machine}, '^(.*)_[0-9]+$', 1)
      || lower(to_base(CAST(regexp_extract(${machine}, '_([0-9]+)$', 1) AS BIGINT), 36, 6))
    ELSE coalesce(${machine}, ${columns.text('ResourceName')}, nullif(regexp_extract(${columns.text('ResourceId')}, '[^/]*$'), '')) END`;
}

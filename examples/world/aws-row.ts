import { billingPeriod, utcText } from './calendar.ts';
import { skuId } from './random.ts';

/** Columns of the AWS export, all of FOCUS 1.2 but the last; in this order, as they are sorted by name. */
export const awsColumns = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingAccountType',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'CommitmentDiscountCategory',
  'CommitmentDiscountId',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'ResourceId',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'SkuMeter',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'Tags',
  'x_Operation',
] as const;

export type AwsRow = Readonly<Record<(typeof awsColumns)[number], string | number | null>>;

/** The account that the clusters run in; the number is the one of AWS's documentation. */
export const awsAccount = '123456789012';

/** A charge of nothing, without usage and price. */
export function emptyAwsRow(start: number, end: number): AwsRow {
  const period = billingPeriod(start);
  return {
    BilledCost: 0,
    BillingAccountId: '111122223333',
    BillingAccountName: 'Example Corp',
    BillingAccountType: 'Payer',
    BillingCurrency: 'USD',
    BillingPeriodEnd: period.end,
    BillingPeriodStart: period.start,
    ChargeCategory: 'Usage',
    ChargeClass: null,
    ChargeDescription: null,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: utcText(end),
    ChargePeriodStart: utcText(start),
    CommitmentDiscountCategory: null,
    CommitmentDiscountId: null,
    CommitmentDiscountStatus: null,
    CommitmentDiscountType: null,
    ConsumedQuantity: null,
    ConsumedUnit: null,
    ContractedCost: 0,
    ContractedUnitPrice: null,
    EffectiveCost: 0,
    InvoiceIssuerName: 'Amazon Web Services, Inc.',
    ListCost: 0,
    ListUnitPrice: null,
    PricingCategory: null,
    PricingQuantity: null,
    PricingUnit: null,
    ProviderName: 'AWS',
    PublisherName: 'Amazon Web Services, Inc.',
    RegionId: 'us-east-1',
    ResourceId: null,
    ResourceType: null,
    ServiceCategory: 'Other',
    ServiceName: 'AWS',
    SkuId: null,
    SkuMeter: null,
    SkuPriceId: null,
    SubAccountId: awsAccount,
    SubAccountName: 'ml-platform',
    Tags: null,
    x_Operation: null,
  };
}

/** Metered use at the list price; the four costs are quantity × price, to ten decimals. */
export function usageRow(
  start: number,
  end: number,
  use: {
    readonly quantity: number;
    readonly unit: string;
    readonly unitPrice: number;
    /** Name and FOCUS category. */
    readonly service: readonly [string, string];
    readonly meter: string;
    readonly description: string;
    readonly region: string;
  },
): AwsRow {
  const cost = Number((use.quantity * use.unitPrice).toFixed(10));
  const sku = skuId(`${use.region}/${use.meter}`);
  return {
    ...emptyAwsRow(start, end),
    BilledCost: cost,
    ChargeDescription: use.description,
    ConsumedQuantity: use.quantity,
    ConsumedUnit: use.unit,
    ContractedCost: cost,
    ContractedUnitPrice: use.unitPrice,
    EffectiveCost: cost,
    ListCost: cost,
    ListUnitPrice: use.unitPrice,
    PricingCategory: 'Standard',
    PricingQuantity: use.quantity,
    PricingUnit: use.unit,
    RegionId: use.region,
    ServiceCategory: use.service[1],
    ServiceName: use.service[0],
    SkuId: sku,
    SkuMeter: use.meter,
    // The suffix is what AWS's price list gives every on-demand rate.
    SkuPriceId: `${sku}.JRTCKXETXF.6YS6EN2CT7`,
  };
}

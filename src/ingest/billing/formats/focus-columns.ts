/** The columns that every FOCUS version from 1.0 to 1.2 makes mandatory. https://focus.finops.org/focus-specification/ */
export const mandatoryFocusColumns = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
] as const;

/** Without one of these a row says nothing that could be attributed. */
export const neededColumns = [
  'BilledCost',
  'BillingCurrency',
  'ChargeCategory',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'EffectiveCost',
  'ListCost',
] as const;

/** How a CSV field is converted; a field that does not convert makes its row a rejected one, with its line. */
export const csvTypes: Readonly<Record<string, string>> = {
  BilledCost: 'DECIMAL(25,10)',
  EffectiveCost: 'DECIMAL(25,10)',
  ListCost: 'DECIMAL(25,10)',
  ContractedCost: 'DECIMAL(25,10)',
  ChargePeriodStart: 'TIMESTAMPTZ',
  ChargePeriodEnd: 'TIMESTAMPTZ',
};

/** Columns that the ledger keeps as they are, in the order of its table; absent ones become NULL. */
const keptTextColumns = ['ChargeCategory', 'ChargeClass', 'CommitmentDiscountStatus', 'PricingCategory'] as const;

const keptDimensionColumns = [
  'PricingUnit',
  'ProviderName',
  'ServiceName',
  'ServiceCategory',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'RegionId',
  'SkuId',
  'SkuPriceId',
] as const;

/** Providers' own columns, and conditional ones, that can hold the machine type. */
const machineTypeColumns = [
  'x_InstanceType',
  'x_SkuInstanceType',
  'SkuPriceDetails',
  'SkuMeter',
  'x_UsageType',
  'ChargeDescription',
] as const;

/** Every column that is read when the file has it, spelled as in the specification. */
export const readColumns: readonly string[] = [
  ...neededColumns,
  'ContractedCost',
  ...keptTextColumns.filter((column) => column !== 'ChargeCategory'),
  'PricingQuantity',
  ...keptDimensionColumns,
  ...machineTypeColumns,
  'Tags',
  'BillingPeriodStart',
  'BillingAccountId',
  'SubAccountId',
];

/** Finds the specification's spelling of a header's name, whatever its case. */
export function canonicalColumn(name: string): string | undefined {
  return canonicalByLowerCase.get(name.toLowerCase());
}

const canonicalByLowerCase: ReadonlyMap<string, string> = new Map(
  [...mandatoryFocusColumns, ...readColumns].map((column) => [column.toLowerCase(), column]),
);

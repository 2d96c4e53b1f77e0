import type { FileColumns } from '../file-columns.ts';
import { missingFocusColumns } from '../problems.ts';
import type { BillingFormat } from './billing-format.ts';
import { canonicalColumn, csvTypes, mandatoryFocusColumns, neededColumns, readColumns } from './focus-columns.ts';
import { jsonText } from './json-tags.ts';
import { ofUsageType, onlyNameIn } from './machine-type.ts';

/** FOCUS 1.0 to 1.2. https://focus.finops.org/focus-specification/ */
export const focus: BillingFormat = {
  name: 'focus',
  title: 'FOCUS 1.0 to 1.2',
  columnOf(header) {
    const name = canonicalColumn(header);
    return name !== undefined && readColumns.includes(name) ? name : undefined;
  },
  needed: neededColumns,
  csvTypes,
  neverEmpty: neededColumns,
  columnProblems(path, header) {
    const names = new Set(header.map(canonicalColumn));
    const missing = mandatoryFocusColumns.filter((column) => !names.has(column));
    return missing.length === 0 ? [] : [missingFocusColumns(path, missing)];
  },
  rows: (columns) => ({
    from: 'source',
    columns: {
      ChargePeriodStart: columns.time('ChargePeriodStart'),
      ChargePeriodEnd: columns.time('ChargePeriodEnd'),
      BillingCurrency: `upper(trim(${plain(columns, 'BillingCurrency')}))`,
      BilledCost: columns.cost('BilledCost'),
      EffectiveCost: columns.cost('EffectiveCost'),
      ListCost: columns.cost('ListCost'),
      ContractedCost: columns.cost('ContractedCost'),
      ChargeCategory: plain(columns, 'ChargeCategory'),
      ChargeClass: plain(columns, 'ChargeClass'),
      CommitmentDiscountStatus: plain(columns, 'CommitmentDiscountStatus'),
      PricingCategory: plain(columns, 'PricingCategory'),
      PricingQuantity: columns.double('PricingQuantity'),
      PricingUnit: plain(columns, 'PricingUnit'),
      ProviderName: plain(columns, 'ProviderName'),
      ServiceName: plain(columns, 'ServiceName'),
      ServiceCategory: plain(columns, 'ServiceCategory'),
      ResourceId: plain(columns, 'ResourceId'),
      ResourceName: plain(columns, 'ResourceName'),
      ResourceType: plain(columns, 'ResourceType'),
      RegionId: plain(columns, 'RegionId'),
      SkuId: plain(columns, 'SkuId'),
      SkuPriceId: plain(columns, 'SkuPriceId'),
      instance_type: machineType(columns),
      Tags: columns.has('Tags') ? jsonText(columns, 'Tags') : 'NULL',
      BillingPeriodStart: columns.time('BillingPeriodStart'),
      BillingAccountId: plain(columns, 'BillingAccountId'),
      SubAccountId: plain(columns, 'SubAccountId'),
    },
  }),
};

function plain(columns: FileColumns, name: string): string {
  return `CAST(${columns.raw(name)} AS VARCHAR)`;
}

/**
 * The machine type, such as `g6.xlarge` or `a3-highgpu-8g`: a provider's own column, else FOCUS 1.1's
 * SkuPriceDetails.InstanceType, else what follows the colon of an EC2 usage type, else a ResourceType or description
 * that holds exactly one EC2 or Google machine name.
 */
function machineType(columns: FileColumns): string {
  const present = (...names: readonly string[]): readonly string[] => names.filter((name) => columns.has(name));
  const candidates = [
    ...present('x_InstanceType', 'x_SkuInstanceType').map((name) => columns.text(name)),
    ...present('SkuPriceDetails').flatMap((name) =>
      ['/InstanceType', '/x_InstanceType'].map(
        (pointer) => `TRY(json_extract_string(${jsonText(columns, name)}, '${pointer}'))`,
      ),
    ),
    ...present('SkuMeter', 'x_UsageType').map((name) => ofUsageType(`"${name}"`)),
    ...present('ResourceType', 'ChargeDescription').map((name) => onlyNameIn(`"${name}"`)),
  ];
  return candidates.length === 0 ? 'NULL' : `coalesce(${candidates.join(', ')})`;
}

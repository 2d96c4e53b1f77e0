import { keptDimensionColumns, keptTextColumns } from './focus-columns.ts';

/** Present FOCUS columns with the DuckDB type they have in the file. */
export type PresentColumns = ReadonlyMap<string, string>;

/**
 * The select list that turns a file's columns into `billing_row`'s. Only names from our own lists get into the SQL.
 * Conversions that fail give NULL; validation finds those afterwards.
 */
export function billingProjection(present: PresentColumns): string {
  const column = (name: string): string => (present.has(name) ? `"${name}"` : 'NULL');
  const cost = (name: string): string => `TRY_CAST(${column(name)} AS DECIMAL(25,10))`;
  const time = (name: string): string => `CAST(TRY_CAST(${column(name)} AS TIMESTAMPTZ) AS TIMESTAMP)`;
  const text = (name: string): string => `CAST(${column(name)} AS VARCHAR)`;
  return [
    '$source_id',
    time('ChargePeriodStart'),
    time('ChargePeriodEnd'),
    `upper(trim(${text('BillingCurrency')}))`,
    cost('BilledCost'),
    cost('EffectiveCost'),
    cost('ListCost'),
    cost('ContractedCost'),
    ...keptTextColumns.map(text),
    `TRY_CAST(${column('PricingQuantity')} AS DOUBLE)`,
    ...keptDimensionColumns.map(text),
    machineType(present),
    present.has('Tags') ? jsonText('Tags', present) : 'NULL',
  ].join(',\n  ');
}

/**
 * The machine type, such as `g6.xlarge` or `a3-highgpu-8g`: a provider's own column, else FOCUS 1.1's
 * SkuPriceDetails.InstanceType, else what follows the colon of an EC2 usage type, else a ResourceType or description
 * that holds exactly one EC2 or Google machine name.
 */
function machineType(present: PresentColumns): string {
  const candidates = [
    ...['x_InstanceType', 'x_SkuInstanceType']
      .filter((name) => present.has(name))
      .map((name) => `nullif("${name}", '')`),
    ...['SkuPriceDetails']
      .filter((name) => present.has(name))
      .flatMap((name) =>
        ['/InstanceType', '/x_InstanceType'].map(
          (pointer) => `TRY(json_extract_string(${jsonText(name, present)}, '${pointer}'))`,
        ),
      ),
    ...['SkuMeter', 'x_UsageType']
      .filter((name) => present.has(name))
      .map((name) => `nullif(regexp_extract("${name}", '${usageTypePattern}', 1), '')`),
    ...['ResourceType', 'ChargeDescription']
      .filter((name) => present.has(name))
      .map(
        (name) =>
          `CASE WHEN len(regexp_extract_all("${name}", '${machineNamePattern}')) = 1
            THEN regexp_extract("${name}", '${machineNamePattern}', 1) END`,
      ),
  ];
  return candidates.length === 0 ? 'NULL' : `coalesce(${candidates.join(', ')})`;
}

/** EC2 usage types of machines, such as `USW2-BoxUsage:g6.xlarge`. */
const usageTypePattern = String.raw`(?:BoxUsage|SpotUsage|DedicatedUsage|HostBoxUsage|Reservation):([a-z0-9-]+\.[a-z0-9-]+)`;

/** EC2 (`p5.48xlarge`, `m7i-flex.large`) and Google accelerator and general machines (`a3-highgpu-8g`). */
const machineNamePattern = String.raw`\b([a-z][a-z0-9-]{0,12}\.(?:nano|micro|small|medium|large|[0-9]*xlarge|metal(?:-[0-9a-z]+)?)|(?:a2|a3|a4|a4x|g2|g4|n1|n2|n2d|n4|e2|c2|c2d|c3|c3d|c4|m1|m2|m3)-[a-z]+-[0-9]+g?)\b`;

function jsonText(name: string, present: PresentColumns): string {
  const type = present.get(name) ?? 'VARCHAR';
  if (/^STRUCT\("?key"? .*\)\[\]$/i.test(type)) return `CAST(to_json(map_from_entries("${name}")) AS VARCHAR)`;
  if (/^(MAP|STRUCT)\(/.test(type)) return `CAST(to_json("${name}") AS VARCHAR)`;
  return `nullif(nullif(CAST("${name}" AS VARCHAR), ''), 'NULL')`;
}

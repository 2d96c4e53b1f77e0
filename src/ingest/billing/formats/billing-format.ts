import type { BillingFormatName, Problem } from '../../../domain/index.ts';
import type { FileColumns } from '../file-columns.ts';

/** The columns of the ledger's `billing_source_row`; those that a format leaves out become NULL. */
export type LedgerColumn =
  | 'ChargePeriodStart'
  | 'ChargePeriodEnd'
  | 'BillingCurrency'
  | 'BilledCost'
  | 'EffectiveCost'
  | 'ListCost'
  | 'ContractedCost'
  | 'ChargeCategory'
  | 'ChargeClass'
  | 'CommitmentDiscountStatus'
  | 'PricingCategory'
  | 'PricingQuantity'
  | 'PricingUnit'
  | 'ProviderName'
  | 'ServiceName'
  | 'ServiceCategory'
  | 'ResourceId'
  | 'ResourceName'
  | 'ResourceType'
  | 'RegionId'
  | 'SkuId'
  | 'SkuPriceId'
  | 'instance_type'
  | 'machine_hours'
  | 'Tags'
  | 'BillingPeriodStart'
  | 'BillingAccountId'
  | 'SubAccountId'
  | 'x_CurrencyConversionRate';

/** How a file's rows become the ledger's. */
export interface RowProjection {
  /** A FROM clause over the relation `source`; it may unnest one row of the file into several of the ledger. */
  readonly from: string;
  readonly columns: Readonly<Partial<Record<LedgerColumn, string>>>;
  /** Values that the expressions bind, by the name behind their `$`. */
  readonly bindings?: Readonly<Record<string, string>>;
}

/**
 * One provider's export: how it is told from others by its columns, and the SQL that turns its rows into FOCUS rows.
 */
export interface BillingFormat {
  readonly name: BillingFormatName;
  /** As messages name it. */
  readonly title: string;
  /** Our own name for a column of the file; undefined for columns that are not read. */
  columnOf(header: string): string | undefined;
  /** The key of a tag that has a column of its own. */
  tagKeyOf?(header: string): string | undefined;
  /** Every column, or one of the alternatives, that a file of this format has. */
  readonly needed: readonly (string | readonly string[])[];
  /** How a CSV field is converted; a field that does not convert makes its row a rejected one, with its line. */
  readonly csvTypes: Readonly<Record<string, string>>;
  /** Columns whose empty CSV field makes the row a rejected one. */
  readonly neverEmpty: readonly string[];
  /** Keys of newline-delimited JSON with the type they are read as; absent where the format is never JSON. */
  readonly jsonTypes?: Readonly<Record<string, string>>;
  /** `lines`: an object on each line, the default; `document`: the whole file is one object. */
  readonly jsonLayout?: 'lines' | 'document';
  /** What the file lacks although the format can be read without. */
  columnProblems?(path: string, header: readonly string[]): readonly Problem[];
  rows(columns: FileColumns): RowProjection;
}

export { openLedger, type Ledger, type LedgerOptions } from './ledger.ts';
export { readRow, readRows, type Bindings, type Row } from './rows.ts';
export {
  recallSource,
  storeSource,
  type SourceIdentity,
  type SourceKind,
  type SourceRowCounts,
  type StoredSource,
} from './source-store.ts';
export { attribute, type Attribution, type AttributionRequest } from './attribution/attribute.ts';
export type { NodeFacts, UnitPrice } from './attribution/unit-prices.ts';
export type { UnmatchedPods } from './attribution/unmatched-pods.ts';

export { openLedger, type Ledger } from './ledger.ts';
export { readRow, readRows } from './rows.ts';
export {
  forgetOtherPaths,
  forgetPaths,
  recallSource,
  storeSource,
  type SourceKind,
  type SourceRowCounts,
} from './source-store.ts';
export { attribute, type Attribution } from './attribution/attribute.ts';
export { billPerDay } from './bill-per-day.ts';

export { compactLedger } from './compact.ts';
export { openLedger, type Ledger } from './ledger.ts';
export { exportFormats, exportTables, type ExportFormat } from './export-tables.ts';
export { ledgerStatus, type LedgerStatus } from './ledger-status.ts';
export { queryLedger, type QueryValue } from './query-ledger.ts';
export { openLedgerForReading } from './read-ledger.ts';
export { readRow, readRows } from './rows.ts';
export {
  forgetOtherPaths,
  recallPath,
  forgetPaths,
  recallSource,
  storeSource,
  type SourceKind,
  type SourceRowCounts,
} from './source-store.ts';
export { attribute, type Attribution } from './attribution/attribute.ts';
export { billPerDay } from './bill-per-day.ts';

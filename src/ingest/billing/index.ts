import {
  compareProblems,
  silentProgress,
  type BillingFormatName,
  type CurrencyCode,
  type Progress,
} from '../../domain/index.ts';
import type { Ledger } from '../../ledger/index.ts';
import { ingestFiles, type IngestResult } from '../source-files/index.ts';
import { groupRuns } from './export-runs.ts';
import { loadBillingFile } from './load-billing-file.ts';
import { settleOverlaps, type HeldFile } from './settle-overlaps.ts';

export type { IngestResult } from '../source-files/index.ts';

/** Where billing exports lie; `auto` tells the format by the columns, and the packing is always told by content. */
export interface BillingSource {
  /** A file, a folder or a glob, absolute. */
  readonly path: string;
  readonly format: BillingFormatName | 'auto';
  /** Of formats that name none; OpenCost's own default, USD, when left out. */
  readonly currency?: CurrencyCode;
}

/** Reads billing exports into the ledger; files that it holds already are left, and bad rows and files are reported. */
export async function ingestBilling(
  ledger: Ledger,
  options: { readonly sources: readonly BillingSource[]; readonly progress?: Progress },
): Promise<IngestResult> {
  const held: HeldFile[] = [];
  const result = await ingestFiles<BillingSource>(ledger, {
    kind: 'billing',
    stage: 'reading billing files',
    sources: options.sources,
    progress: options.progress ?? silentProgress,
    wantedInFolder: /^(?!.*manifest\.json$).*\.(csv|gz|parquet|zst|json|jsonl|ndjson)$/i,
    codes: {
      unreadable: 'BILLING_FILE_UNREADABLE',
      truncated: 'BILLING_FILE_TRUNCATED',
      rowInvalid: 'BILLING_ROW_INVALID',
    },
    groupRuns,
    variantOf: ({ currency }) => (currency === undefined || currency === 'USD' ? '' : currency),
    load: loadBillingFile,
    review: ({ path, source, sourceId }) => {
      held.push({ path, sourceId, sourceIndex: options.sources.indexOf(source) });
      return Promise.resolve([]);
    },
  });
  const overlaps = await settleOverlaps(ledger, held);
  return { ...result, problems: [...result.problems, ...overlaps].toSorted(compareProblems) };
}

import type { Problem } from '../../domain/index.ts';

export interface IngestedFile {
  readonly path: string;
  /** SHA-256 in hex of the file's bytes; empty when it could not be read to its end. */
  readonly digest: string;
  /** Billing rows, or metric samples, that the ledger holds of it. */
  readonly rows: number;
  readonly rejectedRows: number;
  readonly status: 'ingested' | 'unchanged' | 'failed';
}

export interface IngestResult {
  readonly files: readonly IngestedFile[];
  readonly problems: readonly Problem[];
}

/** Single rows or lines named per file; the rest is one problem with a count. */
export const listedProblemsMax = 20;

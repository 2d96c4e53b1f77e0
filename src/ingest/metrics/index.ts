import { silentProgress, type Progress } from '../../domain/index.ts';
import type { Ledger } from '../../ledger/index.ts';
import { ingestFiles, type IngestResult } from '../source-files/index.ts';
import { loadMetrics, reviewPodLabels } from './load-metrics.ts';

/** Where metrics files lie; how a file is read is told by its content. */
export interface MetricsSource {
  /** A file, a folder or a glob, absolute. */
  readonly path: string;
  readonly format: 'auto' | 'openmetrics' | 'parquet';
  /** Used for samples without a cluster label. */
  readonly cluster: string | undefined;
}

/** Reads metrics files into the ledger as hourly sums; files that it holds already are left, bad lines are reported. */
export async function ingestMetrics(
  ledger: Ledger,
  options: { readonly sources: readonly MetricsSource[]; readonly progress?: Progress },
): Promise<IngestResult> {
  return ingestFiles<MetricsSource>(ledger, {
    kind: 'metrics',
    stage: 'reading metrics files',
    sources: options.sources,
    progress: options.progress ?? silentProgress,
    wantedInFolder: /\.(prom|om|txt|gz|parquet)$/i,
    codes: {
      unreadable: 'METRICS_FILE_UNREADABLE',
      truncated: 'METRICS_FILE_UNREADABLE',
      rowInvalid: 'METRICS_LINE_INVALID',
    },
    variantOf: (source) => source.cluster ?? '',
    load: loadMetrics,
    review: reviewPodLabels,
  });
}

import { silentProgress, type EpochMs, type Progress } from '../../domain/index.ts';
import type { Ledger } from '../../ledger/index.ts';
import { ingestFiles, type IngestResult } from '../source-files/index.ts';
import { loadMetrics, reviewPodLabels } from './load-metrics.ts';
import { realPacing } from '../http/index.ts';
import { ingestPrometheus } from './prometheus/ingest-prometheus.ts';
import type { PrometheusSource } from './prometheus/source.ts';

export { checkPrometheus } from './prometheus/check-prometheus.ts';
export type { PrometheusSource } from './prometheus/source.ts';

/** Where metrics files lie; how a file is read is told by its content. */
export interface MetricsFiles {
  readonly kind: 'files';
  /** A file, a folder or a glob, absolute. */
  readonly path: string;
  readonly format: 'auto' | 'openmetrics' | 'parquet';
  /** Used for samples without a cluster label. */
  readonly cluster: string | undefined;
}

export type MetricsSource = MetricsFiles | PrometheusSource;

/**
 * Reads metrics files and servers into the ledger as hourly sums. Files that it holds already are left, bad lines are
 * reported; of servers the days of the window are read.
 */
export async function ingestMetrics(
  ledger: Ledger,
  options: {
    readonly sources: readonly MetricsSource[];
    readonly window: { readonly start: EpochMs; readonly end: EpochMs };
    /** The clock: an hour of a server is read when it is over. */
    readonly now: () => number;
    readonly progress?: Progress;
    readonly signal?: AbortSignal;
  },
): Promise<IngestResult> {
  const progress = options.progress ?? silentProgress;
  const files = await ingestFiles<MetricsFiles>(ledger, {
    kind: 'metrics',
    stage: 'reading metrics files',
    sources: options.sources.filter((source) => source.kind === 'files'),
    progress,
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
  const servers = await ingestPrometheus(ledger, {
    sources: options.sources.filter((source) => source.kind === 'prometheus'),
    window: options.window,
    pacing: realPacing(options.now),
    progress,
    signal: options.signal,
  });
  return { files: [...files.files, ...servers.files], problems: [...files.problems, ...servers.problems] };
}

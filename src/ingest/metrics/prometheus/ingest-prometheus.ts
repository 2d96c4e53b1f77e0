import { compareProblems, type EpochMs, type Problem, type Progress } from '../../../domain/index.ts';
import { forgetOtherPaths, readRow, recallPath, type Ledger } from '../../../ledger/index.ts';
import type { IngestedFile, IngestResult } from '../../source-files/index.ts';
import type { Pacing } from '../../http/index.ts';
import { exporterPodsOnly, noGpuSeries, noPodNames } from './problems.ts';
import { daysOf, variantOf } from './source-days.ts';
import { SourceReader } from './source-reader.ts';
import type { PrometheusSource } from './source.ts';

export interface PrometheusIngest {
  readonly sources: readonly PrometheusSource[];
  /** The days that the window touches are read, up to the last whole hour before its end and before now. */
  readonly window: { readonly start: EpochMs; readonly end: EpochMs };
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Where secrets named by variable are looked up. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly pacing: Pacing;
}

/**
 * Reads the hours of metrics servers into the ledger, a UTC day at a time, each in its own transaction. A whole day
 * that is held already is not asked for again; a day that is not over, or was answered in part, is replaced.
 * Days outside the window, and those of servers that are no longer configured, are forgotten.
 */
export async function ingestPrometheus(ledger: Ledger, options: PrometheusIngest): Promise<IngestResult> {
  if (options.sources.length > 0) options.progress.stage('reading metrics servers');
  const results: IngestResult[] = [];
  const held = new Set<string>();
  for (const source of options.sources) results.push(await ingestSource(ledger, source, options, held));
  await forgetOtherPaths(ledger, 'prometheus', held);
  return {
    files: results.flatMap((result) => result.files),
    problems: results.flatMap((result) => result.problems).toSorted(compareProblems),
  };
}

async function ingestSource(
  ledger: Ledger,
  source: PrometheusSource,
  options: PrometheusIngest,
  held: Set<string>,
): Promise<IngestResult> {
  const variant = variantOf(source);
  const days = daysOf(source.url, variant, { ...options.window, nowMs: options.pacing.now() });
  // Whatever comes of this run, what is held of a day stays until it is replaced.
  for (const day of days) held.add(day.wholePath).add(day.openPath);
  const reader = new SourceReader(ledger, source, options, days);
  const files: IngestedFile[] = [];
  const sourceIds: number[] = [];
  try {
    for (const [index, day] of days.entries()) {
      options.progress.step(index, days.length, day.openPath);
      const place = { kind: 'prometheus', path: day.wholePath, variant } as const;
      const known = day.isOver ? await recallPath(ledger, place) : undefined;
      const stored = known === undefined ? await reader.read(day, variant) : { ...known, path: day.wholePath };
      if (stored === undefined) continue;
      held.delete(stored.path === day.wholePath ? day.openPath : day.wholePath);
      sourceIds.push(stored.sourceId);
      const { path, digest, rows } = stored;
      files.push({ path, digest, rows, rejectedRows: 0, status: known === undefined ? 'ingested' : 'unchanged' });
    }
  } finally {
    reader.close();
  }
  return { files, problems: [...reader.problems, ...(await reviewHolders(ledger, source.url, sourceIds))] };
}

/** Whether any GPU was seen, and whether its labels say which pod held it. */
async function reviewHolders(ledger: Ledger, url: string, sourceIds: readonly number[]): Promise<readonly Problem[]> {
  if (sourceIds.length === 0) return [];
  const row = await readRow(
    ledger.connection,
    `SELECT count(DISTINCT (cluster, hostname, gpu, hour)) FILTER (holder = 'unknown') AS unknown_hours,
       count(*) FILTER (holder = 'pod') AS pod_rows, count(DISTINCT (cluster, hostname, gpu, hour)) AS gpu_hours
     FROM gpu_hour WHERE source_id IN (${sourceIds.map(Number).join(', ')})`,
  );
  const gpuHours = row.number('gpu_hours');
  const unknownHours = row.number('unknown_hours');
  if (gpuHours === 0) return [noGpuSeries(url)];
  if (unknownHours > 0) return [exporterPodsOnly(url, unknownHours)];
  return row.number('pod_rows') === 0 ? [noPodNames(url, gpuHours)] : [];
}

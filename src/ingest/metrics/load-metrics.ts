import type { Problem } from '../../domain/index.ts';
import { readRow, type Ledger, type SourceRowCounts } from '../../ledger/index.ts';
import { FileRefused, truncated, type FileLoad } from '../source-files/index.ts';
import { noGpuName, noKnownMetric, noPodLabels, notMetrics, podLabelsAreExporters } from './problems.ts';
import { readExposition, type ExpositionCounts } from './read-exposition.ts';
import { readParquetSamples } from './read-parquet.ts';
import { createSampleStaging, dropSampleStaging, SampleWriter } from './sample-staging.ts';
import { sumByHour } from './sum-by-hour.ts';

export type MetricsLoad = FileLoad<{ readonly cluster: string | undefined }>;

/** Loads one metrics file into `gpu_hour` and `serving_hour`. @throws FileRefused when nothing of it can be used. */
export async function loadMetrics(
  file: MetricsLoad,
): Promise<SourceRowCounts & { readonly problems: readonly Problem[] }> {
  const { connection } = file.ledger;
  await createSampleStaging(connection);
  const counts = await readSamples(file);
  if (counts.samples === 0 && counts.rejectedLines > 0) throw new FileRefused(counts.problems);
  const { seriesWithoutGpu } = await sumByHour(connection, {
    sourceId: file.sourceId,
    cluster: file.source.cluster ?? '',
  });
  await dropSampleStaging(connection);
  return {
    rows: counts.samples,
    rejectedRows: counts.rejectedLines,
    problems: [
      ...counts.problems,
      ...(counts.samples === 0 ? [noKnownMetric(file.path, counts.ignoredSamples)] : []),
      ...(seriesWithoutGpu === 0 ? [] : [noGpuName(file.path, seriesWithoutGpu)]),
    ],
  };
}

async function readSamples(file: MetricsLoad): Promise<ExpositionCounts> {
  const { connection } = file.ledger;
  const { stagedPath, content } = file.staged;
  switch (content) {
    case 'parquet':
      return readParquetSamples(connection, { path: file.path, stagedPath });
    case 'parquet-without-footer':
      throw new FileRefused([truncated('METRICS_FILE_UNREADABLE', file.path)]);
    case 'zstd':
      throw new FileRefused([notMetrics(file.path, 'The file is packed with zstd, which is not read.')]);
    case 'empty':
      throw new FileRefused([notMetrics(file.path, 'The file is empty.')]);
    case 'text': {
      const writer = await SampleWriter.open(connection);
      try {
        return await readExposition({ path: file.path, stagedPath }, writer);
      } finally {
        writer.close();
      }
    }
  }
}

/** Whether the labels of a file's GPU samples say which pod held a GPU. */
export async function reviewPodLabels(file: {
  readonly ledger: Ledger;
  readonly path: string;
  readonly sourceId: number;
}): Promise<readonly Problem[]> {
  const row = await readRow(
    file.ledger.connection,
    `SELECT count(DISTINCT (cluster, hostname, gpu, hour)) FILTER (holder = 'unknown') AS unknown_hours,
       count(*) FILTER (holder = 'pod') AS pod_rows, count(DISTINCT (cluster, hostname, gpu, hour)) AS gpu_hours
     FROM gpu_hour WHERE source_id = $id`,
    { id: file.sourceId },
  );
  const unknownHours = row.number('unknown_hours');
  if (unknownHours > 0) return [podLabelsAreExporters(file.path, unknownHours)];
  const gpuHours = row.number('gpu_hours');
  return gpuHours > 0 && row.number('pod_rows') === 0 ? [noPodLabels(file.path, gpuHours)] : [];
}

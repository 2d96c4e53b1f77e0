import type { DuckDBConnection } from '@duckdb/node-api';
import { readRow } from '../../ledger/index.ts';
import { gpuMetrics, isBlankSql, servingMetrics, type GpuMetric } from './known-metrics.ts';

/** Samples further apart than this say nothing of the time between them. */
const counterGapMaxMs = 3_600_000;

/**
 * Sums the staged samples by the hour into `gpu_hour` and `serving_hour`. A sample that is there twice, same series and
 * time, counts once; blanks, negative and impossible values count as missing.
 * Returns how many GPU series name no GPU and are left out.
 */
export async function sumByHour(
  connection: DuckDBConnection,
  file: { readonly sourceId: number; readonly cluster: string },
): Promise<{ readonly seriesWithoutGpu: number }> {
  await connection.run(gpuPlaceSql, { cluster: file.cluster });
  const unnamed = await readRow(connection, 'SELECT count(*) AS n FROM gpu_place WHERE gpu IS NULL');
  await connection.run(gpuHourSql(), { source_id: file.sourceId });
  await connection.run(servingGaugeSql, { source_id: file.sourceId, cluster: file.cluster });
  await connection.run(servingCounterSql, { source_id: file.sourceId, cluster: file.cluster });
  await connection.run('DROP TABLE gpu_place');
  return { seriesWithoutGpu: unnamed.number('n') };
}

/**
 * Whose GPU it was. Prometheus with honorLabels false moves the workload's labels to exported_*; then pod is the
 * exporter's own. With honorLabels true an idle GPU's series still carry the exporter's pod. Where no series of a
 * cluster names any other pod than the exporter's, the holder is unknown, not absent.
 */
const gpuPlaceSql = `
  CREATE TEMP TABLE gpu_place AS
  WITH labelled AS (
    SELECT *, coalesce(cluster, $cluster) AS place_cluster, coalesce(pod LIKE '%dcgm-exporter%', false) AS is_exporter
    FROM metric_series WHERE metric IN (${gpuMetrics.map(({ name }) => `'${name}'`).join(', ')})),
  resolved AS (
    SELECT *, bool_or(exported_pod IS NOT NULL) OVER (PARTITION BY place_cluster) AS has_exported,
      bool_or(exported_pod IS NOT NULL OR (pod IS NOT NULL AND NOT is_exporter)) OVER (PARTITION BY place_cluster)
        AS has_workload
    FROM labelled),
  named AS (
    SELECT series_id, metric, place_cluster AS cluster,
      CASE WHEN has_exported THEN exported_namespace WHEN is_exporter THEN NULL ELSE namespace END AS namespace,
      CASE WHEN has_exported THEN exported_pod WHEN is_exporter THEN NULL ELSE pod END AS pod,
      CASE WHEN has_exported THEN exported_container WHEN is_exporter THEN NULL ELSE container END AS container,
      has_workload OR NOT is_exporter AS is_known,
      coalesce(hostname, '') AS hostname, coalesce(uuid, 'gpu ' || gpu) AS gpu, coalesce(model, '') AS model,
      coalesce(gpu_instance_id, '') AS gpu_instance_id, coalesce(gpu_instance_profile, '') AS gpu_instance_profile
    FROM resolved),
  held AS (
    SELECT series_id, metric, cluster, hostname, gpu, model, gpu_instance_id, gpu_instance_profile,
      CASE WHEN pod IS NOT NULL THEN 'pod' WHEN is_known THEN 'none' ELSE 'unknown' END AS holder,
      CASE WHEN pod IS NULL THEN '' ELSE coalesce(namespace, '') END AS namespace, coalesce(pod, '') AS pod,
      CASE WHEN pod IS NULL THEN '' ELSE coalesce(container, '') END AS container
    FROM named)
  SELECT *,
    dense_rank() OVER (ORDER BY cluster, hostname, gpu, model, gpu_instance_id, gpu_instance_profile, holder, namespace,
      pod, container) AS place_id
  FROM held`;

function gpuHourSql(): string {
  const limits = gpuMetrics.map(({ name, max }) => `('${name}', ${max})`).join(', ');
  const columns = gpuMetrics.flatMap(metricColumns);
  return `
  INSERT INTO gpu_hour BY NAME
  WITH point AS (
    SELECT place_id, metric, at_ms, max(value) AS value
    FROM metric_sample JOIN gpu_place USING (series_id) JOIN (VALUES ${limits}) AS metric_limit(metric, max_value) USING (metric)
    WHERE gpu IS NOT NULL AND isfinite(value) AND value >= 0 AND value <= max_value AND NOT (${isBlankSql})
      AND NOT (metric = 'DCGM_FI_DEV_GPU_UTIL' AND gpu_instance_id <> '')
    GROUP BY place_id, metric, at_ms),
  metric_hour AS (
    SELECT place_id, metric, at_ms // 3600000 AS epoch_hour, count(*) AS samples,
      sum(TRY_CAST(value AS DECIMAL(18,6))) AS value_sum, min(value) AS value_min, max(value) AS value_max
    FROM point GROUP BY place_id, metric, epoch_hour),
  place AS (SELECT DISTINCT * EXCLUDE (series_id, metric) FROM gpu_place)
  SELECT $source_id AS source_id, any_value(cluster) AS cluster, any_value(namespace) AS namespace,
    any_value(pod) AS pod, any_value(container) AS container, any_value(holder) AS holder,
    any_value(hostname) AS hostname, any_value(gpu) AS gpu, any_value(gpu_instance_id) AS gpu_instance_id,
    any_value(gpu_instance_profile) AS gpu_instance_profile, any_value(model) AS model,
    make_timestamp(epoch_hour * 3600000000) AS hour, max(samples) AS samples,
    ${columns.join(',\n    ')}
  FROM metric_hour JOIN place USING (place_id)
  GROUP BY place_id, epoch_hour`;
}

function metricColumns({ name, column, keep }: GpuMetric): readonly string[] {
  const only = `FILTER (metric = '${name}')`;
  const mean = [
    `any_value(value_sum) ${only} AS ${column}_sum`,
    `coalesce(any_value(samples) ${only}, 0) AS ${column}_samples`,
  ];
  const max = `CAST(any_value(value_max) ${only} AS DECIMAL(18,6)) AS ${column}_max`;
  switch (keep) {
    case 'mean':
      return mean;
    case 'mean-and-max':
      return [...mean, max];
    case 'range':
      return [`any_value(value_min) ${only} AS ${column}_min`, `any_value(value_max) ${only} AS ${column}_max`];
    case 'max':
      return [max];
  }
}

function servingPointSql(type: 'gauge' | 'counter'): string {
  const metrics = servingMetrics.filter((metric) => metric.type === type);
  return `
  serving_metric(metric, measure) AS (VALUES ${metrics.map(({ name, measure }) => `('${name}', '${measure}')`).join(', ')}),
  serving_series AS (
    SELECT series_id, measure, coalesce(cluster, $cluster) AS cluster,
      coalesce(exported_namespace, namespace, '') AS namespace, coalesce(exported_pod, pod) AS pod,
      md5(metric || ' ' || label_text) AS series
    FROM metric_series JOIN serving_metric USING (metric)),
  point AS (
    SELECT cluster, namespace, pod, measure, series, at_ms, max(value) AS value
    FROM metric_sample JOIN serving_series USING (series_id)
    WHERE pod IS NOT NULL AND isfinite(value) AND value BETWEEN 0 AND 1e15
    GROUP BY cluster, namespace, pod, measure, series, at_ms)`;
}

const servingGaugeSql = `
  INSERT INTO serving_hour BY NAME
  WITH ${servingPointSql('gauge')}
  SELECT $source_id AS source_id, cluster, namespace, pod, measure, series,
    make_timestamp((at_ms // 3600000) * 3600000000) AS hour,
    sum(CAST(value AS DECIMAL(24,6))) AS value_sum, count(*) AS samples, NULL AS covered_seconds
  FROM point GROUP BY ALL`;

/** A counter that falls was reset to zero by a restart: what it shows then is all it has counted since. */
const servingCounterSql = `
  INSERT INTO serving_hour BY NAME
  WITH ${servingPointSql('counter')},
  step AS (
    SELECT *, value - lag(value) OVER in_time AS difference, at_ms - lag(at_ms) OVER in_time AS gap_ms
    FROM point WINDOW in_time AS (PARTITION BY cluster, namespace, pod, measure, series ORDER BY at_ms))
  SELECT $source_id AS source_id, cluster, namespace, pod, measure, series,
    make_timestamp(((at_ms - gap_ms // 2) // 3600000) * 3600000000) AS hour,
    sum(CAST(CASE WHEN difference >= 0 THEN difference ELSE value END AS DECIMAL(24,6))) AS value_sum,
    count(*) AS samples, sum(CAST(gap_ms / 1000 AS DECIMAL(18,6))) AS covered_seconds
  FROM step WHERE gap_ms BETWEEN 1 AND ${counterGapMaxMs} GROUP BY ALL`;

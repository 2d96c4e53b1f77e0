import { exactDecimalSql } from './exact-decimal.ts';
import { blankFrom, blankRanges, gpuMetrics, namesOf, type GpuMetric } from './known-metrics.ts';

const isBlankSql = [
  ...blankRanges.map(([first, last]) => `value BETWEEN ${first} AND ${last}`),
  `value >= ${blankFrom}`,
].join(' OR ');

const mayHoldBlankSql = [
  ...blankRanges.map(([first, last]) => `(value_min <= ${last} AND value_max >= ${first})`),
  `value_max >= ${blankFrom}`,
].join(' OR ');

const limits = gpuMetrics
  .flatMap((metric) => namesOf(metric).map((name) => `('${name}', ${metric.max}, ${keepsSum(metric)})`))
  .join(', ');

/** Whether the hour's sum is kept, or only its smallest and largest value. */
export function keepsSum({ keep }: GpuMetric): boolean {
  return keep === 'mean' || keep === 'mean-and-max';
}

/** GPU_UTIL of a MIG instance is 0 by design and says nothing. */
const gpuSeriesSql = `
  gpu_series AS (
    SELECT series_id, place_id, metric, max_value, keeps_sum
    FROM gpu_place JOIN (VALUES ${limits}) AS metric_limit(metric, max_value, keeps_sum) USING (metric)
    WHERE gpu IS NOT NULL AND NOT (metric = 'DCGM_FI_DEV_GPU_UTIL' AND gpu_instance_id <> ''))`;

/** Whether the server's sums of an hour are those of measurements only. */
const isWholeSql = `coalesce((NOT keeps_sum OR isfinite(value_sum)) AND value_count > 0 AND value_min >= 0 AND value_max <= max_value
  AND NOT (${mayHoldBlankSql}), false)`;

/**
 * Hours of a metric that the server's sums cannot tell: blanks among measurements, or two series of one GPU and holder
 * whose samples must be told apart by their times. They are read as raw samples.
 */
export const gpuHoursToReadRawSql = `
  WITH ${gpuSeriesSql}
  SELECT DISTINCT metric, epoch_hour FROM (
    SELECT metric, epoch_hour, NOT ${isWholeSql} AND NOT coalesce(value_min > max_value, false) AS is_mixed,
      count(*) OVER (PARTITION BY place_id, metric, epoch_hour) AS series
    FROM server_hour JOIN gpu_series USING (series_id))
  WHERE is_mixed OR series > 1
  ORDER BY ALL`;

/** Fills `gpu_hour` from raw samples and from the server's hours; a sample that is there twice counts once. */
export function gpuHourSql(): string {
  const columns = gpuMetrics.flatMap(metricColumns);
  return `
  INSERT INTO gpu_hour BY NAME
  WITH ${gpuSeriesSql},
  point AS (
    SELECT place_id, metric, at_ms, max(value) AS value
    FROM metric_sample JOIN gpu_series USING (series_id)
    WHERE isfinite(value) AND value >= 0 AND value <= max_value AND NOT (${isBlankSql})
    GROUP BY place_id, metric, at_ms),
  metric_hour AS (
    SELECT place_id, metric, at_ms // 3600000 AS epoch_hour, count(*) AS samples,
      sum(TRY_CAST(value AS DECIMAL(18,6))) AS value_sum, min(value) AS value_min, max(value) AS value_max
    FROM point GROUP BY place_id, metric, epoch_hour
    UNION ALL
    SELECT place_id, metric, epoch_hour, CAST(value_count AS BIGINT),
      ${exactDecimalSql('value_sum')}, value_min, value_max
    FROM server_hour JOIN gpu_series USING (series_id) WHERE ${isWholeSql}),
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

function metricColumns(metric: GpuMetric): readonly string[] {
  const { column, keep } = metric;
  const only = `FILTER (metric IN (${namesOf(metric)
    .map((name) => `'${name}'`)
    .join(', ')}))`;
  const mean = [`sum(value_sum) ${only} AS ${column}_sum`, `coalesce(sum(samples) ${only}, 0) AS ${column}_samples`];
  const max = `CAST(max(value_max) ${only} AS DECIMAL(18,6)) AS ${column}_max`;
  switch (keep) {
    case 'mean':
      return mean;
    case 'mean-and-max':
      return [...mean, max];
    case 'range':
      return [`min(value_min) ${only} AS ${column}_min`, `max(value_max) ${only} AS ${column}_max`];
    case 'max':
      return [max];
  }
}

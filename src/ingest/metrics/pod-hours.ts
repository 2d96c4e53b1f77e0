import { exactDecimalSql } from './exact-decimal.ts';
import { podMetrics, type PodMetric } from './known-metrics.ts';

const text = (value: string | undefined): string => (value === undefined ? 'NULL' : `'${value}'`);

function podSeriesSql(type: PodMetric['type']): string {
  const rows = podMetrics
    .filter((metric) => metric.type === type)
    .map(
      ({ name, measure, scale, when, ofContainer }) =>
        `('${name}', '${measure}', ${scale ?? 1}::DOUBLE, ${text(when?.label)}, ${text(when?.value)}, ${ofContainer === true})`,
    );
  return `
  pod_metric(metric, measure, scale, when_label, when_value, of_container) AS (VALUES ${rows.join(', ')}),
  pod_series AS (
    SELECT series_id, metric, '${type}' AS type, measure, scale, coalesce(cluster, $cluster) AS cluster,
      coalesce(exported_namespace, namespace, '') AS namespace, coalesce(exported_pod, pod) AS pod,
      md5(metric || ' ' || label_text) AS series
    FROM metric_series JOIN pod_metric USING (metric)
    WHERE coalesce(exported_pod, pod) IS NOT NULL
      AND (when_label IS NULL OR when_value = CASE when_label WHEN 'resource' THEN resource ELSE reporter END)
      AND (NOT of_container OR coalesce(nullif(coalesce(exported_container, container), 'POD'), '') <> ''))`;
}

const pointSql = `
  point AS (
    SELECT cluster, namespace, pod, measure, series, at_ms, CAST(max(value * scale) AS DECIMAL(24,6)) AS value
    FROM metric_sample JOIN pod_series USING (series_id)
    WHERE isfinite(value) AND value BETWEEN 0 AND 1e15
    GROUP BY cluster, namespace, pod, measure, series, at_ms)`;

const isWholeSql = `coalesce((type = 'counter' OR isfinite(value_sum)) AND value_count > 0 AND value_min >= 0 AND value_max <= 1e15, false)`;

const columns = `$source_id AS source_id, cluster, namespace, pod, measure, series`;

export const podGaugeHourSql = `
  INSERT INTO serving_hour BY NAME
  WITH ${podSeriesSql('gauge')}, ${pointSql}
  SELECT ${columns}, make_timestamp((at_ms // 3600000) * 3600000000) AS hour,
    CAST(sum(value) AS DECIMAL(38,6)) AS value_sum, count(*) AS samples, NULL AS covered_seconds
  FROM point GROUP BY ALL
  UNION ALL BY NAME
  SELECT ${columns}, make_timestamp(epoch_hour * 3600000000) AS hour,
    ${exactDecimalSql('(value_sum * scale)')} AS value_sum, CAST(value_count AS BIGINT) AS samples,
    NULL AS covered_seconds
  FROM server_hour JOIN pod_series USING (series_id) WHERE ${isWholeSql}`;

/**
 * A counter's hour runs from its last sample of the hour before to its last sample of the hour; without an hour before,
 * from its first sample. A counter that falls was reset to zero by a restart: what it shows then is all it has counted
 * since. A sample at the full hour is the last one of the hour that ends there.
 */
export const podCounterHourSql = `
  INSERT INTO serving_hour BY NAME
  WITH ${podSeriesSql('counter')}, ${pointSql},
  step AS (
    SELECT *, (at_ms - 1) // 3600000 AS epoch_hour, lag(value) OVER in_hour AS value_before
    FROM point
    WINDOW in_hour AS (PARTITION BY cluster, namespace, pod, measure, series, (at_ms - 1) // 3600000 ORDER BY at_ms)),
  counter_hour AS (
    SELECT cluster, namespace, pod, measure, series, epoch_hour, count(*) AS samples,
      arg_min(value, at_ms) AS first_value, arg_max(value, at_ms) AS last_value,
      min(at_ms) AS first_ms, max(at_ms) AS last_ms,
      sum(CASE WHEN value_before IS NULL THEN 0 WHEN value >= value_before THEN value - value_before ELSE value END)
        AS increase
    FROM step GROUP BY cluster, namespace, pod, measure, series, epoch_hour
    UNION ALL
    SELECT cluster, namespace, pod, measure, series, epoch_hour, CAST(value_count AS BIGINT),
      CAST(value_min * scale AS DECIMAL(24,6)), CAST(value_max * scale AS DECIMAL(24,6)),
      NULL, CAST(round(last_at * 1000) AS BIGINT),
      CAST(value_max * scale AS DECIMAL(24,6)) - CAST(value_min * scale AS DECIMAL(24,6))
    FROM server_hour JOIN pod_series USING (series_id) WHERE ${isWholeSql} AND resets = 0 AND last_at IS NOT NULL),
  joined AS (
    SELECT *, lag(epoch_hour) OVER in_time = epoch_hour - 1 AS has_before,
      lag(last_value) OVER in_time AS value_before, lag(last_ms) OVER in_time AS ms_before
    FROM counter_hour WINDOW in_time AS (PARTITION BY cluster, namespace, pod, measure, series ORDER BY epoch_hour)),
  counted AS (
    SELECT *, last_ms - CASE WHEN has_before THEN ms_before ELSE first_ms END AS covered_ms,
      increase + CASE WHEN NOT coalesce(has_before, false) THEN 0
        WHEN first_value >= value_before THEN first_value - value_before ELSE first_value END AS value_sum
    FROM joined)
  SELECT ${columns}, make_timestamp(epoch_hour * 3600000000) AS hour, CAST(value_sum AS DECIMAL(38,6)) AS value_sum,
    samples, CAST(covered_ms / 1000 AS DECIMAL(38,6)) AS covered_seconds
  FROM counted WHERE covered_ms > 0 AND epoch_hour >= $first_hour`;

/** As for GPUs: hours of a metric whose server sums hold values that are no measurements, or of a series there twice. */
export const podGaugeHoursToReadRawSql = `
  WITH ${podSeriesSql('gauge')}
  SELECT DISTINCT metric, epoch_hour FROM (
    SELECT metric, epoch_hour, NOT ${isWholeSql} AND NOT coalesce(value_min > 1e15, false) AS is_mixed,
      count(*) OVER (PARTITION BY cluster, namespace, pod, measure, series, epoch_hour) AS series_count
    FROM server_hour JOIN pod_series USING (series_id))
  WHERE is_mixed OR series_count > 1
  ORDER BY ALL`;

/**
 * Hours of a counter in which its smallest and largest value are not its first and last: a restart, a beginning, an end
 * before the hour's, or a series there twice. A fall between hours is looked for as well, as `resets` of Thanos is always 0:
 * it takes counters for ever growing before the function sees them.
 */
export const podCounterHoursToReadRawSql = `
  WITH ${podSeriesSql('counter')}
  SELECT DISTINCT metric, epoch_hour FROM (
    SELECT metric, epoch_hour,
      NOT (${isWholeSql} AND coalesce(resets = 0, false) AND last_at IS NOT NULL) AS is_mixed,
      epoch_hour >= $first_hour AND lag(epoch_hour) OVER in_time IS DISTINCT FROM epoch_hour - 1 AS begins,
      coalesce(value_min < lag(value_max) OVER in_time OR value_max > lead(value_min) OVER in_time, false) AS falls,
      count(*) OVER (PARTITION BY cluster, namespace, pod, measure, series, epoch_hour) AS series_count
    FROM server_hour JOIN pod_series USING (series_id)
    WINDOW in_time AS (PARTITION BY cluster, namespace, pod, measure, series ORDER BY epoch_hour))
  WHERE is_mixed OR begins OR falls OR series_count > 1
  ORDER BY ALL`;

import { gpuMetrics, namesOf } from './known-metrics.ts';

const dcgmNames = gpuMetrics
  .flatMap(namesOf)
  .map((name) => `'${name}'`)
  .join(', ');

/**
 * Makes `gpu_place`: whose GPU each series is of. Prometheus with honorLabels false moves the workload's labels to
 * exported_*; then pod is the exporter's own. With honorLabels true an idle GPU's series still carry the exporter's pod.
 * Where no series of a cluster names any other pod than the exporter's, the holder is unknown, not absent.
 */
export const gpuPlaceSql = `
  CREATE OR REPLACE TEMP TABLE gpu_place AS
  WITH labelled AS (
    SELECT *, coalesce(cluster, $cluster) AS place_cluster, coalesce(pod LIKE '%dcgm-exporter%', false) AS is_exporter
    FROM metric_series WHERE metric IN (${dcgmNames})),
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
      coalesce(hostname, regexp_replace(instance, ':[0-9]+$', ''), '') AS hostname,
      coalesce(uuid, 'gpu ' || gpu) AS gpu, coalesce(model, '') AS model,
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

/** The labels that name what a sample belongs to, as columns of the staging table `metric_series`. */
export const seriesLabels = [
  { column: 'cluster', labels: ['cluster', 'k8s_cluster_name'] },
  { column: 'namespace', labels: ['namespace'] },
  { column: 'pod', labels: ['pod'] },
  { column: 'container', labels: ['container'] },
  { column: 'exported_namespace', labels: ['exported_namespace', 'pod_namespace'] },
  { column: 'exported_pod', labels: ['exported_pod', 'pod_name'] },
  { column: 'exported_container', labels: ['exported_container', 'container_name'] },
  { column: 'hostname', labels: ['Hostname', 'hostname'] },
  { column: 'uuid', labels: ['UUID', 'uuid'] },
  { column: 'gpu', labels: ['gpu'] },
  { column: 'model', labels: ['modelName'] },
  { column: 'gpu_instance_id', labels: ['GPU_I_ID'] },
  { column: 'gpu_instance_profile', labels: ['GPU_I_PROFILE'] },
] as const;

/** Labels that tell one inference server's series from another's; Parquet files may have them as columns. */
export const servingLabels = ['instance', 'model', 'model_name', 'version', 'engine', 'finished_reason'] as const;

/** The labels that name what a sample belongs to, as columns of the staging table `metric_series`. */
export const seriesLabels = [
  { column: 'cluster', labels: ['cluster', 'k8s_cluster_name'] },
  { column: 'namespace', labels: ['namespace'] },
  { column: 'pod', labels: ['pod'] },
  { column: 'container', labels: ['container'] },
  { column: 'exported_namespace', labels: ['exported_namespace', 'pod_namespace'] },
  { column: 'exported_pod', labels: ['exported_pod', 'pod_name'] },
  { column: 'exported_container', labels: ['exported_container', 'container_name'] },
  { column: 'hostname', labels: ['Hostname', 'hostname', 'node', 'kubernetes_node'] },
  { column: 'instance', labels: ['instance'] },
  { column: 'uuid', labels: ['UUID', 'uuid'] },
  { column: 'gpu', labels: ['gpu'] },
  { column: 'model', labels: ['modelName'] },
  { column: 'gpu_instance_id', labels: ['GPU_I_ID'] },
  { column: 'gpu_instance_profile', labels: ['GPU_I_PROFILE'] },
  { column: 'node', labels: ['node'] },
  { column: 'resource', labels: ['resource'] },
  { column: 'reporter', labels: ['reporter'] },
  { column: 'replicaset', labels: ['replicaset'] },
  { column: 'owner_kind', labels: ['owner_kind', 'created_by_kind'] },
  { column: 'owner_name', labels: ['owner_name', 'created_by_name'] },
] as const;

/** Labels that tell one series of a pod from another; Parquet files may have them as columns. */
export const podSeriesLabels = [
  'instance',
  'model',
  'model_name',
  'version',
  'engine',
  'finished_reason',
  'interface',
  'cpu',
  'id',
  'reporter',
  'response_code',
] as const;

/**
 * The labels of a series as one text, the same whatever their order and whichever way they were read. The name of the
 * metric is not part of it.
 */
export function labelText(labels: ReadonlyMap<string, string>): string {
  const named = [...labels].filter(([name, value]) => name !== '__name__' && value !== '');
  return JSON.stringify(named.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Which billing tags name what a charge is for; of each list the first key that a row carries counts. */
export interface AttributionTagKeys {
  readonly cluster: readonly string[];
  readonly namespace: readonly string[];
  /** The workload's or its controller's name, such as `clip-server` or `clip-server-6d4f9c7b8`. */
  readonly workload: readonly string[];
  /** Only chooses between workloads of one name. */
  readonly kind: readonly string[];
  /** The Kubernetes node that the charge is for, where neither ResourceId nor ResourceName holds its name. */
  readonly node: readonly string[];
}

/**
 * The tags that EKS split cost allocation and GKE cost allocation write by themselves.
 * https://docs.aws.amazon.com/cur/latest/userguide/split-cost-allocation-data.html
 * https://cloud.google.com/kubernetes-engine/docs/how-to/cost-allocations
 */
export const defaultAttributionTagKeys: AttributionTagKeys = {
  cluster: ['aws:eks:cluster-name', 'goog-k8s-cluster-name', 'k8s-cluster-name'],
  namespace: ['aws:eks:namespace', 'k8s-namespace'],
  workload: ['aws:eks:workload-name', 'k8s-workload-name'],
  kind: ['aws:eks:workload-type', 'k8s-workload-type'],
  node: ['aws:eks:node', 'kubernetes.io/hostname'],
};

import type { Brand } from './brand.ts';
import type { Lever, PauseVerb, SourcePlace } from './workload.ts';

/** `cluster/namespace/group/Kind/name`, each part percent-encoded; one part more than a workload's id. */
export type CapacityPoolId = Brand<string, 'CapacityPoolId'>;

/** Machines, or a share of them, as declared in Git: a node group, an autoscaled pool of nodes, a queue with a quota. */
export interface CapacityPool {
  readonly id: CapacityPoolId;
  readonly cluster: string;
  /** Undefined for objects that belong to the whole cluster. */
  readonly namespace: string | undefined;
  readonly apiVersion: string;
  readonly kind: string;
  /** Of an object that declares several pools: the object's name, a slash, the pool's. */
  readonly name: string;
  readonly declaredIn: SourcePlace;
  /** `replicas` and its bounds count nodes; `gpuCount` is the most GPUs that the pool may hold or grant. */
  readonly levers: readonly Lever[];
  readonly pause: PauseVerb | undefined;
}

export function capacityPoolId(pool: {
  readonly cluster: string;
  readonly namespace: string | undefined;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}): CapacityPoolId {
  const parts = [pool.cluster, pool.namespace ?? '', pool.group, pool.kind, pool.name];
  return parts.map(encodeURIComponent).join('/') as CapacityPoolId;
}

import { findLever, type CapacityPool, type Workload } from '../domain/index.ts';
import type { CapacityCheck } from './change-check.ts';
import { isStopped, runningReplicas } from './running-replicas.ts';

/**
 * Whether the pools of a workload's machines hold what every workload on them asks for at most. Said only where pools name
 * the machine and all of them have a limit; what else runs there is not known, so that it may still be too little.
 */
export function checkPools(
  workload: Workload,
  declared: { readonly workloads: readonly Workload[]; readonly capacity: readonly CapacityPool[] },
): readonly CapacityCheck[] {
  const { cluster, instanceType, gpu } = workload;
  if (instanceType === undefined || gpu.kind === 'none') return [];
  const pools = declared.capacity.filter(
    (pool) => pool.cluster === cluster && findLever(pool, 'instanceType')?.current === instanceType,
  );
  const limits = pools.map((pool) => findLever(pool, 'gpuCount')?.current);
  const [pool] = pools;
  if (pool === undefined || !limits.every((limit) => typeof limit === 'number')) return [];
  const limitGpus = limits.reduce((sum, limit) => sum + limit, 0);
  const asking = declared.workloads.filter(
    (other) => other.cluster === cluster && other.instanceType === instanceType && !isStopped(other),
  );
  const askedGpus = asking.reduce((sum, other) => sum + gpusAtMost(other), 0);
  const outcome = askedGpus > limitGpus ? 'exceeds' : 'fits';
  const isOpen = asking.some(({ replicas }) => replicas === undefined);
  const what = `${asking.length} ${asking.length === 1 ? 'workload asks' : 'workloads ask'} for ${isOpen ? 'at least' : 'at most'} ${askedGpus} GPUs of ${instanceType} in ${cluster}`;
  const names = pools.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return [{ pool, limitGpus, askedGpus, outcome, summary: `${what}; the limit of ${names} is ${limitGpus}` }];
}

/** A kind that runs to completion is counted as one pod: how many it starts is not read. */
function gpusAtMost(workload: Workload): number {
  const perReplica = workload.gpu.kind === 'devices' ? workload.gpu.perReplica : 0;
  return perReplica * (runningReplicas(workload, undefined, 1)?.high ?? 1);
}

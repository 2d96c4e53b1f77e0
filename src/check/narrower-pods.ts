import type { Workload } from '../domain/index.ts';
import { demandGpus, quantile } from '../recommend/index.ts';
import type { Past } from './cheaper-options.ts';
import type { CheaperOption } from './check-report.ts';

const demandQuantile = 0.99;

/**
 * Says where pods with several GPUs keep fewer of them busy. It is told, never suggested as an edit: whether a model fits
 * on fewer GPUs cannot be read from how busy they were.
 */
export function narrowerPods(workload: Workload, past: Past, targetUtilRatio: number): readonly CheaperOption[] {
  const { gpu } = workload;
  const pastGpu = past.workload.gpu;
  if (gpu.kind === 'none' || pastGpu.kind === 'none' || gpu.perReplica < 2) return [];
  if (gpu.perReplica !== pastGpu.perReplica) return [];
  const { hours } = past.usage;
  const running = hours.reduce((sum, { gpuCount }) => sum + gpuCount, 0) / Math.max(1, hours.length);
  const demand = quantile(demandGpus(hours), demandQuantile);
  if (demand === undefined || running === 0) return [];
  const busyOfPod = (demand / running) * gpu.perReplica;
  const enough = Math.max(1, Math.ceil(busyOfPod / targetUtilRatio));
  if (enough >= gpu.perReplica) return [];
  const { id, cluster, namespace, kind, name } = workload;
  const whose = past.likened === undefined ? 'it' : past.likened;
  return [
    {
      workload: { id, cluster, namespace, kind, name },
      change: `GPUs a replica ${gpu.perReplica} → ${enough}`,
      reason: `${whose} kept ${busyOfPod.toFixed(1)} of the ${gpu.perReplica} GPUs of a replica busy in its busiest hours (p99 of ${hours.length}); whether its model fits on fewer is for you to say`,
      savingPerMonth: undefined,
      suggestion: undefined,
    },
  ];
}

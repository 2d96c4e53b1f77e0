import { metricHours, metricStart, hourMs, octoberHour } from './calendar.ts';
import { activityAt, unusedActivity, type Activity } from './activity.ts';
import { gpuUuid, hostname, podName } from './pods.ts';
import type { Shapes } from './shapes.ts';
import { fleet, idleMachines, type FleetWorkload, type Machine } from './workloads.ts';

/** One value of one series, with dcgm-exporter's labels. */
export interface Sample {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly metric: string;
  readonly value: number;
  readonly labels: SampleLabels;
}

export interface SampleLabels {
  readonly cluster: string;
  readonly Hostname: string;
  readonly gpu: string;
  readonly UUID: string;
  readonly modelName: string;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly GPU_I_ID: string | undefined;
  readonly GPU_I_PROFILE: string | undefined;
}

/** The exporter of clip-server's first node was down on the 9th of October from 3 to 8 in the morning. */
const exporterGap = { from: octoberHour(9) + 3, to: octoberHour(9) + 8 };

/** All samples of a cluster, one an hour, in the middle of it. */
export function* clusterSamples(cluster: FleetWorkload['cluster'], shapes: Shapes): Generator<Sample> {
  for (const workload of fleet.filter((candidate) => candidate.cluster === cluster))
    yield* workloadSamples(workload, shapes);
  for (const [index, idle] of idleMachines.filter((candidate) => candidate.cluster === cluster).entries())
    yield* idleSamples(idle.machine, cluster, index);
}

function* workloadSamples(workload: FleetWorkload, shapes: Shapes): Generator<Sample> {
  for (let hour = 0; hour < metricHours; hour += 1) {
    for (let pod = 0; pod < workload.podsAt(hour); pod += 1) {
      const isLost = workload.name === 'clip-server' && pod === 0 && hour >= exporterGap.from && hour < exporterGap.to;
      if (!isLost) yield* podSamples(workload, shapes, { hour, pod });
    }
  }
}

function* podSamples(
  workload: FleetWorkload,
  shapes: Shapes,
  at: { readonly hour: number; readonly pod: number },
): Generator<Sample> {
  const isMig = workload.migProfile !== undefined;
  // All MIG slices are cut from the card of the first machine.
  const host = hostname(workload, isMig ? 0 : at.pod);
  const timestamp = (metricStart + at.hour * hourMs) / 1000 + 1800;
  for (let gpu = 0; gpu < workload.gpusPerPod; gpu += 1) {
    const activity = activityAt(workload, shapes, { ...at, gpu });
    if (activity === undefined) continue;
    const labels: SampleLabels = {
      cluster: workload.cluster,
      Hostname: host,
      gpu: String(gpu),
      UUID: gpuUuid(host, gpu),
      modelName: workload.machine.modelName,
      namespace: workload.namespace,
      pod: podName(workload, at.pod, at.hour),
      container: 'main',
      GPU_I_ID: isMig ? String(7 + at.pod) : undefined,
      GPU_I_PROFILE: workload.migProfile,
    };
    const framebufferMib = isMig ? 4864 : workload.machine.framebufferMib;
    yield* gpuSamples(activity, { timestamp, labels, framebufferMib });
    if (activity.queue !== undefined && gpu === 0) {
      yield { timestamp, metric: 'vllm:num_requests_waiting', value: round(activity.queue, 2), labels };
    }
  }
}

function* idleSamples(machine: Machine, cluster: FleetWorkload['cluster'], index: number): Generator<Sample> {
  const host = hostname({ cluster, namespace: 'none', name: 'idle' }, index);
  for (let hour = 0; hour < metricHours; hour += 1) {
    const timestamp = (metricStart + hour * hourMs) / 1000 + 1800;
    for (let gpu = 0; gpu < machine.gpuCount; gpu += 1) {
      const labels: SampleLabels = {
        cluster,
        Hostname: host,
        gpu: String(gpu),
        UUID: gpuUuid(host, gpu),
        modelName: machine.modelName,
        namespace: undefined,
        pod: undefined,
        container: undefined,
        GPU_I_ID: undefined,
        GPU_I_PROFILE: undefined,
      };
      yield* gpuSamples(unusedActivity(machine, `${host}/${gpu}/${hour}`), {
        timestamp,
        labels,
        framebufferMib: machine.framebufferMib,
      });
    }
  }
}

function* gpuSamples(
  activity: Activity,
  of: { readonly timestamp: number; readonly labels: SampleLabels; readonly framebufferMib: number },
): Generator<Sample> {
  const { timestamp, labels, framebufferMib } = of;
  const used = Math.round(activity.framebufferMib);
  const values: readonly (readonly [string, number])[] = [
    ['DCGM_FI_DEV_GPU_UTIL', Math.round(activity.gpuUtil * 100)],
    ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', round(activity.grEngine, 3)],
    ['DCGM_FI_PROF_SM_ACTIVE', round(activity.sm, 3)],
    ['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', round(activity.tensor, 3)],
    ['DCGM_FI_PROF_DRAM_ACTIVE', round(activity.dram, 3)],
    ['DCGM_FI_DEV_FB_USED', used],
    ['DCGM_FI_DEV_FB_FREE', framebufferMib - used],
    ['DCGM_FI_DEV_POWER_USAGE', round(activity.powerWatts, 1)],
  ];
  for (const [metric, value] of values) yield { timestamp, metric, value, labels };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

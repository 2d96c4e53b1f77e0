import { activityAt, migCardWatts, requestsAt, unused, type Activity } from './activity.ts';
import { hourMs, metricHours, metricStart, octoberHour } from './calendar.ts';
import type { Machine } from './machines.ts';
import { gpuUuid, hostname, podName } from './pods.ts';
import { seededRandom } from './random.ts';
import type { Shapes } from './shapes.ts';
import { fleet, idleMachines, migSlicesPerCard, type Cluster, type FleetWorkload } from './workloads.ts';

export const labelNames = [
  'cluster',
  'Hostname',
  'gpu',
  'UUID',
  'modelName',
  'namespace',
  'pod',
  'container',
  'GPU_I_ID',
  'GPU_I_PROFILE',
] as const;

/** A label that a series does not have is absent, as dcgm-exporter leaves it out. */
export type SampleLabels = Readonly<Partial<Record<(typeof labelNames)[number], string>>> & {
  readonly cluster: string;
};

/** One value of one series, with the labels of dcgm-exporter or vLLM. */
export interface Sample {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly metric: string;
  readonly value: number;
  readonly labels: SampleLabels;
}

/** The exporter of clip-server's first node was down on the 9th of October from 3 to 8 in the morning. */
const exporterGap = { name: 'clip-server', pod: 0, from: octoberHour(9) + 3, to: octoberHour(9) + 8 };

/** The first GPU instance of the profile 1g.5gb on an A100 has this number. */
const firstMigInstance = 7;
const migFramebufferMib = 4864;

/** All samples of a cluster, one an hour in the middle of it, series by series and hour by hour. */
export function* clusterSamples(cluster: Cluster, shapes: Shapes): Generator<Sample> {
  for (let hour = 0; hour < metricHours; hour += 1) {
    for (const workload of fleet) if (workload.cluster === cluster) yield* workloadSamples(workload, shapes, hour);
    if (cluster !== 'prod-us') continue;
    for (const [index, machine] of idleMachines.entries()) yield* idleMachineSamples(machine, index, hour);
  }
}

function timestampOf(hour: number): number {
  return (metricStart + hour * hourMs) / 1000 + 1800;
}

function* workloadSamples(workload: FleetWorkload, shapes: Shapes, hour: number): Generator<Sample> {
  for (let pod = 0; pod < workload.podsAt(hour); pod += 1) {
    if (!isLost(workload, pod, hour)) yield* podSamples(workload, shapes, { hour, pod });
    yield* requestSamples(workload, shapes, { hour, pod });
  }
  if (workload.migProfile !== undefined) yield* idleSliceSamples(workload, shapes, hour);
}

function isLost(workload: FleetWorkload, pod: number, hour: number): boolean {
  return (
    workload.name === exporterGap.name && pod === exporterGap.pod && hour >= exporterGap.from && hour < exporterGap.to
  );
}

function* podSamples(
  workload: FleetWorkload,
  shapes: Shapes,
  at: { readonly hour: number; readonly pod: number },
): Generator<Sample> {
  const isMig = workload.migProfile !== undefined;
  // All MIG slices are cut from the card of the first machine.
  const host = hostname(workload, isMig ? 0 : at.pod);
  for (let gpu = 0; gpu < workload.gpusPerPod; gpu += 1) {
    const activity = activityAt(workload, shapes, { ...at, gpu });
    if (activity === undefined) continue;
    const labels: SampleLabels = {
      ...cardLabels(workload.cluster, workload.machine, { host, gpu }),
      namespace: workload.namespace,
      pod: podName(workload, at.pod, at.hour),
      container: 'main',
      ...(isMig ? migLabels(workload, at.pod) : {}),
    };
    const framebufferMib = isMig ? migFramebufferMib : workload.machine.framebufferMib;
    yield* gpuSamples(activity, { timestamp: timestampOf(at.hour), labels, framebufferMib });
  }
}

/** vLLM is scraped at the pod: its series know nothing of the card. */
function* requestSamples(
  workload: FleetWorkload,
  shapes: Shapes,
  at: { readonly hour: number; readonly pod: number },
): Generator<Sample> {
  const requests = requestsAt(workload, shapes, at);
  if (requests === undefined) return;
  const labels: SampleLabels = {
    cluster: workload.cluster,
    namespace: workload.namespace,
    pod: podName(workload, at.pod, at.hour),
    container: 'main',
  };
  const timestamp = timestampOf(at.hour);
  yield { timestamp, metric: 'vllm:num_requests_running', value: round(requests.running, 1), labels };
  yield { timestamp, metric: 'vllm:num_requests_waiting', value: round(requests.waiting, 1), labels };
}

function* idleSliceSamples(workload: FleetWorkload, shapes: Shapes, hour: number): Generator<Sample> {
  const host = hostname(workload, 0);
  const powerWatts = migCardWatts(workload, shapes, hour);
  for (let slice = workload.podsAt(hour); slice < migSlicesPerCard; slice += 1) {
    const activity = { ...unused(workload.machine, () => 0), powerWatts };
    const labels = {
      ...cardLabels(workload.cluster, workload.machine, { host, gpu: 0 }),
      ...migLabels(workload, slice),
    };
    yield* gpuSamples(activity, { timestamp: timestampOf(hour), labels, framebufferMib: migFramebufferMib });
  }
}

function* idleMachineSamples(machine: Machine, index: number, hour: number): Generator<Sample> {
  const host = hostname(idleMachineOwner, index);
  for (let gpu = 0; gpu < machine.gpuCount; gpu += 1) {
    const activity = unused(machine, seededRandom(`${host}/${gpu}/${hour}`));
    const labels = cardLabels('prod-us', machine, { host, gpu });
    yield* gpuSamples(activity, { timestamp: timestampOf(hour), labels, framebufferMib: machine.framebufferMib });
  }
}

/** Seeds the names of the machines that nobody uses. */
export const idleMachineOwner = { cluster: 'prod-us', namespace: 'none', name: 'idle' } as const;

function cardLabels(
  cluster: Cluster,
  machine: Machine,
  card: { readonly host: string; readonly gpu: number },
): SampleLabels {
  const { host, gpu } = card;
  return { cluster, Hostname: host, gpu: String(gpu), UUID: gpuUuid(host, gpu), modelName: machine.modelName };
}

function migLabels(workload: FleetWorkload, slice: number): Pick<SampleLabels, 'GPU_I_ID' | 'GPU_I_PROFILE'> {
  return { GPU_I_ID: String(firstMigInstance + slice), GPU_I_PROFILE: workload.migProfile ?? '' };
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

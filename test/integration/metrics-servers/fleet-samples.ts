import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { group } from 'd3-array';

/** Midnight UTC; in the past, as servers refuse samples of the future. */
export const fleetStart = Date.UTC(2024, 9, 1);

type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly metric: string;
  readonly labels: Labels;
  /** Undefined: no sample then. */
  readonly valueAt: (atMs: number, index: number) => number | string | undefined;
}

/** As dcgm-exporter writes values: bytes as integers, all else with six decimals. */
const six = (value: number): number => Math.round(value * 1e6) / 1e6;

const hour = 3_600_000;

function gpu(index: number, more: Labels = {}): Labels {
  return {
    gpu: String(index),
    UUID: `GPU-${index}`,
    device: `nvidia${index}`,
    modelName: 'NVIDIA A100-SXM4-80GB',
    Hostname: `node-${index % 2}`,
    ...more,
  };
}

const clip = { namespace: 'inference', pod: 'clip-server-6d4f9c7b8-x7k2p', container: 'server' };
const chat = { namespace: 'inference', pod: 'llama-chat-5b6c7d8e9f-q2w3e', container: 'vllm' };

/** GPUs with what real exporters do: blanks, gaps, resets, hand-overs, MIG, time-slicing, NaN. */
function fleetSeries(): readonly Series[] {
  const wave =
    (scale: number, phase: number) =>
    (atMs: number): number =>
      (scale > 1e6 ? Math.round : six)(scale * (0.5 + 0.5 * Math.sin(atMs / 5e6 + phase)));
  const within =
    (valueAt: Series['valueAt'], from: number, to: number): Series['valueAt'] =>
    (atMs, index) =>
      atMs >= fleetStart + from * hour && atMs < fleetStart + to * hour ? valueAt(atMs, index) : undefined;
  const counter =
    (perSecond: number, resetAtHours: number): Series['valueAt'] =>
    (atMs) => {
      const sinceReset =
        atMs - fleetStart >= resetAtHours * hour ? atMs - fleetStart - resetAtHours * hour : atMs - fleetStart;
      return Math.floor((sinceReset / 1000) * perSecond);
    };
  const means: readonly [string, number][] = [
    ['DCGM_FI_DEV_GPU_UTIL', 100],
    ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', 1],
    ['DCGM_FI_PROF_SM_ACTIVE', 1],
    ['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 0.6],
    ['DCGM_FI_PROF_DRAM_ACTIVE', 0.4],
    ['DCGM_FI_DEV_FB_USED', 70_000],
    ['DCGM_FI_DEV_FB_FREE', 10_000],
    ['DCGM_FI_DEV_POWER_USAGE', 400],
    ['DCGM_FI_PROF_PCIE_TX_BYTES', 2e10],
  ];
  const series: Series[] = means.flatMap(([metric, scale], position) => [
    { metric, labels: gpu(0, clip), valueAt: wave(scale, position) },
    // A hand-over in mid-hour: idle, then another pod.
    { metric, labels: gpu(1), valueAt: within(wave(scale / 100, position), 0, 9.4) },
    { metric, labels: gpu(1, chat), valueAt: within(wave(scale, position + 1), 9.4, 48) },
    // A gap of three hours, and a restart of the exporter with another driver label.
    { metric, labels: gpu(2, { ...clip, DCGM_FI_DRIVER_VERSION: '550.1' }), valueAt: within(wave(scale, 3), 0, 20.3) },
    { metric, labels: gpu(2, { ...clip, DCGM_FI_DRIVER_VERSION: '560.2' }), valueAt: within(wave(scale, 4), 23.7, 48) },
    // A MIG instance; its GPU_UTIL is 0 by design.
    {
      metric,
      labels: gpu(3, { ...chat, GPU_I_ID: '1', GPU_I_PROFILE: '3g.40gb' }),
      valueAt: metric === 'DCGM_FI_DEV_GPU_UTIL' ? () => 0 : wave(scale, 5),
    },
    // One GPU, two pods: time-slicing.
    { metric, labels: gpu(4, clip), valueAt: wave(scale, 6) },
    { metric, labels: gpu(4, chat), valueAt: wave(scale, 6) },
  ]);
  series.push(
    // Blank for always, blank at times, NaN at times.
    { metric: 'DCGM_FI_PROF_SM_ACTIVE', labels: gpu(5, chat), valueAt: () => '9223372036854775794' },
    {
      metric: 'DCGM_FI_DEV_FB_USED',
      labels: gpu(5, chat),
      valueAt: (atMs, index) => (index % 97 === 5 ? 2_147_483_632 : wave(500, 1)(atMs)),
    },
    {
      metric: 'DCGM_FI_DEV_POWER_USAGE',
      labels: gpu(5, chat),
      valueAt: (atMs, index) => (index % 211 === 7 ? 'NaN' : wave(300, 2)(atMs)),
    },
    { metric: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', labels: gpu(0, clip), valueAt: counter(250_000, 13.7) },
    { metric: 'DCGM_FI_DEV_XID_ERRORS', labels: gpu(0, clip), valueAt: within(() => 79, 5, 7) },
    {
      metric: 'DCGM_FI_DEV_CLOCK_THROTTLE_REASONS',
      labels: gpu(0, clip),
      valueAt: (_, index) => (index % 50 === 3 ? 4 : 0),
    },
    {
      metric: 'vllm:num_requests_waiting',
      labels: { ...chat, model_name: 'llama' },
      valueAt: (_, index) => index % 13,
    },
    {
      metric: 'vllm:request_success_total',
      labels: { ...chat, model_name: 'llama', finished_reason: 'stop' },
      valueAt: within(counter(3, 17.2), 2.5, 48),
    },
    {
      metric: 'vllm:e2e_request_latency_seconds_sum',
      labels: { ...chat, model_name: 'llama' },
      valueAt: (atMs) => six((atMs - fleetStart) / 777_000),
    },
    {
      metric: 'nv_inference_queue_duration_us',
      labels: { ...clip, model: 'clip', version: '1' },
      valueAt: counter(1234, 30),
    },
    {
      metric: 'container_cpu_usage_seconds_total',
      labels: { ...chat, cpu: 'total' },
      valueAt: (atMs) => six((atMs - fleetStart) / 450_000),
    },
    { metric: 'container_cpu_usage_seconds_total', labels: { ...chat, container: 'POD' }, valueAt: counter(1, 99) },
    { metric: 'container_memory_working_set_bytes', labels: chat, valueAt: (_, index) => 4_000_000_000 + index * 4096 },
    {
      metric: 'container_network_receive_bytes_total',
      labels: { namespace: 'inference', pod: chat.pod, interface: 'eth0' },
      valueAt: counter(90_000, 40.01),
    },
    {
      metric: 'kube_pod_container_resource_requests',
      labels: { ...chat, resource: 'nvidia_com_gpu', unit: 'integer' },
      valueAt: () => 1,
    },
    {
      metric: 'kube_pod_owner',
      labels: { namespace: 'inference', pod: chat.pod, owner_kind: 'ReplicaSet', owner_name: 'llama-chat-5b6c7d8e9f' },
      valueAt: () => 1,
    },
    {
      metric: 'kube_replicaset_owner',
      labels: {
        namespace: 'inference',
        replicaset: 'llama-chat-5b6c7d8e9f',
        owner_kind: 'Deployment',
        owner_name: 'llama-chat',
      },
      valueAt: () => 1,
    },
    { metric: 'kube_pod_info', labels: { namespace: 'inference', pod: chat.pod, node: 'node-1' }, valueAt: () => 1 },
  );
  return series;
}

/**
 * Writes two days of a small fleet as OpenMetrics. Half of the series are sampled on the full minute, so that samples
 * lie exactly on the hour; the others a little beside it.
 */
export async function writeFleet(
  file: string,
  options: { readonly hours: number; readonly stepSeconds: number },
): Promise<void> {
  const out = createWriteStream(file);
  const byMetric = group(fleetSeries(), (series) => series.metric);
  for (const [metric, series] of byMetric) {
    out.write(`# TYPE ${metric} unknown\n`);
    for (const [position, { labels, valueAt }] of series.entries()) {
      const text = Object.entries(labels)
        .map(([name, value]) => `${name}="${value}"`)
        .join(',');
      const besideMs = position % 2 === 0 ? 0 : 7123;
      const samples = (options.hours * 3600) / options.stepSeconds;
      for (let index = 0; index < samples; index += 1) {
        const atMs = fleetStart + index * options.stepSeconds * 1000 + besideMs;
        const value = valueAt(atMs, index);
        if (value !== undefined) out.write(`${metric}{${text}} ${value} ${atMs / 1000}\n`);
      }
    }
  }
  out.end('# EOF\n');
  await once(out, 'finish');
}

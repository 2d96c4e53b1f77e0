/** A DCGM field that is kept, with the column of `gpu_hour` it fills and the values that it can have. */
export interface GpuMetric {
  readonly name: string;
  /** What other versions of dcgm-exporter call the same field. */
  readonly otherName?: string;
  readonly column: string;
  /** `mean` fills `<column>_sum` and `<column>_samples`. */
  readonly keep: 'mean' | 'mean-and-max' | 'range' | 'max';
  /** Larger values are not measurements; smaller than zero neither. */
  readonly max: number;
}

/**
 * Units as dcgm-exporter writes them: percent for GPU_UTIL, 0..1 for PROF fields, MiB, W, mJ, bytes a second for PROF
 * PCIe and NVLink fields, MB for NVLINK_BANDWIDTH_TOTAL, ns for violations; clock reasons are a bit mask.
 * https://github.com/NVIDIA/dcgm-exporter/blob/main/etc/default-counters.csv
 * https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html
 */
export const gpuMetrics: readonly GpuMetric[] = [
  { name: 'DCGM_FI_DEV_GPU_UTIL', column: 'gpu_util', keep: 'mean', max: 100 },
  { name: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', column: 'gr_engine_active', keep: 'mean', max: 1.01 },
  { name: 'DCGM_FI_PROF_SM_ACTIVE', column: 'sm_active', keep: 'mean', max: 1.01 },
  { name: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', column: 'tensor_active', keep: 'mean', max: 1.01 },
  { name: 'DCGM_FI_PROF_DRAM_ACTIVE', column: 'dram_active', keep: 'mean', max: 1.01 },
  { name: 'DCGM_FI_DEV_FB_USED', column: 'fb_used', keep: 'mean-and-max', max: 16_777_216 },
  { name: 'DCGM_FI_DEV_FB_FREE', column: 'fb_free', keep: 'mean', max: 16_777_216 },
  { name: 'DCGM_FI_DEV_POWER_USAGE', column: 'power', keep: 'mean', max: 100_000 },
  { name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', column: 'energy', keep: 'range', max: 1e18 },
  { name: 'DCGM_FI_DEV_XID_ERRORS', column: 'xid', keep: 'max', max: 1_000_000 },
  { name: 'DCGM_FI_PROF_PCIE_TX_BYTES', column: 'pcie_tx', keep: 'mean', max: 9e11 },
  { name: 'DCGM_FI_PROF_PCIE_RX_BYTES', column: 'pcie_rx', keep: 'mean', max: 9e11 },
  { name: 'DCGM_FI_PROF_NVLINK_TX_BYTES', column: 'nvlink_tx', keep: 'mean', max: 9e11 },
  { name: 'DCGM_FI_PROF_NVLINK_RX_BYTES', column: 'nvlink_rx', keep: 'mean', max: 9e11 },
  { name: 'DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL', column: 'nvlink_total', keep: 'range', max: 1e18 },
  {
    name: 'DCGM_FI_DEV_CLOCKS_EVENT_REASONS',
    otherName: 'DCGM_FI_DEV_CLOCK_THROTTLE_REASONS',
    column: 'clock_reasons',
    keep: 'max',
    max: 1_000_000,
  },
  { name: 'DCGM_FI_DEV_POWER_VIOLATION', column: 'power_violation', keep: 'range', max: 1e18 },
  { name: 'DCGM_FI_DEV_THERMAL_VIOLATION', column: 'thermal_violation', keep: 'range', max: 1e18 },
];

export function namesOf(metric: GpuMetric): readonly string[] {
  return metric.otherName === undefined ? [metric.name] : [metric.name, metric.otherName];
}

/** What is measured of a pod, as `serving_hour.measure` names it. Times are seconds, sizes bytes. */
type PodMeasure =
  | 'queue'
  | 'running'
  | 'requests'
  | 'proxy_requests'
  | 'latency_seconds'
  | 'latency_requests'
  | 'proxy_latency_seconds'
  | 'proxy_latency_requests'
  | 'queue_seconds'
  | 'compute_seconds'
  | 'cpu_seconds'
  | 'memory_working_set_bytes'
  | 'network_receive_bytes'
  | 'network_transmit_bytes'
  | 'cpu_request_cores'
  | 'memory_request_bytes'
  | 'gpu_request'
  | 'shared_gpu_request';

/** What an inference server, a proxy, cAdvisor or kube-state-metrics says of a pod; several say the same. */
export interface PodMetric {
  readonly name: string;
  readonly measure: PodMeasure;
  readonly type: 'gauge' | 'counter';
  /** Turns the metric's unit into the measure's. */
  readonly scale?: number;
  /** Only series with this label value count. */
  readonly when?: { readonly label: 'resource' | 'reporter'; readonly value: string };
  /** cAdvisor also writes sums over a pod's containers, without a container label. */
  readonly ofContainer?: true;
}

/**
 * vLLM: https://docs.vllm.ai/en/latest/usage/metrics/
 * Triton: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
 * TGI: https://huggingface.co/docs/text-generation-inference/reference/metrics
 * KServe's Python servers: https://github.com/kserve/kserve/blob/master/python/kserve/kserve/metrics.py
 * Istio: https://istio.io/latest/docs/reference/config/metrics/
 */
export const servingMetrics: readonly PodMetric[] = [
  { name: 'vllm:num_requests_waiting', measure: 'queue', type: 'gauge' },
  { name: 'vllm:num_requests_running', measure: 'running', type: 'gauge' },
  { name: 'vllm:request_success_total', measure: 'requests', type: 'counter' },
  { name: 'vllm:e2e_request_latency_seconds_sum', measure: 'latency_seconds', type: 'counter' },
  { name: 'vllm:e2e_request_latency_seconds_count', measure: 'latency_requests', type: 'counter' },
  { name: 'vllm:request_queue_time_seconds_sum', measure: 'queue_seconds', type: 'counter' },
  { name: 'vllm:request_inference_time_seconds_sum', measure: 'compute_seconds', type: 'counter' },
  { name: 'nv_inference_pending_request_count', measure: 'queue', type: 'gauge' },
  { name: 'nv_inference_request_success', measure: 'requests', type: 'counter' },
  { name: 'nv_inference_request_duration_us', measure: 'latency_seconds', type: 'counter', scale: 1e-6 },
  { name: 'nv_inference_queue_duration_us', measure: 'queue_seconds', type: 'counter', scale: 1e-6 },
  { name: 'nv_inference_compute_infer_duration_us', measure: 'compute_seconds', type: 'counter', scale: 1e-6 },
  { name: 'tgi_queue_size', measure: 'queue', type: 'gauge' },
  { name: 'tgi_batch_current_size', measure: 'running', type: 'gauge' },
  { name: 'tgi_request_success', measure: 'requests', type: 'counter' },
  { name: 'tgi_request_duration_sum', measure: 'latency_seconds', type: 'counter' },
  { name: 'tgi_request_duration_count', measure: 'latency_requests', type: 'counter' },
  { name: 'tgi_request_queue_duration_sum', measure: 'queue_seconds', type: 'counter' },
  { name: 'tgi_request_inference_duration_sum', measure: 'compute_seconds', type: 'counter' },
  { name: 'request_predict_seconds_count', measure: 'proxy_requests', type: 'counter' },
  {
    name: 'istio_requests_total',
    measure: 'proxy_requests',
    type: 'counter',
    when: { label: 'reporter', value: 'destination' },
  },
  {
    name: 'istio_request_duration_milliseconds_sum',
    measure: 'proxy_latency_seconds',
    type: 'counter',
    scale: 1e-3,
    when: { label: 'reporter', value: 'destination' },
  },
  {
    name: 'istio_request_duration_milliseconds_count',
    measure: 'proxy_latency_requests',
    type: 'counter',
    when: { label: 'reporter', value: 'destination' },
  },
];

const requests = 'kube_pod_container_resource_requests';

/**
 * cAdvisor: https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 * kube-state-metrics: https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md
 */
export const containerMetrics: readonly PodMetric[] = [
  { name: 'container_cpu_usage_seconds_total', measure: 'cpu_seconds', type: 'counter', ofContainer: true },
  {
    name: 'container_memory_working_set_bytes',
    measure: 'memory_working_set_bytes',
    type: 'gauge',
    ofContainer: true,
  },
  { name: 'container_network_receive_bytes_total', measure: 'network_receive_bytes', type: 'counter' },
  { name: 'container_network_transmit_bytes_total', measure: 'network_transmit_bytes', type: 'counter' },
  { name: requests, measure: 'cpu_request_cores', type: 'gauge', when: { label: 'resource', value: 'cpu' } },
  { name: requests, measure: 'memory_request_bytes', type: 'gauge', when: { label: 'resource', value: 'memory' } },
  { name: requests, measure: 'gpu_request', type: 'gauge', when: { label: 'resource', value: 'nvidia_com_gpu' } },
  {
    name: requests,
    measure: 'shared_gpu_request',
    type: 'gauge',
    when: { label: 'resource', value: 'nvidia_com_gpu_shared' },
  },
];

export const podMetrics: readonly PodMetric[] = [...servingMetrics, ...containerMetrics];

/** Their labels say who made a pod and where it runs; their value is always 1. */
export const ownerMetricNames = ['kube_pod_owner', 'kube_replicaset_owner', 'kube_pod_info'] as const;

export const keptMetricNames: ReadonlySet<string> = new Set([
  ...gpuMetrics.flatMap(namesOf),
  ...podMetrics.map((metric) => metric.name),
  ...ownerMetricNames,
]);

/**
 * DCGM's blanks stand for "not supported" or "not permitted", not for values: 0x7ffffff0 and above in 32 bits,
 * 0x7ffffffffffffff0 and above in 64 bits, 2⁴⁷ and the fifteen after it in floating point. First and last of each.
 * https://github.com/NVIDIA/DCGM/blob/master/dcgmlib/dcgm_structs.h
 */
export const blankRanges = [
  [2_147_483_632, 2_147_483_647],
  [140_737_488_355_328, 140_737_488_355_343],
] as const;

/** 0x7ffffffffffffff0, as a decimal because no double holds it; from here on every value is blank. */
export const blankFrom = '9223372036854775792';

/** A DCGM field that is kept, with the column of `gpu_hour` it fills and the values that it can have. */
export interface GpuMetric {
  readonly name: string;
  readonly column: string;
  /** `mean` fills `<column>_sum` and `<column>_samples`. */
  readonly keep: 'mean' | 'mean-and-max' | 'range' | 'max';
  /** Larger values are not measurements; smaller than zero neither. */
  readonly max: number;
}

/**
 * Units as dcgm-exporter writes them: percent for GPU_UTIL, 0..1 for PROF fields, MiB, W, mJ.
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
];

/** What an inference server says of its load; several servers say the same under different names. */
export interface ServingMetric {
  readonly name: string;
  readonly measure: 'queue' | 'running' | 'requests';
  readonly type: 'gauge' | 'counter';
}

/**
 * vLLM: https://docs.vllm.ai/en/latest/usage/metrics/
 * Triton: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
 * TGI: https://huggingface.co/docs/text-generation-inference/reference/metrics
 */
export const servingMetrics: readonly ServingMetric[] = [
  { name: 'vllm:num_requests_waiting', measure: 'queue', type: 'gauge' },
  { name: 'vllm:num_requests_running', measure: 'running', type: 'gauge' },
  { name: 'vllm:request_success_total', measure: 'requests', type: 'counter' },
  { name: 'nv_inference_pending_request_count', measure: 'queue', type: 'gauge' },
  { name: 'nv_inference_request_success', measure: 'requests', type: 'counter' },
  { name: 'tgi_queue_size', measure: 'queue', type: 'gauge' },
  { name: 'tgi_request_success', measure: 'requests', type: 'counter' },
];

export const keptMetricNames: ReadonlySet<string> = new Set(
  [...gpuMetrics, ...servingMetrics].map((metric) => metric.name),
);

/**
 * DCGM's blanks stand for "not supported" or "not permitted", not for values: 0x7ffffff0 and above in 32 bits,
 * 0x7ffffffffffffff0 and above in 64 bits, 2⁴⁷ and the fifteen after it in floating point.
 * https://github.com/NVIDIA/DCGM/blob/master/dcgmlib/dcgm_structs.h
 */
export const isBlankSql = `(value BETWEEN 2147483632 AND 2147483647
  OR value BETWEEN 140737488355328 AND 140737488355343 OR value >= 9223372036854775792)`;

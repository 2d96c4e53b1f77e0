import type { Money } from './money.ts';
import type { EpochMs } from './time.ts';
import type { WorkloadId } from './workload.ts';

/**
 * One hour of one workload, over all its GPUs. Missing is `undefined`, never zero.
 * Ratios are 0..1 and are means over the GPUs' samples unless a name says otherwise.
 */
export interface UsageHour {
  /** Start of the hour, UTC. */
  readonly hour: EpochMs;
  /** Distinct GPUs (or MIG instances) that reported in this hour. */
  readonly gpuCount: number;
  /**
   * Those of the GPUs that other pods held at the same time (time-slicing, MPS), so that their signals are not of this
   * workload alone; absent when none is known to be shared.
   */
  readonly sharedGpuCount?: number;
  /** DCGM_FI_DEV_GPU_UTIL / 100. */
  readonly gpuUtilRatio: number | undefined;
  /** DCGM_FI_PROF_GR_ENGINE_ACTIVE. */
  readonly grEngineActiveRatio: number | undefined;
  /** DCGM_FI_PROF_SM_ACTIVE. */
  readonly smActiveRatio: number | undefined;
  /** Largest per-GPU hourly mean of SM_ACTIVE, falling back to GR_ENGINE_ACTIVE, then GPU_UTIL. */
  readonly busiestGpuRatio: number | undefined;
  /** DCGM_FI_PROF_PIPE_TENSOR_ACTIVE. */
  readonly tensorActiveRatio: number | undefined;
  /** DCGM_FI_PROF_DRAM_ACTIVE. */
  readonly dramActiveRatio: number | undefined;
  /** Largest framebuffer use of any one GPU in the hour, GiB. */
  readonly framebufferUsedGibMax: number | undefined;
  /** Framebuffer of one GPU (used + free), GiB. */
  readonly framebufferTotalGib: number | undefined;
  /** Mean power of one GPU, W. */
  readonly powerWatts: number | undefined;
  readonly xidErrors: number | undefined;
  /** Requests waiting in the server's queue, mean over the hour. */
  readonly queueLength: number | undefined;
  /** Requests finished per second, summed over replicas. */
  readonly requestsPerSecond: number | undefined;
}

export interface UsageSeries {
  readonly workload: WorkloadId;
  /** NVIDIA model names seen, sorted, such as `NVIDIA H100 80GB HBM3`. */
  readonly gpuModels: readonly string[];
  /** Node names seen, sorted. */
  readonly nodes: readonly string[];
  /** Ascending by hour; hours without samples are absent. */
  readonly hours: readonly UsageHour[];
}

export interface CostDay {
  /** Midnight UTC. */
  readonly day: EpochMs;
  readonly billed: Money;
  readonly effective: Money;
  readonly list: Money;
  /** Part of `effective` paid by a commitment (CommitmentDiscountStatus = Used). */
  readonly commitmentCovered: Money;
  /** GPU-hours this cost was shared by; zero for cost that a tag attributed directly and no GPU reported. */
  readonly gpuHours: number;
}

export interface CostSeries {
  readonly workload: WorkloadId;
  /** Ascending by day; days without cost are absent. */
  readonly days: readonly CostDay[];
}

/** Where the bill and the GPU-hours went over the window; the parts always add up to the totals. */
export interface Coverage {
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
  readonly effectiveTotal: Money;
  readonly effectiveToWorkloads: Money;
  /** Cost of GPU-hours on known nodes that no pod held. */
  readonly effectiveIdle: Money;
  readonly effectiveUnattributed: Money;
  readonly gpuHoursTotal: number;
  readonly gpuHoursToWorkloads: number;
  readonly gpuHoursIdle: number;
  readonly gpuHoursUnattributed: number;
  /** Amounts in other currencies than the report's, never added to it. */
  readonly otherCurrencies: readonly Money[];
}

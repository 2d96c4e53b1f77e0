import { findLever, hoursPerMonth, type Evidence, type Workload } from '../domain/index.ts';
import type { RunningHistory } from './history.ts';
import { isStopped, runningReplicas } from './running-replicas.ts';

/** GPU-hours of a month of 730 hours. */
export type GpuHours =
  | {
      readonly kind: 'known';
      readonly low: number;
      readonly likely: number;
      readonly high: number;
      readonly evidence: Evidence;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What is known of how a workload runs: its own history, or that of one that it is likened to. */
export interface KnownRuns {
  readonly history: RunningHistory | undefined;
  /** Whose history it is, where it is not the workload's own. */
  readonly likened: string | undefined;
}

/** How many GPU-hours a month a workload takes as it is declared. */
export function gpuHoursOf(workload: Workload, runs: KnownRuns, targetUtilRatio: number): GpuHours {
  const { gpu, declaredIn } = workload;
  if (gpu.kind === 'none') return { kind: 'unknown', reason: 'it asks for no GPU, and only GPUs are priced' };
  if (isStopped(workload)) {
    const source = `${declaredIn.path}:${declaredIn.line}`;
    const evidence = { label: 'GPU-hours a month', value: '0, it is stopped', source };
    return { kind: 'known', low: 0, likely: 0, high: 0, evidence };
  }
  const replicas = runningReplicas(workload, runs.history, targetUtilRatio);
  if (replicas === undefined) return jobHours(workload, gpu.perReplica, runs);
  const hours = (count: number): number => count * gpu.perReplica * hoursPerMonth;
  return {
    kind: 'known',
    low: hours(replicas.low),
    likely: hours(replicas.likely),
    high: hours(replicas.high),
    evidence: {
      label: 'GPU-hours a month',
      value: `${number(hours(replicas.likely))}: ${number(replicas.likely)} ${replicas.likely === 1 ? 'replica' : 'replicas'} (${replicas.how}${likeness(runs)}) × ${gpuWords(gpu.perReplica)} × ${hoursPerMonth} hours`,
      source: replicas.source,
    },
  };
}

/** What runs to completion costs as long as it ran so far; how long a new one runs nobody has written. */
function jobHours(workload: Workload, perReplica: number, { history, likened }: KnownRuns): GpuHours {
  if (history === undefined) {
    return { kind: 'unknown', reason: 'it runs to completion, and how long is not known' };
  }
  if (likened === undefined && scheduleOf(workload) !== scheduleOf(history.workload)) {
    return { kind: 'unknown', reason: 'its schedule is another one, and how long it runs by it is not known' };
  }
  const before = history.workload.gpu.kind === 'devices' ? history.workload.gpu.perReplica : perReplica;
  const gpus = (history.gpusWhileRunning / before) * perReplica;
  const { low, likely, high } = history.hoursPerDay;
  const hours = (perDay: number): number => (perDay / 24) * hoursPerMonth * gpus;
  return {
    kind: 'known',
    low: hours(low),
    likely: hours(likely),
    high: hours(high),
    evidence: {
      label: 'GPU-hours a month',
      value: `${number(hours(likely))}: ${gpuWords(gpus)} for ${number(likely)} hours a day (${low === high ? 'every day' : `${number(low)} to ${number(high)}`}${likeness({ history, likened })})`,
      source: history.source,
    },
  };
}

function scheduleOf(workload: Workload): unknown {
  return findLever(workload, 'schedule')?.current;
}

function likeness({ likened }: KnownRuns): string {
  return likened === undefined ? '' : `, if it runs as ${likened} does`;
}

function gpuWords(count: number): string {
  return `${number(count)} GPU${count === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

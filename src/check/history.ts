import {
  addMoney,
  dayMs,
  formatUtcDate,
  hourMs,
  money,
  scaleMoney,
  type CostSeries,
  type EpochMs,
  type Money,
  type UsageHour,
  type Workload,
  type WorkloadId,
} from '../domain/index.ts';
import type { CheckHistory } from './change-check.ts';

/** How a workload ran, from its GPUs' samples. */
export interface RunningHistory {
  /** As it was declared. */
  readonly workload: Workload;
  readonly hours: readonly UsageHour[];
  /** Hours a day in which any of its GPUs reported: the fewest, the mean and the most of a whole day. */
  readonly hoursPerDay: { readonly low: number; readonly likely: number; readonly high: number };
  /** Mean GPUs of the hours in which any reported. */
  readonly gpusWhileRunning: number;
  /** Names the rows. */
  readonly source: string;
}

/** Undefined without a sample before `asOf`. */
export function runningHistory(history: CheckHistory, id: WorkloadId, asOf: EpochMs): RunningHistory | undefined {
  const workload = history.workloads.find((candidate) => candidate.id === id);
  const hours = (history.usage.get(id)?.hours ?? []).filter(({ hour }) => hour < asOf);
  const [first] = hours;
  if (workload === undefined || first === undefined) return undefined;
  const from = Math.floor(first.hour / dayMs) * dayMs;
  const days = Math.max(1, Math.ceil((asOf - from) / dayMs));
  const perDay = Array.from({ length: days }, () => 0);
  for (const { hour } of hours) {
    const day = Math.floor((hour - from) / dayMs);
    perDay[day] = (perDay[day] ?? 0) + 1;
  }
  // Its first day and the present one may not be whole.
  const isWholeFirst = first.hour - from < hourMs;
  const whole = perDay.slice(days > 1 && !isWholeFirst ? 1 : 0, days > 1 && asOf % dayMs !== 0 ? -1 : undefined);
  const counted = whole.length === 0 ? perDay : whole;
  const { cluster, namespace, name } = workload;
  return {
    workload,
    hours,
    hoursPerDay: {
      low: Math.min(...counted),
      likely: counted.reduce((sum, count) => sum + count, 0) / counted.length,
      high: Math.max(...counted),
    },
    gpusWhileRunning: hours.reduce((sum, { gpuCount }) => sum + gpuCount, 0) / hours.length,
    source: `gpu_hour, ${cluster}/${namespace}/${name}, ${formatUtcDate(first.hour)}..${formatUtcDate(asOf)}, ${hours.length} hours`,
  };
}

const pricedDays = 7;

/** Effective cost of one GPU-hour over a workload's last seven days with cost; undefined where no GPU-hour has a cost. */
export function costPerGpuHour(
  series: CostSeries | undefined,
  asOf: EpochMs,
): { readonly perGpuHour: Money; readonly from: EpochMs; readonly to: EpochMs } | undefined {
  const days = (series?.days ?? []).filter(({ day, gpuHours }) => day < asOf && gpuHours > 0).slice(-pricedDays);
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const total = days.reduce((sum, { effective }) => addMoney(sum, effective), money(0n, first.effective.currency));
  const gpuHours = days.reduce((sum, day) => sum + day.gpuHours, 0);
  return { perGpuHour: scaleMoney(total, 1 / gpuHours), from: first.day, to: last.day };
}

import {
  dayMs,
  epochMs,
  hourMs,
  moneyFromDecimal,
  usd,
  workloadId,
  type CostSeries,
  type UsageHour,
  type UsageSeries,
} from '../../src/domain/index.ts';

export const start = epochMs(Date.UTC(2026, 8, 1));
const id = workloadId({ cluster: 'c', namespace: 'n', kind: 'Deployment', name: 'w' });

/** A server with a daily rhythm; `change` can spoil any hour, or drop it. */
export function aSeries(
  days: number,
  change: (hour: UsageHour, index: number) => UsageHour | undefined = (hour) => hour,
): UsageSeries {
  const hours = Array.from({ length: days * 24 }, (_, index): UsageHour => {
    const sm = 0.4 + 0.25 * Math.sin((2 * Math.PI * (index % 24)) / 24) + 0.01 * Math.sin(index * 7.3);
    return {
      hour: epochMs(start + index * hourMs),
      gpuCount: 4,
      gpuUtilRatio: Math.min(1, sm * 1.2),
      grEngineActiveRatio: sm * 1.1,
      smActiveRatio: sm,
      busiestGpuRatio: sm * 1.02,
      tensorActiveRatio: sm * 0.3,
      dramActiveRatio: sm * 0.5,
      framebufferUsedGibMax: 15,
      framebufferTotalGib: 22.5,
      powerWatts: 20 + 50 * sm,
      xidErrors: undefined,
      queueLength: 0.2,
      requestsPerSecond: undefined,
    };
  });
  return {
    workload: id,
    gpuModels: ['NVIDIA L4'],
    nodes: ['n1'],
    hours: hours.flatMap((hour, index) => change(hour, index) ?? []),
  };
}

export function aCost(days: number, usdOfDay: (day: number) => number = () => 80): CostSeries {
  return {
    workload: id,
    days: Array.from({ length: days }, (_, day) => {
      const amount = moneyFromDecimal(usdOfDay(day).toFixed(4), usd);
      return {
        day: epochMs(start + day * dayMs),
        billed: amount,
        effective: amount,
        list: amount,
        commitmentCovered: { ...amount, micros: 0n },
        gpuHours: 96,
      };
    }),
  };
}

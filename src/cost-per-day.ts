import {
  money,
  type CostSeries,
  type CurrencyCode,
  type EpochMs,
  type Money,
  type WorkloadId,
} from './domain/index.ts';
import type { CostPerDay } from './report/index.ts';

const namedSeriesMax = 7;

/**
 * The bill a day as a stack: the dearest workloads by name, the other workloads together, and what is left of the bill
 * (idle GPUs and charges of no workload). The parts of a day add up to its bill.
 */
export function costPerDay(
  bill: ReadonlyMap<EpochMs, Money>,
  cost: ReadonlyMap<WorkloadId, CostSeries>,
  currency: CurrencyCode,
): CostPerDay {
  const days = [...bill.keys()].toSorted((left, right) => left - right);
  const byTotal = [...cost.values()]
    .map((series) => ({ series, micros: series.days.reduce((sum, { effective }) => sum + effective.micros, 0n) }))
    .toSorted(
      (left, right) => Number(right.micros - left.micros) || (left.series.workload < right.series.workload ? -1 : 1),
    )
    .map(({ series }) => series);
  const perDay = (group: readonly CostSeries[]): readonly Money[] => {
    const micros = new Map<EpochMs, bigint>();
    for (const { day, effective } of group.flatMap((series) => series.days)) {
      micros.set(day, (micros.get(day) ?? 0n) + effective.micros);
    }
    return days.map((day) => money(micros.get(day) ?? 0n, currency));
  };
  const attributed = perDay(byTotal);
  const left = days.map((day, index) =>
    money((bill.get(day)?.micros ?? 0n) - (attributed[index]?.micros ?? 0n), currency),
  );
  const named = byTotal.slice(0, namedSeriesMax);
  const others = byTotal.slice(namedSeriesMax);
  return {
    currency,
    days,
    series: [
      ...named.map((series) => ({
        label: plainName(series.workload),
        kind: 'named' as const,
        perDay: perDay([series]),
      })),
      ...(others.length === 0 ? [] : [{ label: 'other workloads', kind: 'rest' as const, perDay: perDay(others) }]),
      { label: 'idle and unattributed', kind: 'unattributed', perDay: left },
    ],
  };
}

function plainName(id: WorkloadId): string {
  const [cluster = '', namespace = '', , name = ''] = id.split('/').map(decodeURIComponent);
  return `${namespace}/${name} (${cluster})`;
}

import {
  dayMs,
  epochMs,
  moneyToNumber,
  type CostSeries,
  type EpochMs,
  type Proposal,
  type UsageSeries,
} from './domain/index.ts';
import type { DailyChart } from './pullrequest/index.ts';
import type { CostPerDay } from './report/index.ts';

/** The two pictures of a proposal: GPUs busy in each day's busiest hour, and effective cost a day. */
export function proposalCharts(
  proposal: Proposal,
  usage: UsageSeries | undefined,
  cost: CostSeries | undefined,
  window: { readonly start: EpochMs; readonly end: EpochMs },
): readonly DailyChart[] {
  const demand = usage === undefined ? [] : busiestHourOfEachDay(usage, window);
  const days = (cost?.days ?? []).filter(({ day }) => day >= window.start && day < window.end);
  const currency = days[0]?.effective.currency;
  const demandChart: DailyChart = {
    measure: { kind: 'gpu-demand' },
    days: demand,
    lines: gpuLines(proposal),
  };
  return [
    ...(demand.length === 0 ? [] : [demandChart]),
    ...(currency === undefined
      ? []
      : [
          {
            measure: { kind: 'cost' as const, currency },
            days: days.map(({ day, effective }) => ({ day, value: moneyToNumber(effective) })),
            lines: [],
          },
        ]),
  ];
}

function busiestHourOfEachDay(
  usage: UsageSeries,
  window: { readonly start: EpochMs; readonly end: EpochMs },
): DailyChart['days'] {
  const busiest = new Map<number, number>();
  for (const hour of usage.hours) {
    const busy = hour.smActiveRatio ?? hour.grEngineActiveRatio ?? hour.gpuUtilRatio;
    if (busy === undefined || hour.hour < window.start || hour.hour >= window.end) continue;
    const day = Math.floor(hour.hour / dayMs) * dayMs;
    busiest.set(day, Math.max(busiest.get(day) ?? 0, busy * hour.gpuCount));
  }
  return [...busiest]
    .toSorted(([left], [right]) => left - right)
    .map(([day, value]) => ({ day: epochMs(day), value: Math.round(value * 100) / 100 }));
}

function gpuLines(proposal: Proposal): DailyChart['lines'] {
  const perReplica = proposal.workload.gpu.kind === 'devices' ? proposal.workload.gpu.perReplica : undefined;
  const [change] = proposal.changes;
  const isCount = change.lever === 'replicas' || change.lever === 'minReplicas' || change.lever === 'maxReplicas';
  if (perReplica === undefined || !isCount) return [];
  if (typeof change.from !== 'number' || typeof change.to !== 'number') return [];
  return [
    { kind: 'now', value: change.from * perReplica },
    { kind: 'proposed', value: change.to * perReplica },
  ];
}

const seriesMax = 7;

/** The bill a day, split by the dearest workloads, the other workloads together, and what belongs to none. */
export function costPerDay(
  cost: ReadonlyMap<string, CostSeries>,
  rest: CostPerDay['series'],
  days: readonly EpochMs[],
  zero: CostPerDay['series'][number]['perDay'][number],
): CostPerDay {
  const totals = [...cost.values()]
    .map((series) => ({ series, total: series.days.reduce((sum, { effective }) => sum + effective.micros, 0n) }))
    .toSorted((left, right) =>
      right.total > left.total ? 1 : right.total < left.total ? -1 : left.series.workload < right.series.workload ? -1 : 1,
    );
  const perDayOf = (group: readonly CostSeries[]): CostPerDay['series'][number]['perDay'] => {
    const micros = new Map<number, bigint>();
    for (const { day, effective } of group.flatMap((series) => series.days)) {
      micros.set(day, (micros.get(day) ?? 0n) + effective.micros);
    }
    return days.map((day) => ({ micros: micros.get(day) ?? 0n, currency: zero.currency }));
  };
  const named = totals.slice(0, seriesMax).map(({ series }) => ({
    label: decodeURIComponent(series.workload.split('/').slice(1, 2).concat(series.workload.split('/').slice(3)).join('/')),
    perDay: perDayOf([series]),
  }));
  const others = totals.slice(seriesMax).map(({ series }) => series);
  return {
    currency: zero.currency,
    days,
    series: [...named, ...(others.length === 0 ? [] : [{ label: 'other workloads', perDay: perDayOf(others) }]), ...rest],
  };
}

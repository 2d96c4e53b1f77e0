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

interface Window {
  readonly start: EpochMs;
  readonly end: EpochMs;
}

/** The two pictures of a proposal: GPUs busy in each day's busiest hour, and effective cost a day. */
export function proposalCharts(
  proposal: Proposal,
  history: { readonly usage: UsageSeries | undefined; readonly cost: CostSeries | undefined },
  window: Window,
): readonly DailyChart[] {
  const demand = history.usage === undefined ? [] : busiestHourOfEachDay(history.usage, window);
  const days = (history.cost?.days ?? []).filter(({ day }) => day >= window.start && day < window.end);
  const currency = days[0]?.effective.currency;
  const charts: DailyChart[] = [];
  if (demand.length > 0) charts.push({ measure: { kind: 'gpu-demand' }, days: demand, lines: gpuLines(proposal) });
  if (currency !== undefined) {
    const costs = days.map(({ day, effective }) => ({ day, value: moneyToNumber(effective) }));
    charts.push({ measure: { kind: 'cost', currency }, days: costs, lines: [] });
  }
  return charts;
}

function busiestHourOfEachDay(usage: UsageSeries, window: Window): DailyChart['days'] {
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

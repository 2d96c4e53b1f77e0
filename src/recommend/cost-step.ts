import { median } from 'd3-array';
import { dayMs, formatMoney, formatUtcDate, moneyToNumber, type Evidence, type Finding } from '../domain/index.ts';
import type { Subject } from './subject.ts';

/** A jump of the daily cost that lasted. */
export interface CostStep {
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly finding: Finding;
}

const stepRatioMin = 1.5;
const stepUsdPerDayMin = 20;
const recentDays = 3;

/**
 * Finds a rise of the daily cost that holds for the last three days: their median at least 1.5 times the median of the
 * days before the rise, and at least 20 a day more, so that small workloads do not alarm.
 */
export function findCostStep(subject: Subject): CostStep | undefined {
  const windowStart = subject.asOf - subject.settings.lookbackDays * dayMs;
  const days = (subject.cost?.days ?? []).filter((day) => day.day >= windowStart && day.day < subject.asOf);
  const amounts = days.map((day) => moneyToNumber(day.effective));
  const now = median(amounts.slice(-recentDays));
  if (now === undefined || days.length < 3 * recentDays) return undefined;
  const before = median(amounts.slice(0, Math.floor(days.length / 2)));
  if (before === undefined || now < stepRatioMin * before || now - before < stepUsdPerDayMin) return undefined;
  const threshold = (now + before) / 2;
  const lastLow = amounts.findLastIndex((amount) => amount < threshold);
  const since = days[lastLow + 1];
  if (since === undefined) return undefined;
  const currency = since.effective.currency;
  const format = (units: number): string => formatMoney({ micros: BigInt(Math.round(units * 1e6)), currency });
  const summary = `its cost rose from ${format(before)} to ${format(now)} a day on ${formatUtcDate(since.day)}`;
  const { cluster, namespace, name } = subject.workload;
  const source = `billing_row, EffectiveCost attributed to ${cluster}/${namespace}/${name}, ${formatUtcDate(days[0]?.day ?? subject.asOf)}..${formatUtcDate(subject.asOf)}`;
  const evidence = [
    { label: 'daily cost, median before and now', value: `${format(before)} → ${format(now)}`, source },
  ];
  return {
    summary,
    evidence,
    finding: { workload: subject.workload.id, kind: 'anomaly', severity: 'high', summary, evidence },
  };
}

import type { Catalogue } from '../catalogue/index.ts';
import type { AnomalyScore, CostSeries, EpochMs, UsageHour, UsageSeries, Workload } from '../domain/index.ts';
import { formatUtcDate } from '../domain/index.ts';
import type { CostRate } from './cost-rate.ts';
import type { FleetNode } from './saving.ts';
import type { GuardSettings, RecommendSettings } from './settings.ts';

/** Effective price of one node-hour as the bill shows it. */
export interface NodeUnitPrice {
  readonly cluster: string;
  readonly instanceType: string;
  readonly regionId: string | undefined;
  readonly usdPerHour: number;
  readonly hours: number;
}

/** Everything a sizing rule may look at for one workload whose signals can be believed. */
export interface Subject {
  readonly workload: Workload;
  readonly usage: UsageSeries;
  /** The look-back window, ascending. */
  readonly hours: readonly UsageHour[];
  /** The last `idleDays` of it. */
  readonly recent: readonly UsageHour[];
  readonly cost: CostSeries | undefined;
  readonly rate: CostRate;
  readonly anomaly: AnomalyScore | undefined;
  readonly corroboratedRatio: number;
  readonly isProduction: boolean;
  readonly nodes: readonly FleetNode[];
  readonly unitPrices: readonly NodeUnitPrice[];
  readonly catalogue: Catalogue;
  readonly asOf: EpochMs;
  readonly settings: RecommendSettings;
  readonly guards: GuardSettings;
}

/** Names the rows a usage figure came from: `gpu_hour, cluster/namespace/name, 2026-10-02..2026-11-01, 718 hours`. */
export function usageSource(subject: Subject, hours: readonly UsageHour[]): string {
  const { cluster, namespace, name } = subject.workload;
  const first = hours[0];
  const from = first === undefined ? formatUtcDate(subject.asOf) : formatUtcDate(first.hour);
  return `gpu_hour, ${cluster}/${namespace}/${name}, ${from}..${formatUtcDate(subject.asOf)}, ${hours.length} hours`;
}

/** Names the rows a cost figure came from. */
export function costSource(subject: Subject): string {
  const { cluster, namespace, name } = subject.workload;
  const { windowStart, windowEnd } = subject.rate;
  return `billing_row, EffectiveCost attributed to ${cluster}/${namespace}/${name}, ${formatUtcDate(windowStart)}..${formatUtcDate(windowEnd)}`;
}

/**
 * How sure a proposal is, 0..1: half of it how much of the look-back window is covered, three tenths how many hours
 * have corroborating signals, two tenths how far the figures are from the threshold that decided.
 * @param marginRatio 0 at the threshold, 1 at twice the needed distance or more.
 */
export function confidence(subject: Subject, marginRatio: number): number {
  const first = subject.hours[0];
  const coveredDays = first === undefined ? 0 : (subject.asOf - first.hour) / 86_400_000;
  const history = Math.min(1, coveredDays / subject.settings.lookbackDays);
  const margin = Math.max(0, Math.min(1, marginRatio));
  return Math.round((0.5 * history + 0.3 * subject.corroboratedRatio + 0.2 * margin) * 100) / 100;
}

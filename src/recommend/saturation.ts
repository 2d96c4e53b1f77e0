import { formatMoney, type Evidence } from '../domain/index.ts';
import { describeChange, replicaLever, type Draft } from './draft.ts';
import { replicaNeed } from './replicas.ts';
import { savingOfShare } from './saving.ts';
import { confidence, costSource, usageSource, type Subject } from './subject.ts';
import { busyRatio, busySignalName, quantile, valuesOf } from './usage-window.ts';

/** Busy at the median hour: there is no headroom left for even the ordinary load. */
const saturatedMedianRatio = 0.9;
/** Without a queue to corroborate, the GPUs must be this busy. */
const saturatedMedianRatioAlone = 0.95;

/** One proposal adds at most as much again. */
const growthRatioMax = 2;

/** Proposes more replicas when the GPUs are full in the median hour of the recent days and requests are waiting. */
export function findSaturation(subject: Subject): Draft | undefined {
  const { workload, recent, settings } = subject;
  const need = replicaNeed(subject);
  const busyMedian = quantile(
    recent.flatMap((hour) => busyRatio(hour) ?? []),
    0.5,
  );
  if (need === undefined || busyMedian === undefined) return undefined;
  const queueMedian = quantile(valuesOf(recent, 'queueLength'), 0.5);
  const isSaturated =
    queueMedian === undefined
      ? busyMedian >= saturatedMedianRatioAlone
      : busyMedian >= saturatedMedianRatio && queueMedian > 0;
  const to = Math.min(need.needed, Math.floor(need.current * growthRatioMax));
  if (!isSaturated || to <= need.current) return undefined;
  const lever = replicaLever(workload);
  const source = usageSource(subject, recent);
  const evidence: readonly Evidence[] = [
    { label: `busy, median hour (${busySignalName(recent)})`, value: `${(busyMedian * 100).toFixed(0)} %`, source },
    ...(queueMedian === undefined
      ? []
      : [{ label: 'requests waiting, median hour', value: queueMedian.toFixed(1), source }]),
    { label: 'cost now', value: `${formatMoney(subject.rate.perDay)} a day`, source: costSource(subject) },
  ];
  const queue = queueMedian === undefined ? '' : ` and ${queueMedian.toFixed(0)} requests wait`;
  const reason = `its GPUs are ${(busyMedian * 100).toFixed(0)} % busy in the median hour${queue}; ${to} replicas bring them to the target of ${(settings.targetUtilRatio * 100).toFixed(0)} %`;
  return {
    workload,
    action: 'scale-up',
    lever,
    to,
    change: describeChange(lever?.kind ?? 'replicas', lever?.current, to),
    reason,
    saving: savingOfShare({
      ...subject,
      cluster: workload.cluster,
      removedRatio: (need.current - to) / need.current,
      releasedGpus: 0,
    }),
    risk: 'low',
    confidenceRatio: confidence(subject, (busyMedian - saturatedMedianRatio) / (1 - saturatedMedianRatio)),
    findings: [{ workload: workload.id, kind: 'saturation', severity: 'high', summary: reason, evidence }],
    evidence,
    alternatives: [],
    limitedBy: undefined,
  };
}

import { findLever, formatMoney, type Evidence, type UsageHour } from '../domain/index.ts';
import { describeChange, type Draft } from './draft.ts';
import { savingOfShare } from './saving.ts';
import { idlePowerRatioMax, quietRatioMax } from './signal-fault.ts';
import { powerLimit } from './signal-health.ts';
import { confidence, costSource, usageSource, type Subject } from './subject.ts';
import { busyRatio, busySignalName } from './usage-window.ts';

const presentHoursRatioMin = 0.9;

/**
 * Proposes to pause a workload whose GPUs did nothing for `idleDays`: every hour quiet by SM (or GR_ENGINE) activity
 * and tensor activity, drawing idle power, with no request queued or served. One busy signal vetoes.
 */
export function findIdle(subject: Subject): Draft | undefined {
  const { workload, recent, settings } = subject;
  const limitWatts = powerLimit(subject.usage);
  const isPresent = recent.length >= presentHoursRatioMin * settings.idleDays * 24;
  if (workload.pause === undefined || !isPresent || !recent.every((hour) => isQuiet(hour, limitWatts)))
    return undefined;
  const lever = findLever(workload, workload.pause.lever);
  if (lever?.current === workload.pause.pausedValue) return undefined;
  const gpus = recent.at(-1)?.gpuCount ?? 0;
  const saving = savingOfShare({ ...subject, cluster: workload.cluster, removedRatio: 1, releasedGpus: gpus });
  const idleHours = trailingQuietHours(subject.hours, limitWatts);
  const reason = `its ${gpus} GPU${gpus === 1 ? '' : 's'} did no work for ${Math.floor(idleHours / 24)} days and cost ${formatMoney(subject.rate.perDay)} a day`;
  const evidence = idleEvidence(subject, idleHours);
  return {
    workload,
    action: 'pause',
    lever,
    to: workload.pause.pausedValue,
    change: describeChange(workload.pause.lever, lever?.current, workload.pause.pausedValue),
    reason,
    saving,
    risk: subject.isProduction ? 'medium' : 'low',
    confidenceRatio: confidence(subject, idleHours / (2 * settings.idleDays * 24)),
    findings: [{ workload: workload.id, kind: 'waste', severity: 'high', summary: reason, evidence }],
    evidence,
    alternatives: [],
    limitedBy: undefined,
  };
}

function isQuiet(hour: UsageHour, limitWatts: number | undefined): boolean {
  const busy = hour.busiestGpuRatio ?? busyRatio(hour);
  const drawsIdlePower =
    hour.powerWatts === undefined || limitWatts === undefined || hour.powerWatts <= idlePowerRatioMax * limitWatts;
  return (
    busy !== undefined &&
    busy <= quietRatioMax &&
    (hour.tensorActiveRatio ?? 0) <= quietRatioMax &&
    drawsIdlePower &&
    (hour.queueLength ?? 0) === 0 &&
    (hour.requestsPerSecond ?? 0) === 0
  );
}

function trailingQuietHours(hours: readonly UsageHour[], limitWatts: number | undefined): number {
  const lastBusy = hours.findLastIndex((hour) => !isQuiet(hour, limitWatts));
  const first = hours[lastBusy + 1];
  const last = hours.at(-1);
  return first === undefined || last === undefined ? 0 : (last.hour - first.hour) / 3_600_000 + 1;
}

function idleEvidence(subject: Subject, idleHours: number): readonly Evidence[] {
  const { recent } = subject;
  const source = usageSource(subject, recent);
  const busiest = Math.max(...recent.map((hour) => hour.busiestGpuRatio ?? busyRatio(hour) ?? 0));
  const power = recent.flatMap((hour) => (hour.powerWatts === undefined ? [] : [hour.powerWatts]));
  return [
    { label: 'idle for', value: `${idleHours} hours`, source },
    { label: `busiest hour of any GPU (${busySignalName(recent)})`, value: `${(busiest * 100).toFixed(1)} %`, source },
    ...(power.length === 0
      ? []
      : [{ label: 'highest power (DCGM_FI_DEV_POWER_USAGE)', value: `${Math.max(...power).toFixed(0)} W`, source }]),
    { label: 'cost now', value: `${formatMoney(subject.rate.perDay)} a day`, source: costSource(subject) },
  ];
}

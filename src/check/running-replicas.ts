import { findLever, type LeverKind, type Workload } from '../domain/index.ts';
import { busyRatio } from '../recommend/index.ts';
import type { RunningHistory } from './history.ts';

/** How many replicas of a workload run. */
export interface RunningReplicas {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
  /** How `likely` was reckoned, for people. */
  readonly how: string;
  /** The rows of it. */
  readonly source: string;
}

interface Bounds {
  readonly least: number;
  /** Undefined where none is set. */
  readonly most: number | undefined;
}

/** Whether the manifest, or what it is stopped by, lets nothing run. */
export function isStopped(workload: Workload): boolean {
  const { pause } = workload;
  const isPaused = pause !== undefined && findLever(workload, pause.lever)?.current === pause.pausedValue;
  return isPaused || findLever(workload, 'suspend')?.current === true || boundsOf(workload)?.most === 0;
}

/**
 * The replicas of a kind that runs all the time: as written, or between an autoscaler's bounds. What an autoscaler would
 * do is replayed over the history's hours. Undefined for kinds that run to completion.
 */
export function runningReplicas(
  workload: Workload,
  history: RunningHistory | undefined,
  targetUtilRatio: number,
): RunningReplicas | undefined {
  if (workload.replicas === undefined) return undefined;
  const bounds = boundsOf(workload);
  const place = placeWords(workload, bounds === undefined ? 'replicas' : 'minReplicas');
  if (bounds === undefined || bounds.most === bounds.least) {
    const count = workload.replicas;
    return { low: count, likely: count, high: count, how: 'as written', source: place };
  }
  const { least } = bounds;
  const needs = history === undefined ? [] : neededReplicas(history, targetUtilRatio);
  const most = bounds.most ?? Math.max(least, ...needs);
  if (needs.length === 0) {
    const how = `the middle of ${least} and ${most}, as nothing is known of its use`;
    return { low: least, likely: (least + most) / 2, high: most, how, source: place };
  }
  const replayed = needs.map((needed) => Math.min(most, Math.max(least, needed)));
  return {
    low: least,
    likely: replayed.reduce((sum, count) => sum + count, 0) / replayed.length,
    high: most,
    how: `mean of ${replayed.length} hours of use, held between ${least} and ${most}`,
    source: history?.source ?? place,
  };
}

/** `apps/clip.yaml:9` of a lever, or of the whole workload where nothing writes it. */
function placeWords(workload: Workload, kind: LeverKind): string {
  const field = findLever(workload, kind)?.field;
  const place = field?.kind === 'editable' ? field.field : (field?.place ?? workload.declaredIn);
  return `${place.path}:${place.line}`;
}

/** The bounds between which something scales a workload; undefined where nothing does. */
function boundsOf(workload: Workload): Bounds | undefined {
  const least = findLever(workload, 'minReplicas')?.current ?? workload.replicas;
  const lever = findLever(workload, 'maxReplicas');
  if (lever === undefined || typeof least !== 'number') return undefined;
  const most = typeof lever.current === 'number' && lever.current >= least ? lever.current : undefined;
  return { least, most };
}

/**
 * The replicas that each hour asked for. Between the bounds of then it is what ran; at a bound that is only known to be
 * no more, or no fewer, and what the GPUs did tells the rest.
 */
function neededReplicas(history: RunningHistory, targetUtilRatio: number): readonly number[] {
  const { workload, hours } = history;
  const perReplica = workload.gpu.kind === 'devices' ? workload.gpu.perReplica : 0;
  if (perReplica === 0) return [];
  const bounds = boundsOf(workload) ?? { least: workload.replicas ?? 0, most: workload.replicas };
  return hours.map((hour) => {
    const ran = hour.gpuCount / perReplica;
    const busy = busyRatio(hour);
    if (busy === undefined) return ran;
    const needed = Math.ceil((busy * hour.gpuCount) / targetUtilRatio / perReplica);
    if (ran <= bounds.least) return Math.min(ran, needed);
    return bounds.most !== undefined && ran >= bounds.most ? Math.max(ran, needed) : ran;
  });
}

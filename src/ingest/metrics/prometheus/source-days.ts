import { createHash } from 'node:crypto';
import { dayMs, epochMs, formatUtcDate, hourMs, type EpochMs } from '../../../domain/index.ts';
import type { PrometheusSource } from './source.ts';

/** Scrapes and remote writes arrive this late at most; an hour younger than that is not whole yet. */
const settleMs = 5 * 60_000;

/** Changes when the same answers would be stored differently. */
const storedForm = 'hours 1';

/** One UTC day of a source, and the paths under which the ledger holds it. */
export interface Day {
  /** Hours since 1970: the first, and the one after the last. */
  readonly firstHour: number;
  readonly endHour: number;
  readonly isOver: boolean;
  readonly wholePath: string;
  readonly openPath: string;
}

export function daysOf(
  url: string,
  variant: string,
  window: { readonly start: EpochMs; readonly end: EpochMs; readonly nowMs: number },
): readonly Day[] {
  const endHour = Math.floor(Math.min(window.end, window.nowMs - settleMs) / hourMs);
  const days: Day[] = [];
  for (let dayStart = Math.floor(window.start / dayMs) * dayMs; dayStart / hourMs < endHour; dayStart += dayMs) {
    const firstHour = dayStart / hourMs;
    const path = `${url} ${variant.slice(0, 8)} ${formatUtcDate(epochMs(dayStart))}`;
    days.push({
      firstHour,
      endHour: Math.min(firstHour + 24, endHour),
      isOver: firstHour + 24 <= endHour,
      wholePath: path,
      openPath: `${path} in part`,
    });
  }
  return days;
}

/** What decides which samples are read and under which cluster; a change of it reads everything anew. */
export function variantOf(source: PrometheusSource): string {
  const sorted = (record: Readonly<Record<string, unknown>>): unknown =>
    Object.entries(record).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const parts = [storedForm, source.cluster ?? '', sorted(source.matchLabels), sorted(source.headers)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

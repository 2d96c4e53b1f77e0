/** The end of the world's last hour; every series ends here. */
export const worldEnd = Date.UTC(2026, 10, 1);

export const hourMs = 3_600_000;
export const metricDays = 30;
export const billingDays = 60;
export const metricHours = metricDays * 24;
export const metricStart = worldEnd - metricHours * hourMs;
export const billingStart = worldEnd - billingDays * 24 * hourMs;

/** Midnight UTC of a day in October 2026, as hours since the metrics begin. */
export function octoberHour(day: number): number {
  return (Date.UTC(2026, 9, day) - metricStart) / hourMs;
}

/** An hour since the metrics begin, as minutes since 1970. */
export function worldHourMinutes(hour: number): number {
  return metricStart / 60_000 + hour * 60;
}

/** `2026-10-01T00:00:00Z` */
export function utcText(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** The calendar month that a time is in: the billing period of what was used then. */
export function billingPeriod(time: number): { readonly name: string; readonly start: string; readonly end: string } {
  const date = new Date(time);
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return { name: utcText(start).slice(0, 7), start: utcText(start), end: utcText(end) };
}

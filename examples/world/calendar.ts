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

import { Cron } from 'croner';

/** When a repository is scanned. */
export const scheduleFields = {
  cron: {
    description: 'Minute, hour, day of the month, month, day of the week. Each repository is up to ten minutes late.',
    type: 'string',
    maxLength: 100,
    pattern: '^\\S+(?: +\\S+){4}$',
    'x-expected': 'five fields, such as "0 6 * * 1-5"',
    default: '0 5 * * *',
  },
  timeZone: {
    description: 'Time zone of these hours, by its IANA name.',
    type: 'string',
    maxLength: 64,
    pattern: '^[A-Za-z0-9_+/-]+$',
    'x-expected': 'an IANA name such as "Europe/Berlin"',
    default: 'UTC',
  },
} as const;

/** Why a schedule cannot be kept; undefined when it can. */
export function whyNoSchedule(schedule: { readonly cron: string; readonly timeZone: string }): string | undefined {
  try {
    const next = new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true }).nextRun();
    return next === null ? 'it never comes' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

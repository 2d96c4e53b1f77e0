import { dayMs, epochMs, type Decision, type EpochMs } from '../domain/index.ts';
import type { Command, Until } from './command.ts';

/** Who wrote a command, and when. */
export interface Said {
  readonly by: string;
  readonly at: EpochMs;
}

/** A day that was put off to must come, and within a year of the comment. */
const farthestDays = 366;

/** What a command decides about a pull request; undefined for commands that decide nothing; a text where it cannot be. */
export function decide(command: Command, { by, at }: Said): Decision | string | undefined {
  switch (command.name) {
    case 'hold':
    case 'unhold':
    case 'pause':
    case 'resume':
    case 'unignore':
      return { kind: command.name, by, at };
    case 'set':
      return { kind: 'set', lever: command.lever, value: command.value, by, at };
    case 'feedback':
      return { kind: 'feedback', verdict: command.verdict, reason: command.reason, by, at };
    case 'snooze': {
      const until = timeOf(command.until, at);
      return typeof until === 'string' ? until : { kind: 'snooze', until, reason: command.reason, by, at };
    }
    case 'ignore': {
      const until = command.until === undefined ? undefined : timeOf(command.until, at);
      return typeof until === 'string' ? until : { kind: 'ignore', until, reason: command.reason, by, at };
    }
    case 'waive': {
      const until = timeOf(command.until, at);
      return typeof until === 'string'
        ? until
        : { kind: 'waive', policy: command.policy, until, reason: command.reason, by, at };
    }
    case 'budget':
    case 'cost':
    case 'explain':
    case 'help':
    case 'rebase':
    case 'recreate':
    case 'replay':
    case 'rescan':
    case 'status':
    case 'undo':
    case 'why':
      return undefined;
  }
}

/** Days count from the comment; a calendar day begins at midnight UTC. */
function timeOf(until: Until, at: EpochMs): EpochMs | string {
  const time = until.kind === 'days' ? at + until.days * dayMs : Date.parse(`${until.day}T00:00:00Z`);
  if (time <= at) return 'That day is over.';
  return time > at + farthestDays * dayMs ? `That is more than ${farthestDays} days away.` : epochMs(time);
}

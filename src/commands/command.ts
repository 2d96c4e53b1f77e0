import type { LeverKind, LeverValue } from '../domain/index.ts';

/** A day of the calendar in UTC, `2026-12-24`. */
export type CalendarDay = string & { readonly brand: 'CalendarDay' };

/** When something that a person put off comes back. */
export type Until =
  | { readonly kind: 'days'; readonly days: number }
  | { readonly kind: 'day'; readonly day: CalendarDay };

/** What a person asked for, in a comment line that begins with `/flyball`. */
export type Command =
  | { readonly name: 'help' | 'explain' | 'replay' | 'cost' | 'budget' | 'status' | 'rescan' | 'rebase' | 'recreate' }
  | { readonly name: 'unignore' | 'hold' | 'unhold' | 'pause' | 'resume' | 'undo' }
  | { readonly name: 'why'; readonly workload: string }
  | { readonly name: 'set'; readonly lever: LeverKind; readonly value: LeverValue }
  | { readonly name: 'snooze'; readonly until: Until; readonly reason: string | undefined }
  | { readonly name: 'ignore'; readonly until: Until | undefined; readonly reason: string | undefined }
  | { readonly name: 'waive'; readonly policy: string; readonly until: Until; readonly reason: string }
  | { readonly name: 'feedback'; readonly verdict: 'wrong' | 'planned'; readonly reason: string | undefined };

export type CommandName = Command['name'];

/** How a command is written, and what it does: one line of the help. */
export interface CommandHelp {
  readonly name: CommandName;
  readonly usage: string;
  readonly does: string;
}

export const commandHelp: readonly CommandHelp[] = [
  { name: 'help', usage: 'help', does: 'lists these commands' },
  { name: 'explain', usage: 'explain', does: 'tells how the proposal was reckoned, with its figures and their rows' },
  { name: 'replay', usage: 'replay', does: 'replays the history with the proposed setting' },
  {
    name: 'why',
    usage: 'why <workload>',
    does: 'tells what is known of a workload, and why nothing is proposed for it',
  },
  { name: 'cost', usage: 'cost', does: 'tells what the workload costs' },
  {
    name: 'budget',
    usage: 'budget',
    does: 'tells which budgets the workload counts against, and what is left of them',
  },
  { name: 'status', usage: 'status', does: 'tells when the last scan ran and what came of it' },
  { name: 'rescan', usage: 'rescan', does: 'scans the repository again' },
  { name: 'rebase', usage: 'rebase', does: 'makes the change again on the newest commit' },
  { name: 'recreate', usage: 'recreate', does: 'makes the branch anew, and drops what people committed to it' },
  { name: 'set', usage: 'set <lever>=<value>', does: 'proposes another value for a lever' },
  { name: 'snooze', usage: 'snooze <14d|until DATE> [reason]', does: 'closes the proposal and brings it back then' },
  {
    name: 'ignore',
    usage: 'ignore [reason] [until DATE]',
    does: 'refuses the proposal until its facts differ materially',
  },
  { name: 'unignore', usage: 'unignore', does: 'takes a refusal back' },
  { name: 'hold', usage: 'hold', does: 'leaves the pull request as it is until it is taken up again' },
  { name: 'unhold', usage: 'unhold', does: 'takes a held pull request up again' },
  { name: 'pause', usage: 'pause', does: 'proposes nothing more for the workload' },
  { name: 'resume', usage: 'resume', does: 'proposes for the workload again' },
  { name: 'waive', usage: 'waive <policy> until DATE <reason>', does: 'lets a policy pass until a day' },
  { name: 'feedback', usage: 'feedback wrong|planned [reason]', does: 'tells that an anomaly was none, or was meant' },
  { name: 'undo', usage: 'undo', does: 'opens a pull request that reverts a merged one' },
];

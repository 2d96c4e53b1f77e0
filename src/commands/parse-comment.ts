import { distance } from 'fastest-levenshtein';
import { leverKinds, type LeverKind, type LeverValue } from '../domain/index.ts';
import { commandHelp, type CalendarDay, type Command, type CommandName, type Until } from './command.ts';
import { ownLines } from './comment-lines.ts';

/** One line that addresses Flyball. */
export type CommandLine =
  | { readonly kind: 'command'; readonly line: number; readonly command: Command }
  | { readonly kind: 'mistake'; readonly line: number; readonly text: string; readonly message: string };

export interface ParsedComment {
  readonly lines: readonly CommandLine[];
  /** Lines that address Flyball beyond the limit; none of them is carried out. */
  readonly leftOut: number;
}

/** More commands in one comment are a mistake or an attack. */
const commandsMax = 10;
const reasonCharactersMax = 500;
const daysMax = 365;

/** Reads the commands of a comment. Nothing is carried out that is not understood whole. */
export function parseComment(body: string): ParsedComment {
  const addressed = ownLines(body).filter(({ text }) => /^ {0,3}\/flyball(?:\s|$)/i.test(text));
  const lines = addressed.slice(0, commandsMax).map(({ line, text }) => readLine(line, text));
  return { lines, leftOut: addressed.length - lines.length };
}

function readLine(line: number, text: string): CommandLine {
  const words = text.trim().slice(0, 2_000).split(/\s+/).slice(1);
  const [first = '', ...rest] = words;
  const outcome = readCommand(first.toLowerCase(), rest);
  return typeof outcome === 'string'
    ? { kind: 'mistake', line, text: text.trim().slice(0, 200), message: outcome }
    : { kind: 'command', line, command: outcome };
}

/** The command, or what is wrong with it. */
function readCommand(word: string, rest: readonly string[]): Command | string {
  if (word === '') return 'A command is missing; /flyball help lists them.';
  const name = commandHelp.find((help) => help.name === word)?.name;
  if (name === undefined) return unknown(word);
  switch (name) {
    case 'why':
      return rest.length === 1 ? { name, workload: rest[0] ?? '' } : usage(name);
    case 'set':
      return readSet(rest);
    case 'snooze': {
      const { until, before, after } = findUntil(rest);
      if (until === undefined || before.length > 0) return usage(name);
      return { name, until, reason: reasonOf(after) };
    }
    case 'ignore': {
      const { until, before, after } = findUntil(rest);
      return { name, until, reason: reasonOf([...before, ...after]) };
    }
    case 'waive': {
      const { until, before, after } = findUntil(rest);
      const reason = reasonOf(after);
      const [policy, ...more] = before;
      if (policy === undefined || more.length > 0 || until?.kind !== 'day' || reason === undefined) return usage(name);
      return { name, policy, until, reason };
    }
    case 'feedback': {
      const [verdict, ...reason] = rest;
      if (verdict !== 'wrong' && verdict !== 'planned') return usage(name);
      return { name, verdict, reason: reasonOf(reason) };
    }
    case 'budget':
    case 'cost':
    case 'explain':
    case 'help':
    case 'hold':
    case 'pause':
    case 'rebase':
    case 'recreate':
    case 'replay':
    case 'rescan':
    case 'resume':
    case 'status':
    case 'undo':
    case 'unhold':
    case 'unignore':
      return rest.length === 0 ? { name } : usage(name);
  }
}

function usage(name: CommandName): string {
  return `It is written /flyball ${commandHelp.find((help) => help.name === name)?.usage ?? name}.`;
}

function unknown(word: string): string {
  const close = commandHelp
    .map(({ name }) => ({ name, edits: distance(word.slice(0, 40), name) }))
    .toSorted((left, right) => left.edits - right.edits)[0];
  const isClose = close !== undefined && close.edits <= Math.max(2, Math.floor(close.name.length / 3));
  return isClose
    ? `There is no such command; did you mean /flyball ${close.name}?`
    : 'There is no such command; /flyball help lists them.';
}

/** `14d`, `until 2026-12-24`, and the words before and after. */
function findUntil(words: readonly string[]): {
  readonly until: Until | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
} {
  const days = /^(\d{1,3})d$/i.exec(words[0] ?? '')?.[1];
  if (days !== undefined && Number(days) >= 1 && Number(days) <= daysMax) {
    return { until: { kind: 'days', days: Number(days) }, before: [], after: words.slice(1) };
  }
  const index = words.findIndex(
    (word, at) => word.toLowerCase() === 'until' && calendarDay(words[at + 1]) !== undefined,
  );
  const day = calendarDay(words[index + 1]);
  if (index === -1 || day === undefined) return { until: undefined, before: words, after: [] };
  return { until: { kind: 'day', day }, before: words.slice(0, index), after: words.slice(index + 2) };
}

/** A day that exists: `2026-02-30` does not. */
function calendarDay(word: string | undefined): CalendarDay | undefined {
  if (word === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(word)) return undefined;
  const time = Date.parse(`${word}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(word) ? (word as CalendarDay) : undefined;
}

function reasonOf(words: readonly string[]): string | undefined {
  const reason = words.join(' ').slice(0, reasonCharactersMax);
  return reason === '' ? undefined : reason;
}

function readSet(rest: readonly string[]): Command | string {
  const match = /^([A-Za-z]+)=(\S{1,100})$/.exec(rest.join(''));
  const [, word, text] = match ?? [];
  if (word === undefined || text === undefined) return usage('set');
  const lever = leverKinds.find((kind) => kind.toLowerCase() === word.toLowerCase());
  if (lever === undefined) return `There is no lever ${word.slice(0, 40)}; there are ${leverKinds.join(', ')}.`;
  const value = leverValue(lever, text);
  return value === undefined ? `${lever} does not take this value.` : { name: 'set', lever, value };
}

function leverValue(lever: LeverKind, text: string): LeverValue | undefined {
  switch (lever) {
    case 'replicas':
    case 'minReplicas':
    case 'maxReplicas':
    case 'gpuCount':
      return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
    case 'suspend':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'instanceType':
    case 'gpuSlice':
      return /^[A-Za-z0-9][\w./-]*$/.test(text) ? text : undefined;
    // Its value has spaces, which a word of a command has not.
    case 'schedule':
      return undefined;
  }
}

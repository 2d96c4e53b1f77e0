import Table from 'cli-table3';
import { formatMoney } from '../domain/index.ts';
import { clipText, formatRatio, visibleText } from '../pullrequest/index.ts';
import { changeWords, countWords, placeWords, workloadWords } from './report-words.ts';
import { type ScanReport, savingTotals } from './scan-report.ts';
import { noLines } from './plain-table.ts';

export interface TerminalOptions {
  /** A person reads it: draw lines between the cells. Otherwise plain columns, for pipes and logs. */
  readonly isTerminal: boolean;
  /** Characters a line may have. */
  readonly columns: number;
}

const head = ['Workload', 'Change', 'Why', 'Saving/month', 'Confidence', 'Where'] as const;

/** Narrowest a column gets; amounts are never cut. */
const floors: readonly number[] = [9, 8, 12, 12, 10, 10];

/** A word up to this width is kept whole when the terminal has room for it. */
const wholeWordMax = 34;

const cellCharactersMax = 120;

/**
 * The proposals as a table for a terminal, and a line of totals. No byte from outside can move the cursor, colour the
 * text or write a title: control characters are shown, not sent.
 */
export function scanTable(report: ScanReport, options: TerminalOptions): string {
  const totals = totalLine(report);
  if (report.proposals.length === 0) return `${totals}\n`;
  const rows = report.proposals.map(({ proposal }) =>
    [
      workloadWords(proposal.workload),
      changeWords(proposal),
      proposal.reason,
      formatMoney(proposal.saving.likely),
      formatRatio(proposal.confidenceRatio),
      placeWords(proposal),
    ].map(cellText),
  );
  const widths = options.isTerminal ? columnWidths(rows, options.columns) : naturalWidths(rows);
  const table = new Table({
    head: [...head],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], 'padding-left': options.isTerminal ? 1 : 0, 'padding-right': 1, compact: true },
    ...(options.isTerminal ? {} : { chars: noLines }),
  });
  table.push(...rows.map((row) => row.map((cell, column) => wrapText(cell, widths[column] ?? cell.length))));
  const text = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  return `${text}\n\n${totals}\n`;
}

function cellText(text: string): string {
  return clipText(visibleText(text), cellCharactersMax);
}

function totalLine(report: ScanReport): string {
  const totals = savingTotals(report);
  const noVerdicts = report.verdicts.filter(({ kind }) => kind === 'no-verdict').length;
  const parts = [
    countWords(report.proposals.length, 'proposal'),
    `${formatMoney(totals.cash)} a month leaves the bill`,
    `${formatMoney(totals.freed)} a month of paid capacity is freed`,
    ...(totals.noneYet.micros === 0n ? [] : [`${formatMoney(totals.noneYet)} a month releases no node yet`]),
    ...(totals.addedCost.micros === 0n ? [] : [`${formatMoney(totals.addedCost)} a month is added`]),
    `${report.heldBack.length} held back`,
    `${noVerdicts} without a verdict`,
    countWords(report.problems.length, 'problem'),
  ];
  return `${parts.join('; ')}.`;
}

function naturalWidths(rows: readonly (readonly string[])[]): readonly number[] {
  return head.map((title, column) => Math.max(title.length, ...rows.map((row) => displayWidth(row[column] ?? ''))));
}

/** Natural widths when they fit; otherwise the space above the floors is shared out in proportion. */
function columnWidths(rows: readonly (readonly string[])[], columns: number): readonly number[] {
  const natural = naturalWidths(rows);
  // A line and two spaces around each cell, and the last line.
  const available = columns - head.length * 3 - 1;
  const floor = natural.map((width, column) => Math.min(width, floors[column] ?? width));
  const whole = floor.map((width, column) =>
    Math.max(width, Math.min(wholeWordMax, longestWord(rows.map((row) => row[column] ?? '')))),
  );
  const least = sum(whole) <= available ? whole : floor;
  const spare = Math.max(0, available - sum(least));
  const over = natural.map((width, column) => width - (least[column] ?? 0));
  const share = sum(over) === 0 ? 0 : Math.min(1, spare / sum(over));
  return least.map((width, column) => width + Math.floor((over[column] ?? 0) * share));
}

function longestWord(texts: readonly string[]): number {
  return Math.max(0, ...texts.flatMap((text) => text.split(' ')).map(displayWidth));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Breaks at spaces, and inside words that are longer than a line: a file's name is never cut short. */
function wrapText(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      lines[lines.length - 1] = joined;
      continue;
    }
    const pieces = breakWord(word, width);
    if (line === '') lines.pop();
    lines.push(...pieces);
  }
  return lines.join('\n');
}

/** Pieces of at most `width` columns, cut after a `/`, `-` or `.` where the second half of a piece has one. */
function breakWord(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && displayWidth(piece + character) > width) {
      const cut = Math.max(piece.lastIndexOf('/'), piece.lastIndexOf('-'), piece.lastIndexOf('.')) + 1;
      const end = cut > piece.length / 2 ? cut : piece.length;
      pieces.push(piece.slice(0, end));
      piece = piece.slice(end);
    }
    piece += character;
  }
  return [...pieces, piece];
}

/** Columns that a text takes; East Asian characters are counted as two, as terminals draw them. */
function displayWidth(text: string): number {
  return Array.from(text).reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1),
    0,
  );
}

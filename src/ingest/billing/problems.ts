import type { Problem } from '../../domain/index.ts';
import type { BadLines } from './json-lines.ts';
import type { RejectedRow } from './rejected-rows.ts';

/** What DuckDB's kinds of reject mean. https://duckdb.org/docs/stable/data/csv/reading_faulty_csv_files */
const errorMeanings: Readonly<Record<string, string>> = {
  CAST: 'the value is not of the type that the format demands',
  'MISSING COLUMNS': 'the row has fewer columns than the header',
  'TOO MANY COLUMNS': 'the row has more columns than the header',
  'UNQUOTED VALUE': 'a quote is not closed, or text follows a closing quote; rows after it may be swallowed too',
  'LINE SIZE OVER MAXIMUM': 'the line is longer than 2 MB',
  'INVALID ENCODING': 'the text is not UTF-8',
  'INVALID STATE': 'its quotes and line ends contradict the rest of the file',
};

/** Names the place and the kind of fault, never the row's content. */
export function rowInvalid(path: string, row: RejectedRow): Problem {
  const column = row.column === undefined ? '' : ` in ${row.column}`;
  const meaning = errorMeanings[row.errorType] ?? 'the row does not fit the header';
  return {
    code: 'BILLING_ROW_INVALID',
    severity: 'error',
    place: { kind: 'file', path, line: row.line },
    message: `${row.errorType}${column}: ${meaning}. The row is left out, so that the cost shown is too low.`,
    remedy: 'Correct the row or export the file again; amounts are plain decimals without thousands separators.',
  };
}

export function moreRowsInvalid(path: string, count: number): Problem {
  return {
    code: 'BILLING_ROW_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${count} more rows of the file cannot be read and are left out, so that the cost shown is too low.`,
    remedy: 'Correct the rows listed first: most often all have the same fault.',
  };
}

/** The lines of newline-delimited JSON that hold no object. */
export function badLineProblems(path: string, bad: BadLines): readonly Problem[] {
  const listed = bad.listed.map(
    (line): Problem => ({
      code: 'BILLING_ROW_INVALID',
      severity: 'error',
      place: { kind: 'file', path, line },
      message: 'The line is not one JSON object. It is left out, so that the cost shown is too low.',
      remedy: 'Correct the line or export the file again, with one object on each line.',
    }),
  );
  return bad.count === listed.length ? listed : [...listed, moreRowsInvalid(path, bad.count - listed.length)];
}

export function rowsWithout(
  path: string,
  fault: { readonly column: string; readonly expected: string; readonly count: number },
): Problem {
  return {
    code: 'BILLING_ROW_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${fault.column} is missing or not ${fault.expected} in ${fault.count} ${fault.count === 1 ? 'row' : 'rows'}. They are left out, so that the cost shown is too low.`,
    remedy: 'Export the file again with this column, or the one it is read from, filled.',
  };
}

export function tagsBroken(path: string, count: number): Problem {
  return {
    code: 'BILLING_ROW_INVALID',
    severity: 'warning',
    place: { kind: 'file', path },
    message: `Tags is not a JSON object in ${count} ${count === 1 ? 'row' : 'rows'}. Their cost counts, but no tag can attribute it.`,
    remedy: 'Export Tags as FOCUS says: one JSON object with text values.',
  };
}

export function missingFocusColumns(path: string, missing: readonly string[]): Problem {
  return {
    code: 'BILLING_FORMAT_UNKNOWN',
    severity: 'warning',
    place: { kind: 'file', path },
    message: `Columns that FOCUS makes mandatory are missing: ${missing.join(', ')}. The file is read without them.`,
    remedy: 'Export all FOCUS columns; without PricingQuantity and PricingUnit node prices are less exact.',
  };
}

/** Lists the formats that were looked for, the nearest one first, with the columns that the file lacks of each. */
export function formatNotFound(
  path: string,
  looked: readonly { readonly title: string; readonly needed: number; readonly missing: readonly string[] }[],
): Problem {
  const nearness = (format: (typeof looked)[number]): number => format.missing.length / format.needed;
  const list = looked
    .toSorted((left, right) => nearness(left) - nearness(right))
    .map(({ title, missing }) => `${title} (lacks ${missing.join(', ')})`);
  return {
    code: 'BILLING_FORMAT_UNKNOWN',
    severity: 'error',
    place: { kind: 'file', path, line: 1 },
    message: `The columns fit no format that is read. Looked for, nearest first: ${list.join('; ')}. Nothing of the file is used.`,
    remedy:
      'Export one of these formats with all of its columns, or take this path out of `billing`. See docs/billing.md.',
  };
}

export function notOfFormat(path: string, title: string, missing: readonly string[]): Problem {
  return {
    code: 'BILLING_FORMAT_UNKNOWN',
    severity: 'error',
    place: { kind: 'file', path, line: 1 },
    message: `The configuration states the format ${title}, but the file lacks ${missing.join(', ')}. Nothing of it is used.`,
    remedy: 'Correct `format`, or write `auto` to have it told by the columns. See docs/billing.md.',
  };
}

export function formatUnknown(path: string, message: string, remedy: string): Problem {
  return {
    code: 'BILLING_FORMAT_UNKNOWN',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${message} Nothing of it is used.`,
    remedy,
  };
}

/** Tells the kind of DuckDB's error only: its text quotes whole billing lines. */
export function unreadableContent(path: string, error: unknown): Problem {
  const text = error instanceof Error ? error.message : '';
  const kind = /^[A-Z][A-Za-z -]{2,40} Error(?=:)/.exec(text)?.[0] ?? 'unknown error';
  return {
    code: 'BILLING_FILE_UNREADABLE',
    severity: 'error',
    place: { kind: 'file', path },
    message: `The file's content cannot be read (DuckDB: ${kind}). Nothing of it is used.`,
    remedy: kind.startsWith('Out of Memory')
      ? 'Raise the memory limit, or split the file.'
      : 'Export or download the file again; a CSV file must keep one kind of line end and one of quotes throughout.',
  };
}

/** Two exports hold the same charges; only one of them counts. */
export function exportsOverlap(overlap: {
  readonly winner: string;
  readonly loser: string;
  readonly accountMonths: number;
}): Problem {
  return {
    code: 'BILLING_EXPORTS_OVERLAP',
    severity: 'warning',
    place: { kind: 'file', path: overlap.loser },
    message: `The export holds charges that ${overlap.winner} holds too, of ${overlap.accountMonths} ${overlap.accountMonths === 1 ? 'account' : 'accounts'}. In the months that both have they count once, from the latter.`,
    remedy: 'Take one of the two out of `billing`; the one that is listed first counts.',
  };
}

/** Not all files that a run's manifest lists are there. */
export function runIncomplete(
  folder: string,
  run: { readonly missing: readonly string[]; readonly hasOlder: boolean },
): Problem {
  const shown = run.missing.slice(0, 3).join(', ');
  return {
    code: 'BILLING_FILE_TRUNCATED',
    severity: 'error',
    place: { kind: 'file', path: folder },
    message: `The run lacks ${run.missing.length} of the files that its manifest lists (${shown}${run.missing.length > 3 ? ', …' : ''}). ${run.hasOlder ? 'The run before it is used.' : 'Its other files are used, so that the cost shown is too low.'}`,
    remedy: 'Copy the folder again when the provider has written the whole run.',
  };
}

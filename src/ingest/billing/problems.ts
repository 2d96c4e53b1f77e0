import type { Problem } from '../../domain/index.ts';
import { nearFormat } from './focus-columns.ts';
import type { RejectedRow } from './rejected-rows.ts';

/** What DuckDB's kinds of reject mean. https://duckdb.org/docs/stable/data/csv/reading_faulty_csv_files */
const errorMeanings: Readonly<Record<string, string>> = {
  CAST: 'the value is not of the type that FOCUS demands',
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

export function rowsWithout(
  path: string,
  fault: { readonly column: string; readonly expected: string; readonly count: number },
): Problem {
  return {
    code: 'BILLING_ROW_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${fault.column} is missing or not ${fault.expected} in ${fault.count} ${fault.count === 1 ? 'row' : 'rows'}. They are left out, so that the cost shown is too low.`,
    remedy: 'Export the file again with this column filled; FOCUS makes it mandatory.',
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

export function missingColumns(
  path: string,
  missing: readonly string[],
  refused: { readonly needed: readonly string[]; readonly header: readonly string[] } | undefined,
): Problem {
  const list = missing.join(', ');
  if (refused === undefined) {
    return {
      code: 'BILLING_FORMAT_UNKNOWN',
      severity: 'warning',
      place: { kind: 'file', path },
      message: `Columns that FOCUS makes mandatory are missing: ${list}. The file is read without them.`,
      remedy: 'Export all FOCUS columns; without PricingQuantity and PricingUnit node prices are less exact.',
    };
  }
  const near = nearFormat(refused.header);
  return {
    code: 'BILLING_FORMAT_UNKNOWN',
    severity: 'error',
    place: { kind: 'file', path, line: 1 },
    message: `The file is not a FOCUS export${near === undefined ? '' : ` but looks like ${near}`}: of the columns that no charge can do without it lacks ${refused.needed.join(', ')} (of all mandatory ones: ${list}). Nothing of it is used.`,
    remedy: 'Create an export in FOCUS 1.0, 1.1 or 1.2 format at the provider, or remove this path from the sources.',
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

import { excerptAt, type Problem } from '../domain/index.ts';

/** A file's text with its line starts, so that each of many places in it costs O(log n). */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
}

export interface FilePlace {
  readonly kind: 'file';
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong at an offset of a text. */
export interface Complaint {
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
  readonly code: Problem['code'];
  readonly severity?: Problem['severity'];
}

export function indexText(path: string, text: string): SourceText {
  const lineStarts = [0];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) lineStarts.push(index + 1);
  return { path, text, lineStarts };
}

/** Line and column from 1; the column counts UTF-16 units and a byte order mark is none. */
export function placeAt(source: SourceText, offset: number): FilePlace {
  const { line, start } = lineOf(source, offset);
  return { kind: 'file', path: source.path, line, column: inside(source, offset) - start + 1 };
}

export function toProblem(source: SourceText, complaint: Complaint): Problem {
  const { start, end } = lineOf(source, complaint.offset);
  const excerpt = excerptAt(source.text.slice(start, end), inside(source, complaint.offset) - start);
  return {
    code: complaint.code,
    severity: complaint.severity ?? 'error',
    place: placeAt(source, complaint.offset),
    message: /[.?!]$/.test(complaint.message) ? complaint.message : `${complaint.message}.`,
    remedy: complaint.remedy,
    excerpt,
  };
}

/** An error at the text's end stands behind its last visible character, not on the empty line that follows it. */
function inside(source: SourceText, offset: number): number {
  const first = source.text.startsWith('\ufeff') ? 1 : 0;
  return Math.max(first, offset >= source.text.length ? source.text.trimEnd().length : offset);
}

function lineOf(
  source: SourceText,
  offset: number,
): { readonly line: number; readonly start: number; readonly end: number } {
  const target = inside(source, offset);
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((source.lineStarts[middle] ?? 0) <= target) low = middle;
    else high = middle - 1;
  }
  const mark = low === 0 && source.text.startsWith('\ufeff') ? 1 : 0;
  return {
    line: low + 1,
    start: (source.lineStarts[low] ?? 0) + mark,
    end: source.lineStarts[low + 1] ?? source.text.length,
  };
}

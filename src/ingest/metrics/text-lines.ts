import { createReadStream } from 'node:fs';

/** Longer lines are reported instead of read: no exporter writes one, and one without an end would fill the memory. */
export const lineLengthMax = 65_536;

/** One line without its line end; `undefined` stands for one longer than {@link lineLengthMax}. */
export type TextLine = string | undefined;

/**
 * Streams a UTF-8 file as batches of lines, some hundred KiB at a time. Only LF and CRLF end a line: node:readline
 * also breaks at U+2028, which a label value may hold.
 */
export async function* readTextLines(file: string): AsyncGenerator<readonly TextLine[]> {
  let rest = '';
  let tooLong = false;
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 2 ** 18 })) {
    const parts = `${rest}${String(chunk)}`.split('\n');
    rest = parts.pop() ?? '';
    const lines: TextLine[] = parts.map(withinLimit);
    if (tooLong && lines.length > 0) {
      lines[0] = undefined;
      tooLong = false;
    }
    if (rest.length > lineLengthMax) {
      tooLong = true;
      rest = '';
    }
    yield lines;
  }
  if (tooLong) yield [undefined];
  else if (rest !== '') yield [withinLimit(rest)];
}

function withinLimit(line: string): TextLine {
  if (line.length > lineLengthMax) return undefined;
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

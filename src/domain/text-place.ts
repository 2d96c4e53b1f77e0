import { distance } from 'fastest-levenshtein';

/** Line and column of an offset, both from 1; the column counts UTF-16 units. O(offset). */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let lineStart = 0;
  for (let index = text.indexOf('\n'); index !== -1 && index < offset; index = text.indexOf('\n', index + 1)) {
    line += 1;
    lineStart = index + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

const excerptWidthMax = 100;

/** The source line at an offset with a caret under it, cut to 100 columns, control characters made visible. */
export function excerptAt(text: string, offset: number): string {
  const { column } = lineAndColumn(text, offset);
  const lineStart = offset - (column - 1);
  const newline = text.indexOf('\n', lineStart);
  const whole = text.slice(lineStart, newline === -1 ? undefined : newline).replace(/\r$/, '');
  const from = Math.max(0, column - 1 - excerptWidthMax / 2);
  const visible = whole.slice(from, from + excerptWidthMax).replace(/[\p{Cc}\p{Cf}]/gu, '\u00b7');
  return `${visible}\n${' '.repeat(column - 1 - from)}^`;
}

/** The closest of the known words by Levenshtein distance, if it is at most a third of the word away. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const letters = distance(word.toLowerCase(), candidate.toLowerCase());
    if (letters < bestDistance) {
      best = candidate;
      bestDistance = letters;
    }
  }
  return best;
}

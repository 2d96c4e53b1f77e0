import type { Plain } from './compare-documents.ts';
import { scalarText } from './scalar-text.ts';

/** Where added lines begin, and how the file indents. */
export interface Layout {
  /** Spaces before a key of the map, or before the dash of the list. */
  readonly column: number;
  /** Spaces by which a map is indented below its key. */
  readonly step: number;
  /** Spaces by which a list's dashes are indented below their key; 0 is common. */
  readonly listStep: number;
}

/** A key or value as text that every YAML reader takes for it. */
export function keyText(value: Plain): string {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return (isScalar ? scalarText(value, 'plain') : undefined) ?? JSON.stringify(value);
}

/** The lines of a value under some keys, or of a list's items where there are no keys. Without line ends. */
export function layOut(keys: readonly string[], value: Plain, layout: Layout): readonly string[] {
  const { column, step } = layout;
  const [key, ...rest] = keys;
  if (key === undefined) return Array.isArray(value) ? value.flatMap((item) => itemLines(item, layout)) : [];
  const head = `${' '.repeat(column)}${keyText(key)}:`;
  if (rest.length > 0) return [head, ...layOut(rest, value, { ...layout, column: column + step })];
  if (Array.isArray(value)) return [head, ...layOut([], value, { ...layout, column: column + layout.listStep })];
  if (typeof value === 'object' && value !== null) {
    const inner = { ...layout, column: column + step };
    return [head, ...Object.entries(value).flatMap(([name, item]) => layOut([name], item, inner))];
  }
  if (typeof value === 'string' && value.includes('\n')) {
    return [`${head} |-`, ...blockLines(value, column + step)];
  }
  return [`${head} ${keyText(value)}`];
}

function blockLines(text: string, column: number): readonly string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `${' '.repeat(column)}${line}`);
}

/** `- ` in front of the first key, and the others below it. */
function itemLines(item: Plain, layout: Layout): readonly string[] {
  const { column } = layout;
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return [`${' '.repeat(column)}- ${keyText(item)}`];
  }
  const lines = Object.entries(item).flatMap(([name, value]) =>
    layOut([name], value, { ...layout, column: column + 2 }),
  );
  const [first = '', ...rest] = lines;
  return [`${' '.repeat(column)}- ${first.slice(column + 2)}`, ...rest];
}

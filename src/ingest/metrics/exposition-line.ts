/** One line of the Prometheus text format or of OpenMetrics. */
export type ExpositionLine =
  | { readonly kind: 'nothing' }
  /** OpenMetrics' last line, `# EOF`. */
  | { readonly kind: 'end' }
  | {
      readonly kind: 'sample';
      readonly name: string;
      readonly labels: ReadonlyMap<string, string>;
      readonly value: number;
      /** As written: milliseconds in Prometheus text, seconds in OpenMetrics. */
      readonly timestamp: number | undefined;
      /** Where name and labels end, and the value begins after a blank. */
      readonly seriesEnd: number;
    }
  /** `column` counts from 1. */
  | { readonly kind: 'invalid'; readonly column: number; readonly reason: string };

/**
 * Reads one line, strictly: names, labels with the escapes `\\`, `\"` and `\n`, a value, an optional timestamp, and in
 * OpenMetrics an exemplar, which is left aside. One parser reads both formats; they differ in the timestamp's unit only.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
export function parseExpositionLine(line: string): ExpositionLine {
  const start = skipBlanks(line, 0);
  if (start === line.length) return { kind: 'nothing' };
  if (line.charAt(start) === '#') return line.trimEnd() === '# EOF' ? { kind: 'end' } : { kind: 'nothing' };
  const series = parseSeries(line, start);
  if (series.kind === 'invalid') return series;
  const tail = parseValue(line, series.seriesEnd);
  return tail.kind === 'invalid' ? tail : { ...series, ...tail, kind: 'sample' };
}

type Invalid = Extract<ExpositionLine, { kind: 'invalid' }>;

function invalid(index: number, reason: string): Invalid {
  return { kind: 'invalid', column: index + 1, reason };
}

function skipBlanks(line: string, from: number): number {
  let index = from;
  while (line.charCodeAt(index) === 0x20 || line.charCodeAt(index) === 0x09) index += 1;
  return index;
}

function parseSeries(
  line: string,
  start: number,
):
  | Invalid
  | {
      readonly kind: 'series';
      readonly name: string;
      readonly labels: ReadonlyMap<string, string>;
      readonly seriesEnd: number;
    } {
  const name = matchAt(/[a-zA-Z_:][a-zA-Z0-9_:]*/y, line, start);
  if (name === undefined) return invalid(start, 'a metric name was expected');
  const labels = new Map<string, string>();
  let index = skipBlanks(line, start + name.length);
  if (line.charAt(index) !== '{') return { kind: 'series', name, labels, seriesEnd: start + name.length };
  index = skipBlanks(line, index + 1);
  while (line.charAt(index) !== '}') {
    const label = parseLabel(line, index);
    if (label.kind === 'invalid') return label;
    if (labels.has(label.name)) return invalid(index, `the label ${label.name} is there twice`);
    labels.set(label.name, label.value);
    index = skipBlanks(line, label.end);
    if (line.charAt(index) === ',') index = skipBlanks(line, index + 1);
    else if (line.charAt(index) !== '}') return invalid(index, 'a comma or a closing brace was expected');
  }
  return { kind: 'series', name, labels, seriesEnd: index + 1 };
}

function parseLabel(
  line: string,
  start: number,
): Invalid | { readonly kind: 'label'; readonly name: string; readonly value: string; readonly end: number } {
  const name = matchAt(/[a-zA-Z_][a-zA-Z0-9_]*/y, line, start);
  if (name === undefined) return invalid(start, 'a label name was expected');
  let index = skipBlanks(line, start + name.length);
  if (line.charAt(index) !== '=') return invalid(index, 'an equals sign was expected after the label name');
  index = skipBlanks(line, index + 1);
  if (line.charAt(index) !== '"') return invalid(index, 'a double quote was expected before the label value');
  const quoted = matchAt(/"[^"\\]*(?:\\.[^"\\]*)*"/y, line, index);
  if (quoted === undefined) return invalid(index, 'the label value has no closing quote');
  const badEscape = quoted.search(/(?<!\\)(?:\\\\)*\\[^\\"n]/);
  if (badEscape !== -1) return invalid(index + badEscape, String.raw`only \\, \" and \n may follow a backslash`);
  const value = quoted.slice(1, -1).replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  return { kind: 'label', name, value, end: index + quoted.length };
}

/** Reads what follows the series: value, timestamp, exemplar. */
export function parseValue(
  line: string,
  from: number,
): Invalid | { readonly kind: 'value'; readonly value: number; readonly timestamp: number | undefined } {
  const start = skipBlanks(line, from);
  const text = matchAt(/[^ \t]+/y, line, start);
  if (text === undefined) return invalid(start, 'a value was expected');
  const value = parseNumber(text);
  if (value === undefined) return invalid(start, 'the value is not a number');
  const timeStart = skipBlanks(line, start + text.length);
  const rest = line.slice(timeStart).trimEnd();
  if (rest === '' || rest.startsWith('# {')) return { kind: 'value', value, timestamp: undefined };
  const [timeText = '', ...after] = rest.split(/[ \t]+/);
  const timestamp = parseNumber(timeText);
  if (timestamp === undefined || !Number.isFinite(timestamp))
    return invalid(timeStart, 'the timestamp is not a number');
  if (after.length > 0 && after[0] !== '#') {
    return invalid(
      line.indexOf(after[0] ?? '', timeStart + timeText.length),
      'nothing was expected after the timestamp',
    );
  }
  return { kind: 'value', value, timestamp };
}

function parseNumber(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (word === null) return undefined;
  if (word[2]?.toLowerCase() === 'nan') return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function matchAt(pattern: RegExp, text: string, index: number): string | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0];
}

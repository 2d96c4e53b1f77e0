import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExpositionLine } from '../../src/ingest/metrics/exposition-line.ts';
import { seriesText } from '../ledger/worlds.ts';

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/);
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
const labelValue = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\r', ''));
const labels = fc.dictionary(
  labelName,
  fc.oneof(labelValue, fc.constantFrom('\\', '\\n', '"}', '\n', '# {', '} 1 2', ' ')),
);
const blank = fc.constantFrom(' ', '  ', '\t');

test('what is written is what is read: every name, label value, number and timestamp', () => {
  fc.assert(
    fc.property(
      name,
      labels,
      fc.oneof(fc.double(), fc.integer()),
      fc.option(fc.integer(), { nil: undefined }),
      blank,
      (metric, wanted, value, timestamp, gap) => {
        const written = Number.isNaN(value) ? 'NaN' : String(value).replace('Infinity', 'Inf');
        const line = `${seriesText(metric, wanted)}${gap}${written}${timestamp === undefined ? '' : `${gap}${timestamp}`}`;

        const parsed = parseExpositionLine(line);

        expect(parsed).toMatchObject({ kind: 'sample', name: metric });
        if (parsed.kind !== 'sample') return;
        expect([...parsed.labels]).toEqual(Object.entries(wanted));
        expect(parsed.value).toBe(Object.is(value, -0) ? 0 : value);
        expect(parsed.timestamp).toBe(timestamp);
        expect(line.slice(0, parsed.seriesEnd)).toBe(seriesText(metric, wanted));
      },
    ),
    { numRuns: 500 },
  );
});

test('no line makes the parser throw or hang, and a fault’s column lies in the line', () => {
  const pieces = fc.constantFrom('a', '{', '}', '"', '\\', '=', ',', ' ', '1', '#', 'n', '\u2028', 'é', '\t', '-', '.');
  fc.assert(
    fc.property(fc.string({ unit: pieces, maxLength: 60 }), (line) => {
      const parsed = parseExpositionLine(line);

      if (parsed.kind !== 'invalid') return;
      expect(parsed.column).toBeGreaterThanOrEqual(1);
      expect(parsed.column).toBeLessThanOrEqual(line.length + 1);
      expect(parsed.reason).not.toBe('');
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['up 1', { name: 'up', value: 1, timestamp: undefined }],
  ['  up{}  +Inf\t1700000000000 ', { value: Number.POSITIVE_INFINITY, timestamp: 1_700_000_000_000 }],
  ['up{a="1",} 1e3 1700000000.25', { value: 1000, timestamp: 1_700_000_000.25 }],
  ['up { a = "x" , b="y" } .5', { value: 0.5 }],
  ['up_total 3 17 # {trace_id="}"} 0.5 16', { value: 3, timestamp: 17 }],
  ['up_total 3 # {trace_id="x"} 0.5', { value: 3, timestamp: undefined }],
])('%s is a sample', (line, expected) => {
  expect(parseExpositionLine(line)).toMatchObject({ kind: 'sample', ...expected });
});

test.each([
  ['{a="b"} 1', 1, 'a metric name was expected'],
  ['up{a="b" c="d"} 1', 10, 'a comma or a closing brace was expected'],
  ['up{1a="b"} 1', 4, 'a label name was expected'],
  ['up{a:"b"} 1', 5, 'an equals sign was expected after the label name'],
  ['up{a=b} 1', 6, 'a double quote was expected before the label value'],
  ['up{a="b} 1', 6, 'the label value has no closing quote'],
  [String.raw`up{a="\\b\t"} 1`, 10, String.raw`only \\, \" and \n may follow a backslash`],
  ['up{a="b",a="c"} 1', 10, 'the label a is there twice'],
  ['up{a="b"}', 10, 'a value was expected'],
  ['up 1,5', 4, 'the value is not a number'],
  ['up 0x1F', 4, 'the value is not a number'],
  ['up 1 now', 6, 'the timestamp is not a number'],
  ['up 1 2 3', 8, 'nothing was expected after the timestamp'],
])('%s is refused at column %i', (line, column, reason) => {
  expect(parseExpositionLine(line)).toEqual({ kind: 'invalid', column, reason });
});

test('blank lines, comments and the end mark are told apart', () => {
  expect(parseExpositionLine('').kind).toBe('nothing');
  expect(parseExpositionLine('# HELP up Whether "it" is up').kind).toBe('nothing');
  expect(parseExpositionLine('# EOF').kind).toBe('end');
});

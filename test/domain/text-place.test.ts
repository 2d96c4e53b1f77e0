import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { excerptAt, lineAndColumn, nearestWord, parseUtc, workloadId } from '../../src/domain/index.ts';

test('line and column point back at the offset', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀') }), fc.nat(), (text, seed) => {
      const offset = text.length === 0 ? 0 : seed % text.length;
      const { line, column } = lineAndColumn(text, offset);
      const lines = text.split('\n');
      const back = lines.slice(0, line - 1).reduce((sum, item) => sum + item.length + 1, 0) + column - 1;
      expect(back).toBe(offset);
    }),
  );
});

test('the caret stands below the column, also in a line of ten thousand characters', () => {
  const text = `x: 1\n${'a'.repeat(5000)}!${'b'.repeat(5000)}`;
  const [source, caret] = excerptAt(text, text.indexOf('!')).split('\n');
  expect(source?.length).toBeLessThanOrEqual(100);
  expect(source?.[caret?.indexOf('^') ?? 0]).toBe('!');
});

test('control characters never reach a terminal through an excerpt', () => {
  expect(excerptAt('a: \u001b[31mred', 0)).not.toContain('\u001b');
});

test('a misspelt word gets the nearest known one, a strange word none', () => {
  expect(nearestWord('replcas', ['replicas', 'schedule'])).toBe('replicas');
  expect(nearestWord('banana', ['replicas', 'schedule'])).toBeUndefined();
});

test('a time without a zone is not a time, a date alone is midnight UTC', () => {
  expect(parseUtc('2026-11-01')).toBe(Date.UTC(2026, 10, 1));
  expect(parseUtc('2026-11-01T00:00:00')).toBeUndefined();
  expect(parseUtc('2026-11-01T02:00:00+02:00')).toBe(Date.UTC(2026, 10, 1));
  expect(parseUtc('yesterday')).toBeUndefined();
});

test('a workload whose name holds a slash cannot forge the id of another', () => {
  const honest = workloadId({ cluster: 'a', namespace: 'b', kind: 'Deployment', name: 'c' });
  const forged = workloadId({ cluster: 'a', namespace: 'b', kind: 'Deployment/c', name: '' });
  expect(forged.startsWith(honest)).toBe(false);
});

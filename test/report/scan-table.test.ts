import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanTable } from '../../src/report/index.ts';
import { hostileText } from '../builders.ts';
import { aHostileReport, aReport } from './worlds.ts';

const lines = (text: string): readonly string[] => text.split('\n');

test('a pipe gets one line for each proposal, in whole words and without lines or colours', async () => {
  const table = scanTable(aReport(), { isTerminal: false, columns: 80 });

  await expect(table).toMatchFileSnapshot('../fixtures/pullrequest/golden/scan-table-plain.txt');
  expect(
    lines(table)
      .slice(1, 5)
      .map((line) => line.split(/ {2,}/)[0]),
  ).toEqual(['inference/clip-server', 'training/whisper-finetune', 'research/notebook-ana', 'inference/llama-gateway']);
});

test.each([80, 100, 120, 200])(
  'a terminal of %i columns is never overrun, and every name is shown whole',
  (columns) => {
    const table = scanTable(aReport(), { isTerminal: true, columns });
    const rows = lines(table).filter((line) => /[│┌├└]/.test(line));

    expect(Math.max(...rows.map((row) => Array.from(row).length))).toBeLessThanOrEqual(columns);
    const firstColumn = rows.map((row) => row.split('│')[1]?.trim() ?? '').join('');
    expect(firstColumn).toContain('training/whisper-finetune');
    expect(table).toContain('$1,762');
  },
);

test('no byte from outside can act on the terminal or break a row', () => {
  const table = scanTable(aHostileReport(), { isTerminal: false, columns: 80 });

  expect(table).not.toMatch(/[^\n\P{Cc}]|[\u200b\u202a-\u202e]/u);
  expect(lines(table.trimEnd())).toHaveLength(4);
});

test('no text makes a control character appear', () => {
  fc.assert(
    fc.property(
      fc
        .oneof(fc.string({ unit: 'binary' }), fc.constantFrom(hostileText))
        .filter((text) => Buffer.from(text).toString() === text),
      fc.boolean(),
      (text, isTerminal) => {
        expect(scanTable(aHostileReport(text), { isTerminal, columns: 100 })).not.toMatch(/[^\n\P{Cc}]/u);
      },
    ),
    { numRuns: 60 },
  );
});

test('a scan without proposals prints its totals only', () => {
  const table = scanTable(aReport({ proposals: [] }), { isTerminal: true, columns: 80 });

  expect(lines(table.trimEnd())).toHaveLength(1);
  expect(table).toContain('0 proposals');
});

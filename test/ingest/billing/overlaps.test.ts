import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { aCharge, focusCsv, withLedger } from '../../ledger/worlds.ts';
import { costSums, csvOf, ingest, writeExport } from './exports.ts';

const account = { BillingAccountId: '111122223333', SubAccountId: '444455556666' };

function aCurLine(cost: string, usageAccount: string): Readonly<Record<string, string>> {
  return {
    bill_payer_account_id: '111122223333',
    bill_billing_period_start_date: '2026-10-01T00:00:00Z',
    line_item_usage_account_id: usageAccount,
    line_item_line_item_type: 'Usage',
    line_item_usage_start_date: '2026-10-01T00:00:00Z',
    line_item_usage_end_date: '2026-10-01T01:00:00Z',
    line_item_currency_code: 'USD',
    line_item_unblended_cost: cost,
  };
}

describe('two exports of one account', () => {
  test('a FOCUS export and a Cost and Usage Report count once, from the one configured first; other accounts stay', async () => {
    await withLedger(async (ledger, folder) => {
      const focus = await writeExport(
        folder,
        'focus.csv',
        focusCsv([{ ...aCharge({ EffectiveCost: '10' }), ...account }]),
      );
      const cur = await writeExport(folder, 'cur.csv', csvOf([aCurLine('10.5', '444455556666'), aCurLine('3', '777')]));

      const focusFirst = await ingest(ledger, [focus, cur]);
      expect((await costSums(ledger))[1]).toBe('13');
      expect(focusFirst.problems).toMatchObject([
        { code: 'BILLING_EXPORTS_OVERLAP', severity: 'warning', place: { kind: 'file', path: cur } },
      ]);

      await ingest(ledger, [cur, focus]);
      expect((await costSums(ledger))[1]).toBe('13.5');

      const alone = await ingest(ledger, [focus]);
      expect((await costSums(ledger))[1]).toBe('10');
      expect(alone.problems).toEqual([]);
    });
  });

  test('files of one export never yield to each other', async () => {
    await withLedger(async (ledger, folder) => {
      const files = ['1', '2', '4'].map(async (cost) =>
        writeExport(folder, `cur-${cost}.csv`, csvOf([aCurLine(cost, '444455556666')])),
      );

      const result = await ingest(ledger, await Promise.all(files));

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger))[1]).toBe('7');
    });
  });

  test('currencies stay apart, row by row', async () => {
    await withLedger(async (ledger, folder) => {
      const lines = [aCurLine('1', '1'), { ...aCurLine('2', '1'), line_item_currency_code: 'EUR' }];

      await ingest(ledger, [await writeExport(folder, 'cur.csv', csvOf(lines))]);

      expect((await costSums(ledger, `"BillingCurrency" = 'EUR'`))[1]).toBe('2');
      expect((await costSums(ledger, `"BillingCurrency" = 'USD'`))[1]).toBe('1');
    });
  });
});

describe('telling the format', () => {
  test('a file of no known format lists what was looked for, the nearest first, whatever its name says', async () => {
    await withLedger(async (ledger, folder) => {
      const { line_item_currency_code: _, ...lacking } = aCurLine('1', '1');

      const result = await ingest(ledger, [await writeExport(folder, 'focus.csv', csvOf([lacking]))]);

      expect(result.problems).toMatchObject([{ code: 'BILLING_FORMAT_UNKNOWN', place: { line: 1 } }]);
      const message = result.problems[0]?.message ?? '';
      expect(message).toContain(
        'nearest first: AWS Cost and Usage Report 2.0 or legacy (lacks line_item_currency_code)',
      );
      for (const title of ['FOCUS', 'Google Cloud', 'Azure', 'OpenCost']) expect(message).toContain(title);
    });
  });

  test('a stated format is the only one that is accepted', async () => {
    await withLedger(async (ledger, folder) => {
      const file = await writeExport(folder, 'cur.csv', csvOf([aCurLine('1', '1')]));

      const result = await ingest(ledger, [file], 'azure-cost');

      expect(result.problems).toMatchObject([{ code: 'BILLING_FORMAT_UNKNOWN', place: { path: path.resolve(file) } }]);
      expect(result.problems[0]?.message).toContain('MeterCategory');
    });
  });
});

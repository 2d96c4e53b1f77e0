import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addMoney,
  currencyCode,
  formatMoney,
  money,
  moneyFromDecimal,
  moneyToDecimal,
  scaleMoney,
  usd,
} from '../../src/domain/index.ts';

describe('money', () => {
  test('a decimal with up to six digits survives a round trip exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (micros) => {
        expect(moneyFromDecimal(moneyToDecimal(money(micros, usd)), usd).micros).toBe(micros);
      }),
    );
  });

  test.each([
    ['2.2e-5', 22n],
    ['0.0000005', 0n],
    ['0.0000015', 2n],
    ['-0.0000025', -2n],
    ['1e3', 1_000_000_000n],
    ['.5', 500_000n],
    ['+7', 7_000_000n],
  ])('%s is %s micros, rounded half to even', (text, micros) => {
    expect(moneyFromDecimal(text, usd).micros).toBe(micros);
  });

  test.each(['', '.', '1,000', 'NaN', 'Infinity', '0x10', '1e9999'])('"%s" is not an amount', (text) => {
    expect(() => moneyFromDecimal(text, usd)).toThrow(/is not a decimal amount/);
  });

  test('two currencies are never added', () => {
    expect(() => addMoney(money(1n, usd), money(1n, currencyCode('EUR')))).toThrow('cannot add USD to EUR');
  });

  test('an amount is never scaled by something that is not a number', () => {
    expect(() => scaleMoney(money(1n, usd), Number.NaN)).toThrow(/cannot scale/);
  });

  test.each([
    ['8412', '$8,412'],
    ['12.4', '$12.40'],
    ['-1234.5', '-$1,235'],
    ['-0.001', '$0.00'],
    ['99.999', '$100.00'],
  ])('%s reads %s', (decimal, text) => {
    expect(formatMoney(moneyFromDecimal(decimal, usd))).toBe(text);
  });
});

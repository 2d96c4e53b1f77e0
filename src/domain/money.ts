import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

/** An ISO 4217 code in capitals, such as `USD`. */
export type CurrencyCode = Brand<string, 'CurrencyCode'>;

/** An exact amount: whole micros (10⁻⁶) of one currency. */
export interface Money {
  readonly micros: bigint;
  readonly currency: CurrencyCode;
}

const microsPerUnit = 1_000_000n;

/** @throws Error when the text is not three capital letters. */
export function currencyCode(text: string): CurrencyCode {
  assert(/^[A-Z]{3}$/.test(text), `"${text}" is not an ISO 4217 currency code`);
  return text as CurrencyCode;
}

export const usd: CurrencyCode = currencyCode('USD');

export function money(micros: bigint, currency: CurrencyCode): Money {
  return { micros, currency };
}

/**
 * Reads an exact decimal such as `-12.3456789012` or `2.2e-5`; digits past the sixth are rounded half to even.
 * @throws Error when the text is not a decimal number.
 */
export function moneyFromDecimal(text: string, currency: CurrencyCode): Money {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  const digits = `${match?.[2] ?? ''}${match?.[3] ?? ''}`;
  assert(match !== null && digits !== '', `"${text}" is not a decimal amount`);
  const shift = 6 - (match[3]?.length ?? 0) + Number(match[4] ?? '0');
  const magnitude =
    shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : roundHalfEven(BigInt(digits), 10n ** BigInt(-shift));
  return money(match[1] === '-' ? -magnitude : magnitude, currency);
}

function roundHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (twice < denominator) return quotient;
  if (twice > denominator) return quotient + 1n;
  return quotient % 2n === 0n ? quotient : quotient + 1n;
}

/** Exact sum. @throws Error when the currencies differ: they are never added silently. */
export function addMoney(left: Money, right: Money): Money {
  assert(left.currency === right.currency, `cannot add ${left.currency} to ${right.currency}`);
  return money(left.micros + right.micros, left.currency);
}

export function negateMoney(amount: Money): Money {
  return money(-amount.micros, amount.currency);
}

/** Scales by a finite factor; rounded to the nearest micro. */
export function scaleMoney(amount: Money, factor: number): Money {
  assert(Number.isFinite(factor), `cannot scale money by ${factor}`);
  return money(BigInt(Math.round(Number(amount.micros) * factor)), amount.currency);
}

export function compareMoney(left: Money, right: Money): number {
  assert(left.currency === right.currency, `cannot compare ${left.currency} with ${right.currency}`);
  return left.micros < right.micros ? -1 : left.micros > right.micros ? 1 : 0;
}

/** The amount as a floating-point number of units, for statistics and charts only. */
export function moneyToNumber(amount: Money): number {
  return Number(amount.micros) / Number(microsPerUnit);
}

/** An exact decimal for machines: `1234.500000`. */
export function moneyToDecimal(amount: Money): string {
  const magnitude = amount.micros < 0n ? -amount.micros : amount.micros;
  const fraction = String(magnitude % microsPerUnit).padStart(6, '0');
  return `${amount.micros < 0n ? '-' : ''}${magnitude / microsPerUnit}.${fraction}`;
}

/** For people: `$8,412`, `$12.40` below a hundred, `EUR 8,412`; a minus sign in front when negative. */
export function formatMoney(amount: Money): string {
  const units = moneyToNumber(amount);
  const digits = Math.abs(units) < 100 ? 2 : 0;
  const text = Math.abs(units).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const symbol = amount.currency === 'USD' ? '$' : `${amount.currency} `;
  const isZero = Number(text.replaceAll(',', '')) === 0;
  return `${units < 0 && !isZero ? '-' : ''}${symbol}${text}`;
}

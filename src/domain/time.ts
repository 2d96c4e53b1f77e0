import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>;

export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** FinOps convention: 365 × 24 / 12 hours in a month. */
export const hoursPerMonth = 730;

export function epochMs(value: number): EpochMs {
  assert(Number.isFinite(value), `${value} is not a time`);
  return value as EpochMs;
}

/**
 * Reads an RFC 3339 date or date-time; a date alone is midnight UTC, and a zone is required otherwise.
 * Undefined when the text is not a time.
 */
export function parseUtc(text: string): EpochMs | undefined {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isDateTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})$/.test(text);
  if (!isDate && !isDateTime) return undefined;
  const value = Date.parse(isDate ? `${text}T00:00:00Z` : text.replace(' ', 'T'));
  return Number.isNaN(value) ? undefined : epochMs(value);
}

/** `2026-11-01T00:00:00Z` */
export function formatUtc(time: EpochMs): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** `2026-11-01` */
export function formatUtcDate(time: EpochMs): string {
  return new Date(time).toISOString().slice(0, 10);
}

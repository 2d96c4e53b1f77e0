import { canonicalColumn, csvTypes, neededColumns, readColumns } from '../billing/formats/focus-columns.ts';
import type { TrinoSource } from './source.ts';

/** A column of the table that is read, by its name in FOCUS. */
export interface TableColumn {
  /** As the table spells it. */
  readonly name: string;
  readonly focusName: string;
  /** Trino's own text, such as `decimal(18,6)` or `map(varchar, varchar)`. */
  readonly type: string;
}

/** The columns of a table that FOCUS knows and Flyball reads, in its order; of two spellings the first. */
export function focusColumns(
  described: readonly { readonly name: string; readonly type: string }[],
): readonly TableColumn[] {
  const byName = new Map<string, TableColumn>();
  for (const { name, type } of described) {
    const focusName = canonicalColumn(name);
    if (focusName !== undefined && readColumns.includes(focusName) && !byName.has(focusName))
      byName.set(focusName, { name, focusName, type: type.toLowerCase() });
  }
  return readColumns.flatMap((focusName) => byName.get(focusName) ?? []);
}

/** Needed columns that are not there. */
export function missingColumns(columns: readonly TableColumn[]): readonly string[] {
  return neededColumns.filter((needed) => columns.every(({ focusName }) => focusName !== needed));
}

const costColumns: ReadonlySet<string> = new Set(['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost']);
const timeColumns: ReadonlySet<string> = new Set(['ChargePeriodStart', 'ChargePeriodEnd', 'BillingPeriodStart']);

/**
 * One billing month of a table, charges that differ in nothing but cost and quantity added up by Trino. Every value comes
 * as text. A row that lacks a needed cost stays apart, so that it is reported like one in a file.
 */
export function monthQuery(
  table: string,
  columns: readonly TableColumn[],
  { month, granularity }: { readonly month: string; readonly granularity: TrinoSource['granularity'] },
): string {
  const find = (focusName: string): TableColumn | undefined => columns.find((column) => column.focusName === focusName);
  const keys: string[] = [];
  const selected = columns.map((column) => {
    const { focusName } = column;
    if (costColumns.has(focusName)) {
      const cost = exactCost(column);
      keys.push(`${cost} IS NULL`);
      return `CAST(sum(${cost}) AS varchar)`;
    }
    if (focusName === 'PricingQuantity') return `CAST(sum(${doubleOf(column)}) AS varchar)`;
    const key = timeColumns.has(focusName) ? period(column, find, granularity) : textOf(column);
    keys.push(key);
    return key;
  });
  const billed = find('BillingPeriodStart') ?? find('ChargePeriodStart');
  if (billed === undefined) throw new Error('a table without periods is not asked');
  const named = columns.map(({ focusName }, index) => `${selected[index]} AS ${quoted(focusName)}`);
  return `SELECT ${named.join(', ')} FROM ${tableName(table)} WHERE ${inMonth(billed, month)} GROUP BY ${keys.join(', ')}`;
}

/** `2026-10` and so on, from the month of one time to that of another. */
export function monthsBetween(startMs: number, endMs: number): readonly string[] {
  const months: string[] = [];
  const from = new Date(startMs);
  for (let at = Date.UTC(from.getUTCFullYear(), from.getUTCMonth()); at < endMs; at = nextMonthMs(at))
    months.push(new Date(at).toISOString().slice(0, 7));
  return months;
}

function nextMonthMs(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
}

export function describeQuery(table: string): string {
  return `SHOW COLUMNS FROM ${tableName(table)}`;
}

function tableName(table: string): string {
  return table.split('.').map(quoted).join('.');
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Text that is no number fails the query: a cost that was left out would be a wrong sum. */
function exactCost({ name, type }: TableColumn): string {
  const value = isText(type) ? `nullif(trim(${quoted(name)}), '')` : quoted(name);
  return `CAST(${value} AS ${csvTypes['BilledCost']?.toLowerCase()})`;
}

function doubleOf({ name, type }: TableColumn): string {
  return isText(type) ? `CAST(nullif(trim(${quoted(name)}), '') AS double)` : `CAST(${quoted(name)} AS double)`;
}

function textOf({ name, type }: TableColumn): string {
  if (/^(?:map|row|array)\(/.test(type)) return `json_format(CAST(${quoted(name)} AS json))`;
  return type === 'json' ? `json_format(${quoted(name)})` : `CAST(${quoted(name)} AS varchar)`;
}

/** A time as a timestamp in UTC; text that is none is NULL. A timestamp without a zone is taken for UTC, as FOCUS has it. */
function utc({ name, type }: TableColumn): string {
  if (isText(type)) {
    return `CAST(try(from_iso8601_timestamp(replace(trim(${quoted(name)}), ' ', 'T'))) AT TIME ZONE 'UTC' AS timestamp(3))`;
  }
  return type.includes('with time zone')
    ? `CAST(${quoted(name)} AT TIME ZONE 'UTC' AS timestamp(3))`
    : `CAST(${quoted(name)} AS timestamp(3))`;
}

/** The text of a time; text that could not be read as one stays as it is, to be reported with the row. */
function stamp(column: TableColumn, value: string): string {
  const formatted = `date_format(${value}, '%Y-%m-%d %H:%i:%s+00')`;
  return isText(column.type) ? `coalesce(${formatted}, ${quoted(column.name)})` : formatted;
}

/** A period's bound; by day, that of the day which holds the whole charge, where one does. */
function period(
  column: TableColumn,
  find: (focusName: string) => TableColumn | undefined,
  granularity: TrinoSource['granularity'],
): string {
  const value = utc(column);
  const [start, end] = [find('ChargePeriodStart'), find('ChargePeriodEnd')];
  const isWhole = granularity === 'hour' || column.focusName === 'BillingPeriodStart';
  if (isWhole || start === undefined || end === undefined) return stamp(column, value);
  const day = `date_trunc('day', ${utc(start)})`;
  const isOneDay = `${utc(end)} > ${utc(start)} AND ${utc(end)} <= ${day} + INTERVAL '1' DAY`;
  const bound = column === start ? day : `${day} + INTERVAL '1' DAY`;
  return stamp(column, `IF(${isOneDay}, ${bound}, ${value})`);
}

/** Compares the column itself, so that partitions and statistics serve; rows whose time cannot be read belong to every month. */
function inMonth(column: TableColumn, month: string): string {
  const [from, to] = [
    `${month}-01`,
    new Date(nextMonthMs(Date.parse(`${month}-01T00:00:00Z`))).toISOString().slice(0, 10),
  ];
  const name = quoted(column.name);
  if (isText(column.type)) {
    const value = utc(column);
    return `(${value} >= TIMESTAMP '${from} 00:00:00' AND ${value} < TIMESTAMP '${to} 00:00:00' OR ${value} IS NULL)`;
  }
  const literal = (day: string): string => {
    if (column.type === 'date') return `DATE '${day}'`;
    return column.type.includes('with time zone') ? `TIMESTAMP '${day} 00:00:00 UTC'` : `TIMESTAMP '${day} 00:00:00'`;
  };
  return `${name} >= ${literal(from)} AND ${name} < ${literal(to)}`;
}

function isText(type: string): boolean {
  return /^(?:varchar|char)\b/.test(type);
}

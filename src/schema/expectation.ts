import type { JsonSchema } from './json-schema.ts';
import { quoted } from './quoted.ts';

/** What a value must be, for the end of a sentence: `a whole number from 1 to 100`, `one of notify, pause, review`. */
export function describeExpectation(schema: JsonSchema): string {
  const words = schema['x-expected'];
  if (words !== undefined) return words;
  if (schema.const !== undefined) return displayValue(schema.const);
  if (schema.enum !== undefined) return `one of ${listAllowed(schema.enum).join(', ')}`;
  if (schema.type === undefined) return 'another value';
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  return types.map((type) => describeType(type, schema)).join(' or ');
}

/** The allowed values as they are written, sorted. */
export function listAllowed(values: readonly unknown[]): readonly string[] {
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).toSorted();
}

/** A value as a message shows it; mappings and lists by their size. */
export function displayValue(value: unknown, source?: string): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  return source !== undefined && source !== '' ? quoted(source).slice(1, -1) : JSON.stringify(value);
}

function describeType(type: string, schema: JsonSchema): string {
  switch (type) {
    case 'string':
      if (schema.format === 'email') return 'an e-mail address';
      if (schema.format === 'date-time') return 'a time with its zone, such as 2026-03-15T10:30:00Z';
      return `text${describeLength(schema)}`;
    case 'integer':
      return `a whole number${describeRange(schema)}`;
    case 'number':
      return `a number${describeRange(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${describeCount(schema.minItems, schema.maxItems, 'item')}`;
    case 'object':
      return `a mapping${describeCount(schema.minProperties, schema.maxProperties, 'field')}`;
    case 'null':
      return 'nothing';
    default:
      return type;
  }
}

function describeRange(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const low = minimum === undefined ? undefined : `from ${minimum}`;
  const high = maximum === undefined ? undefined : `up to ${maximum}`;
  const parts = [
    exclusiveMinimum === undefined ? low : `above ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? high : `below ${exclusiveMaximum}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}

function describeLength({ minLength, maxLength }: JsonSchema): string {
  if (maxLength !== undefined && minLength === undefined) return ` of at most ${maxLength} characters`;
  if (maxLength !== undefined) return ` of ${minLength} to ${maxLength} characters`;
  return minLength === undefined ? '' : ' that is not empty';
}

function describeCount(minimum: number | undefined, maximum: number | undefined, word: string): string {
  const things = (count: number): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  if (minimum !== undefined && maximum !== undefined) return ` of ${minimum} to ${things(maximum)}`;
  if (minimum !== undefined) return ` of at least ${things(minimum)}`;
  return maximum === undefined ? '' : ` of at most ${things(maximum)}`;
}

import { nearestWord } from '../domain/index.ts';
import { hasType, type JsonSchema } from './json-schema.ts';
import { quoted } from './quoted.ts';

export interface Rewrite {
  /** Sentence in front, with its space, or nothing. */
  readonly why: string;
  readonly text: string;
  readonly rest: string;
}

/** How a wrong value was probably meant; undefined when nobody can know. */
export function rewriteValue(wrong: {
  readonly value: unknown;
  readonly source: string | undefined;
  readonly type: string | undefined | null;
  readonly expected: JsonSchema;
}): Rewrite | undefined {
  const { value, source, type, expected } = wrong;
  if (typeof value === 'string') {
    if (hasType(expected, 'number') || hasType(expected, 'integer')) return rewriteNumber(value, type ?? '');
    const allowed = (expected.enum ?? (expected.const === undefined ? [] : [expected.const])).filter(
      (item) => typeof item === 'string',
    );
    const near = nearestWord(value.slice(0, 100), allowed) ?? (allowed.length === 1 ? allowed[0] : undefined);
    if (near !== undefined) return { why: '', text: near, rest: '.' };
    if (hasType(expected, 'boolean') && /^(yes|no|on|off|true|false)$/i.test(value)) {
      return { why: '', text: /^(yes|on|true)$/i.test(value) ? 'true' : 'false', rest: '.' };
    }
  }
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  const isFree = hasType(expected, 'string') && expected.enum === undefined && expected.const === undefined;
  if (isPlain && isFree && source !== undefined) {
    const rest = ', in quotes, so that YAML reads it as text.';
    return { why: '', text: quoted(source), rest };
  }
  return undefined;
}

/** `"500"`, `$500`, `1,200 USD` → the plain number that was meant. */
function rewriteNumber(value: string, type: string): Rewrite | undefined {
  const trimmed = value.trim().slice(0, 100);
  const plain = /^-?\d{1,15}(?:\.\d{1,6})?$/;
  if (plain.test(trimmed)) {
    return { why: type.startsWith('QUOTE') ? 'Remove the quotes. ' : '', text: trimmed, rest: '.' };
  }
  const bare = trimmed
    .replace(/^(?:USD|\$) ?/i, '')
    .replace(/ ?(?:USD|\$|%)$/i, '')
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, '');
  return plain.test(bare) ? { why: '', text: bare, rest: ', a number alone.' } : undefined;
}

import { parseDocument } from 'yaml';
import type { LeverValue } from '../../domain/index.ts';
import type { ScalarStyle } from '../tracked.ts';

/** Whether YAML 1.1 readers (kubectl, go-yaml v2) and YAML 1.2 readers take a plain scalar for different values. */
export function doVersionsDisagree(plain: string): boolean {
  // Nearly every value that is asked about: a count, or a name with a dash, slash or dot in it.
  if (/^(?:0|[1-9]\d{0,8}|[a-z]\w*(?:[-/.][a-z]\w*)+|true|false)$/.test(plain)) return false;
  return !Object.is(resolve(plain, '1.1'), resolve(plain, '1.2'));
}

function resolve(plain: string, version: '1.1' | '1.2'): unknown {
  const schema = version === '1.1' ? 'yaml-1.1' : 'core';
  const value: unknown = parseDocument(plain, { version, schema, logLevel: 'silent', prettyErrors: false }).toJS();
  return value;
}

/** The text of a value in the style of the scalar it replaces; undefined when it cannot be written on one line. */
export function scalarText(value: LeverValue, style: ScalarStyle): string | undefined {
  if (typeof value === 'number' && !/^-?\d{1,15}(\.\d{1,9})?$/.test(String(value))) return undefined;
  // Control characters, other line breaks, byte-order marks, lone surrogates: no lever has them.
  if (
    typeof value === 'string' &&
    (/[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u.test(value) || value.length > 1_000)
  ) {
    return undefined;
  }
  const text = String(value);
  switch (style) {
    case 'plain':
      return typeof value !== 'string' || isPlainString(value) ? text : JSON.stringify(text);
    case 'single-quoted':
      return `'${text.replaceAll("'", "''")}'`;
    case 'double-quoted':
      return JSON.stringify(text);
    case 'literal':
    case 'folded':
      return undefined;
  }
}

/** Whether every YAML reader takes the bare text for this string, in block and in flow context. */
function isPlainString(text: string): boolean {
  return (
    /^[A-Za-z0-9_./][A-Za-z0-9_./@+-]*$/.test(text) && resolve(text, '1.2') === text && resolve(text, '1.1') === text
  );
}

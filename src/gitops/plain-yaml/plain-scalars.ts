import type { ScalarStyle } from '../tracked.ts';

/** A scalar and where it ends. */
export interface PlainScalar {
  readonly value: string | number | boolean | null;
  readonly style: ScalarStyle;
  readonly end: number;
}

/** What a plain text means in YAML 1.2's core schema; undefined for hexadecimal, octal, infinite and not a number. */
export function plainValue(text: string): string | number | boolean | null | undefined {
  if (!/^[-+.\dnNtTfF~]/.test(text)) return text;
  if (/^(?:~|[Nn]ull|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?\d+$/.test(text)) return Number.parseInt(text, 10);
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return Number.parseFloat(text);
  if (/^(?:0[ox]|[-+]?\.(?:inf|nan))/i.test(text)) return undefined;
  return text;
}

const doubleQuoted = /"(?:[^"\\\n]|\\["\\/nrtbf])*"/y;
const singleQuoted = /'(?:[^'\n]|'')*'/y;

/** A quoted scalar that ends on its line; escapes that JSON has too. */
export function quotedScalar(text: string, start: number): PlainScalar | undefined {
  const isDouble = text[start] === '"';
  const pattern = isDouble ? doubleQuoted : singleQuoted;
  pattern.lastIndex = start;
  const source = pattern.exec(text)?.[0];
  if (source === undefined) return undefined;
  const inner = source.slice(1, -1);
  const end = start + source.length;
  if (!isDouble) return { value: inner.replaceAll("''", "'"), style: 'single-quoted', end };
  return { value: inner.includes('\\') ? String(JSON.parse(source)) : inner, style: 'double-quoted', end };
}

/** A plain scalar of block style, up to a comment or the end of its line. */
export function blockPlainScalar(text: string, start: number, lineEnd: number): PlainScalar | undefined {
  const line = text.slice(start, lineEnd);
  if (/^(?:[,[\]{}#&*!|>%@`"'?:]|-(?: |$))/.test(line)) return undefined;
  const comment = line.indexOf(' #');
  // Of all white space YAML trims only spaces here: a no-break space is content.
  const source = (comment === -1 ? line : line.slice(0, comment)).replace(/ +$/, '');
  if (source.includes(': ') || source.endsWith(':')) return undefined;
  const value = plainValue(source);
  return value === undefined ? undefined : { value, style: 'plain', end: start + source.length };
}

const flowPlain = /(?:[A-Za-z0-9_./]|-(?=[^\s,[\]{}:]))(?:[^\s,[\]{}:#]|:(?![\s,[\]{}]))*/y;

/** A scalar inside `[…]` or `{…}`, without spaces where it is plain. */
export function flowScalar(text: string, start: number): PlainScalar | undefined {
  if (text[start] === '"' || text[start] === "'") return quotedScalar(text, start);
  flowPlain.lastIndex = start;
  const source = flowPlain.exec(text)?.[0];
  const value = source === undefined ? undefined : plainValue(source);
  return source === undefined || value === undefined
    ? undefined
    : { value, style: 'plain', end: start + source.length };
}

/** At most 1,024 characters are allowed before the colon (YAML 1.2.2, section 7.4.2). */
const key = /(?:[A-Za-z0-9_][\w./-]{0,1000}|"[^"\\\n]{0,1000}"|'[^'\n]{0,1000}')(?=:(?: |\n|$))/y;

/** A map's key on one line, before its colon; undefined where there is none, or one that needs a parser. */
export function keyAt(text: string, start: number): { readonly key: string; readonly colon: number } | undefined {
  key.lastIndex = start;
  const source = key.exec(text)?.[0];
  if (source === undefined) return undefined;
  return { key: /^["']/.test(source) ? source.slice(1, -1) : source, colon: start + source.length };
}

/**
 * A literal block (`|` or `|-`) below a key or dash in some column: its first line has content, and no line is only
 * spaces. It ends behind the line end of its last line with content.
 */
export function literalScalar(
  text: string,
  at: {
    readonly start: number;
    readonly lineEnd: number;
    readonly column: number;
    readonly documentEnd: number;
  },
): PlainScalar | undefined {
  const header = /^\|(-?)(?: *| +#.*)$/.exec(text.slice(at.start, at.lineEnd));
  if (header === null) return undefined;
  const lines: string[] = [];
  let indent = -1;
  let end = at.lineEnd;
  let filled = 0;
  for (let from = at.lineEnd + 1; from < at.documentEnd; ) {
    const newline = text.indexOf('\n', from);
    const lineEnd = newline === -1 || newline > at.documentEnd ? at.documentEnd : newline;
    let content = from;
    while (content < lineEnd && text.charCodeAt(content) === 0x20) content += 1;
    const width = content - from;
    if (content < lineEnd) {
      if (width <= at.column) break;
      if (indent === -1) indent = width;
      if (width < indent) return undefined;
      lines.push(text.slice(from + indent, lineEnd));
      filled = lines.length;
      end = Math.min(lineEnd + 1, at.documentEnd);
    } else {
      if (indent === -1 || width > 0) return undefined;
      lines.push('');
    }
    from = lineEnd + 1;
  }
  if (filled === 0) return undefined;
  const value = `${lines.slice(0, filled).join('\n')}${header[1] === '-' ? '' : '\n'}`;
  return { value, style: 'literal', end };
}

import { isMap, isScalar, isSeq } from 'yaml';
import type { ProblemCode } from '../domain/index.ts';
import { hasType, schemaAt, type JsonSchema, type ValuePath } from './json-schema.ts';
import type { YamlDocument } from './parse-yaml.ts';
import { fieldName, quoted } from './quoted.ts';
import { seeDocs } from './see-docs.ts';
import type { Complaint } from './source-text.ts';

export interface UnquotedHash {
  readonly path: ValuePath;
  readonly complaint: Complaint;
}

/**
 * Finds text fields left empty by a value that begins with `#`: YAML reads `slackChannel: #ai-finops-alerts` as a
 * comment behind nothing. Aliases are not followed: the anchor's own place is looked at.
 */
export function findUnquotedHashes(
  { document, source }: YamlDocument,
  schema: JsonSchema,
  code: ProblemCode,
): readonly UnquotedHash[] {
  const found: UnquotedHash[] = [];
  const check = (value: unknown, from: number, path: ValuePath): void => {
    if (!isScalar(value) || value.value !== null || value.source !== '') return;
    const expected = schemaAt(schema, path);
    if (!hasType(expected, 'string') || hasType(expected, 'null')) return;
    const hash = commentAfter(source.text, from);
    if (hash === undefined) return;
    const last = path.at(-1);
    const intro = typeof last === 'string' ? `${last}: ` : '- ';
    found.push({
      path,
      complaint: {
        offset: hash.offset,
        message: `${fieldName(path)} is empty: without quotes, # begins a YAML comment`,
        remedy: `Write ${intro}${quoted(hash.text)}.${seeDocs(schema, path)}`,
        code,
      },
    });
  };
  const visit = (node: unknown, path: ValuePath): void => {
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        check(item, isScalar(item) ? (item.range?.[0] ?? 0) : 0, [...path, index]);
        visit(item, [...path, index]);
      }
    }
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const child = [...path, String(key.value)];
      check(value, key.range?.[1] ?? 0, child);
      visit(value, child);
    }
  };
  visit(document.contents, []);
  return found;
}

/** The comment that begins on the same line, behind nothing but a colon or a dash; cut before a second comment. */
function commentAfter(text: string, from: number): { readonly offset: number; readonly text: string } | undefined {
  const newline = text.indexOf('\n', from);
  const line = text.slice(from, newline === -1 ? undefined : newline);
  const match = /^[ \t]*(?:[:-][ \t]+)?(#.*)$/.exec(line.replace(/\r$/, ''));
  const comment = match?.[1];
  if (comment === undefined) return undefined;
  const value = comment.split(/[ \t]+#/)[0] ?? comment;
  return { offset: from + line.indexOf('#'), text: value.trimEnd() };
}

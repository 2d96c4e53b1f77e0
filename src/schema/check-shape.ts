import { isAlias, isCollection, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { ProblemCode } from '../domain/index.ts';
import type { YamlDocument } from './parse-yaml.ts';
import { quoted } from './quoted.ts';
import { placeAt, type Complaint } from './source-text.ts';

/** Our schemas are six levels deep. */
const depthMax = 64;

/** The library searches the whole document for the anchor of each alias. */
const aliasesMax = 20;

export interface ShapeReport {
  /** Keys that stand twice: the document can be read, but what it means is anyone's guess. */
  readonly duplicates: readonly Complaint[];
  /** What would make reading the document's values unsafe: endless, or slower than quadratic. */
  readonly blockers: readonly Complaint[];
}

/** Looks over the nodes before any value is made of them. O(nodes); the depth of recursion is bounded. */
export function checkShape(yaml: YamlDocument, code: ProblemCode): ShapeReport {
  const { document, source } = yaml;
  const duplicates: Complaint[] = [];
  const blockers: Complaint[] = [];
  const block = (node: unknown, message: string, remedy: string): void => {
    blockers.push({ offset: startOf(node), message, remedy, code });
  };

  let aliases = 0;
  const visit = (node: unknown, depth: number): void => {
    if (isAlias(node)) {
      aliases += 1;
      if (aliases === aliasesMax + 1) {
        block(node, `The document has more than ${aliasesMax} aliases`, 'Write the values themselves.');
      }
      if (aliases > aliasesMax) return;
      const target = node.resolve(document);
      if (target === undefined) {
        block(node, `The alias ${quoted(`*${node.source}`)} has no anchor before it`, 'Write the value itself here.');
      } else if (contains(target, node)) {
        block(
          node,
          `The alias ${quoted(`*${node.source}`)} stands inside its own anchor`,
          'Write the value itself here.',
        );
      }
      return;
    }
    if (!isCollection(node)) return;
    if (depth > depthMax) {
      block(node, `The document is nested more than ${depthMax} levels deep`, 'Nest it less deeply.');
      return;
    }
    if (isSeq(node)) for (const item of node.items) visit(item, depth + 1);
    if (!isMap(node)) return;
    const seen = new Map<string, number>();
    for (const pair of node.items) {
      // A mapping or list as a key is what {{ … }} of a template looks like, and turning nested ones into text takes
      // the library minutes.
      if (!isScalar(pair.key)) {
        block(pair.key, 'This key is not plain text', 'Write a plain key; templates ({{ … }}) are not filled in here.');
        continue;
      }
      const key = keyText(pair.key.value);
      const first = seen.get(key);
      if (key === '<<') {
        block(pair.key, 'Merge keys (<<) are not read here', 'Write the merged fields themselves.');
      } else if (first !== undefined) {
        const { line } = placeAt(source, first);
        duplicates.push({
          offset: startOf(pair.key),
          message: `${quoted(key)} is here for the second time; the first is in line ${line}`,
          remedy: 'Keep one of the two.',
          code,
        });
      }
      seen.set(key, first ?? startOf(pair.key));
      visit(pair.value, depth + 1);
    }
  };
  visit(document.contents, 0);
  return { duplicates, blockers };
}

/** The property name that a scalar key becomes. */
export function keyText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : '';
}

function startOf(node: unknown): number {
  return isScalar(node) || isAlias(node) || isCollection(node) ? (node.range?.[0] ?? 0) : 0;
}

function contains(outer: Node, inner: Node): boolean {
  return (outer.range?.[0] ?? 0) <= (inner.range?.[0] ?? -1) && (inner.range?.[1] ?? 0) <= (outer.range?.[1] ?? -1);
}

import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { keyText } from './check-shape.ts';
import type { ValuePath } from './json-schema.ts';

/** Where a value stands in the text; offsets are UTF-16 indices. */
export interface Location {
  /** Start of its key, of the list item, or of the document's content. */
  readonly keyOffset: number;
  /** Start of the value; the key's where the value is left out. */
  readonly valueOffset: number;
  /** The value as written, when it is a scalar. */
  readonly scalar: Scalar | undefined;
}

/** Finds the node that decided a value, through aliases. A path that leads nowhere ends at its parent. */
export function locate(document: Document.Parsed, path: ValuePath): Location {
  let node: unknown = document.contents;
  let keyOffset = offsetOf(node) ?? document.range[0];
  for (const step of path) {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) {
      const pair = findPair(target, String(step));
      if (pair === undefined) break;
      keyOffset = offsetOf(pair.key) ?? keyOffset;
      node = pair.value;
    } else if (isSeq(target) && typeof step === 'number' && step < target.items.length) {
      node = target.items[step];
      keyOffset = offsetOf(node) ?? keyOffset;
    } else break;
  }
  const scalar = isScalar(node) ? node : undefined;
  const isLeftOut = scalar !== undefined && scalar.value === null && scalar.source === '';
  return { keyOffset, valueOffset: isLeftOut ? keyOffset : (offsetOf(node) ?? keyOffset), scalar };
}

/** Start of a field's key inside the mapping at a path; the mapping's own key when it has no such field. */
export function keyOffsetOf(document: Document.Parsed, parent: ValuePath, key: string): number {
  return locate(document, [...parent, key]).keyOffset;
}

/** The last pair of a key, as the last one wins. */
function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.findLast((pair) => isScalar(pair.key) && keyText(pair.key.value) === key);
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isAlias(node) || isCollection(node) ? node.range?.[0] : undefined;
}

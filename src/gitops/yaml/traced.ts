import type { NotEditableReason } from '../../domain/index.ts';

/** Why a scalar, though its place is known, is never edited. */
export interface EditBlock {
  readonly reason: NotEditableReason;
  readonly detail: string;
}

/** What a piece of YAML is used for; a lever's mechanism follows from it. */
export type SourceRole = 'resource' | 'patch' | 'replicas' | 'delivery-values' | 'chart-values';

/** A file's text as the repository holds it. */
export interface SourceText {
  readonly path: string;
  readonly blobId: string;
  readonly text: string;
}

/** Where a value was written: kept beside it through every patch and merge. */
export interface Origin {
  readonly source: SourceText;
  readonly role: SourceRole;
  readonly documentIndex: number;
  /** Keys and indices from the document's root; goes on inside a string that itself holds YAML. */
  readonly yamlPath: readonly (string | number)[];
  /** UTF-16 offsets into `source.text`. */
  readonly start: number;
  readonly end: number;
  readonly block: EditBlock | undefined;
}

export type ScalarValue = string | number | boolean | null;

export interface TracedScalar {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  readonly style: 'plain' | 'single-quoted' | 'double-quoted' | 'literal' | 'folded';
  readonly origin: Origin;
}

export interface TracedMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, TracedValue>;
  readonly origin: Origin;
}

export interface TracedList {
  readonly kind: 'list';
  readonly items: readonly TracedValue[];
  readonly origin: Origin;
}

/** A YAML value in which every part knows where it was written. Immutable; changes share what stays the same. */
export type TracedValue = TracedScalar | TracedMap | TracedList;

/** The value below a map's key; undefined for anything that is not a map or has no such key. */
export function child(value: TracedValue | undefined, key: string): TracedValue | undefined {
  return value?.kind === 'map' ? value.entries.get(key) : undefined;
}

/** Follows keys through maps. */
export function descend(value: TracedValue | undefined, keys: readonly string[]): TracedValue | undefined {
  let found = value;
  for (const key of keys) found = child(found, key);
  return found;
}

/** The items of a list; empty for anything else. */
export function itemsOf(value: TracedValue | undefined): readonly TracedValue[] {
  return value?.kind === 'list' ? value.items : [];
}

/** The text of a string scalar that is not empty. */
export function textOf(value: TracedValue | undefined): string | undefined {
  return value?.kind === 'scalar' && typeof value.value === 'string' && value.value !== '' ? value.value : undefined;
}

/** The text below some keys. */
export function textAt(value: TracedValue | undefined, ...keys: readonly string[]): string | undefined {
  return textOf(descend(value, keys));
}

/** A map with one entry set, or removed when the value is undefined. */
export function withEntry(map: TracedMap, key: string, value: TracedValue | undefined): TracedMap {
  const entries = new Map(map.entries);
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
  return { ...map, entries };
}

/** A map with the value below some keys set; missing maps on the way are made with the value's origin. */
export function withDescendant(map: TracedMap, keys: readonly string[], value: TracedValue): TracedMap {
  const [key, ...rest] = keys;
  if (key === undefined) return map;
  if (rest.length === 0) return withEntry(map, key, value);
  const below = map.entries.get(key);
  const inner: TracedMap = below?.kind === 'map' ? below : { kind: 'map', entries: new Map(), origin: value.origin };
  return withEntry(map, key, withDescendant(inner, rest, value));
}

/** Whether two values mean the same data, wherever they were written. */
export function isSameData(left: TracedValue, right: TracedValue): boolean {
  if (left.kind === 'scalar') return right.kind === 'scalar' && Object.is(left.value, right.value);
  if (left.kind === 'list') {
    return (
      right.kind === 'list' &&
      left.items.length === right.items.length &&
      left.items.every((item, index) => isOptionalSame(item, right.items[index]))
    );
  }
  return (
    right.kind === 'map' &&
    left.entries.size === right.entries.size &&
    [...left.entries].every(([key, item]) => isOptionalSame(item, right.entries.get(key)))
  );
}

function isOptionalSame(left: TracedValue, right: TracedValue | undefined): boolean {
  return right !== undefined && isSameData(left, right);
}

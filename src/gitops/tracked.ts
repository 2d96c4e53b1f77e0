import { isAlias, isMap, isScalar, isSeq, type Scalar } from 'yaml';
import {
  lineAndColumn,
  type DecidingField,
  type DecidingMechanism,
  type NotEditableReason,
  type SourcePlace,
} from '../domain/index.ts';
import { isDuplicateKey, usedAnchors, type YamlDocument } from './parse-yaml.ts';

/** A file of the repository, as its values are tracked. */
export interface SourceFile {
  readonly path: string;
  readonly blobId: string;
  readonly text: string;
  /** Set when nothing in the file may be edited. */
  readonly obstacle: Obstacle | undefined;
}

export interface Obstacle {
  readonly reason: NotEditableReason;
  readonly detail: string;
}

/** Where a value was written. */
export interface Origin {
  readonly file: SourceFile;
  readonly documentIndex: number;
  readonly yamlPath: readonly (string | number)[];
  readonly start: number;
  readonly end: number;
  readonly mechanism: DecidingMechanism;
  readonly obstacle: Obstacle | undefined;
}

/** A value that knows which bytes wrote it; overlays and patches carry it along unchanged. */
export type Tracked =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly origin: Origin }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Tracked>; readonly origin: Origin }
  | { readonly kind: 'list'; readonly items: readonly Tracked[]; readonly origin: Origin };

export type TrackedMap = Extract<Tracked, { kind: 'map' }>;

interface Walk {
  readonly document: YamlDocument;
  readonly file: SourceFile;
  readonly documentIndex: number;
  readonly mechanism: DecidingMechanism;
  readonly anchors: ReadonlySet<string>;
}

const depthMax = 100;

/** Turns one document into tracked values; undefined for an empty one. */
export function trackDocument(
  document: YamlDocument,
  documentIndex: number,
  file: SourceFile,
  mechanism: DecidingMechanism,
): Tracked | undefined {
  const walk: Walk = { document, file, documentIndex, mechanism, anchors: usedAnchors(document) };
  return document.contents === null
    ? undefined
    : track(document.contents, [], { walk, obstacle: file.obstacle, depth: 0 });
}

function track(
  node: unknown,
  yamlPath: readonly (string | number)[],
  context: { readonly walk: Walk; readonly obstacle: Obstacle | undefined; readonly depth: number },
): Tracked | undefined {
  const { walk, depth } = context;
  if (depth > depthMax) return undefined;
  if (isAlias(node)) {
    const target = node.resolve(walk.document);
    const obstacle: Obstacle = { reason: 'alias', detail: `the value is the alias *${node.source}` };
    return track(target, yamlPath, { walk, obstacle: context.obstacle ?? obstacle, depth: depth + 1 });
  }
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  const shared: Obstacle | undefined =
    anchor !== undefined && walk.anchors.has(anchor)
      ? { reason: 'anchor-shared', detail: `the anchor &${anchor} is used elsewhere in the file` }
      : undefined;
  const obstacle = context.obstacle ?? shared;
  const inner = { walk, obstacle, depth: depth + 1 };
  if (isScalar(node)) return trackScalar(node, yamlPath, inner);
  if (isSeq(node)) {
    const items = node.items.flatMap((item, index) => track(item, [...yamlPath, index], inner) ?? []);
    return { kind: 'list', items, origin: originOf(node.range, yamlPath, inner) };
  }
  if (!isMap(node)) return undefined;
  const entries = new Map<string, Tracked>();
  const merged = new Map<string, Tracked>();
  for (const pair of node.items) {
    if (!isScalar(pair.key)) continue;
    const key = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? String(pair.key.value));
    const repeated: Obstacle | undefined = isDuplicateKey(node as never, key)
      ? { reason: 'duplicate-key', detail: `the key ${key} stands twice` }
      : undefined;
    const value =
      pair.value === null
        ? undefined
        : track(pair.value, [...yamlPath, key], { ...inner, obstacle: obstacle ?? repeated });
    if (value === undefined) continue;
    if (key === '<<') mergeInto(merged, value);
    else entries.set(key, value);
  }
  for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value);
  return { kind: 'map', entries, origin: originOf(node.range, yamlPath, inner) };
}

function mergeInto(merged: Map<string, Tracked>, value: Tracked): void {
  const maps = value.kind === 'list' ? value.items : [value];
  for (const map of maps) {
    if (map.kind !== 'map') continue;
    for (const [key, item] of map.entries) if (!merged.has(key)) merged.set(key, item);
  }
}

function trackScalar(
  node: Scalar,
  yamlPath: readonly (string | number)[],
  context: { readonly walk: Walk; readonly obstacle: Obstacle | undefined; readonly depth: number },
): Tracked {
  const { value } = node;
  const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null;
  const scalar = known ? value : typeof value === 'bigint' ? Number(value) : String(value);
  const source = node.source ?? '';
  const disagreement: Obstacle | undefined =
    node.type === 'PLAIN' && isReadDifferently(source)
      ? { reason: 'yaml-versions-disagree', detail: `YAML 1.1 and 1.2 read ${source} as different values` }
      : undefined;
  const block: Obstacle | undefined =
    node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
      ? { reason: 'unsupported-value', detail: 'the value is a block of text' }
      : undefined;
  const obstacle = context.obstacle ?? disagreement ?? block;
  return { kind: 'scalar', value: scalar, origin: originOf(node.range, yamlPath, { ...context, obstacle }) };
}

/** Plain scalars that YAML 1.1 (which kubectl reads) and YAML 1.2 resolve to different values. */
function isReadDifferently(source: string): boolean {
  return (
    /^(?:y|n|yes|no|on|off)$/i.test(source) ||
    /^[-+]?0[0-9_]+$/.test(source) ||
    /^0o[0-7]+$/.test(source) ||
    /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(source) ||
    /^[-+]?[0-9][0-9_]*_[0-9_]*$/.test(source)
  );
}

function originOf(
  range: readonly [number, number, number] | null | undefined,
  yamlPath: readonly (string | number)[],
  context: { readonly walk: Walk; readonly obstacle: Obstacle | undefined },
): Origin {
  const { file, documentIndex, mechanism } = context.walk;
  return {
    file,
    documentIndex,
    yamlPath,
    start: range?.[0] ?? 0,
    end: range?.[1] ?? 0,
    mechanism,
    obstacle: context.obstacle,
  };
}

/** The value at a path of map keys and list indices; undefined where the path ends early. */
export function valueAt(value: Tracked | undefined, yamlPath: readonly (string | number)[]): Tracked | undefined {
  let current = value;
  for (const step of yamlPath) {
    if (current?.kind === 'map') current = current.entries.get(String(step));
    else if (current?.kind === 'list') current = current.items[Number(step)];
    else return undefined;
  }
  return current;
}

/** A text at a path, or undefined when there is none or it is something else. */
export function textAt(value: Tracked | undefined, yamlPath: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, yamlPath);
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined;
}

/** The string values of a map at a path, such as labels; other values as text, nested ones left out. */
export function textsAt(
  value: Tracked | undefined,
  yamlPath: readonly (string | number)[],
): Readonly<Record<string, string>> {
  const found = valueAt(value, yamlPath);
  const pairs = found?.kind === 'map' ? [...found.entries] : [];
  return Object.fromEntries(
    pairs.flatMap(([key, item]) => (item.kind === 'scalar' && item.value !== null ? [[key, String(item.value)]] : [])),
  );
}

export function itemsAt(value: Tracked | undefined, yamlPath: readonly (string | number)[]): readonly Tracked[] {
  const found = valueAt(value, yamlPath);
  return found?.kind === 'list' ? found.items : [];
}

/** The value as plain data, for parsing patches and comparing; maps have no prototype. */
export function toPlain(value: Tracked): unknown {
  switch (value.kind) {
    case 'scalar':
      return value.value;
    case 'list':
      return value.items.map(toPlain);
    case 'map': {
      const plain: Record<string, unknown> = Object.create(null);
      for (const [key, item] of value.entries) plain[key] = toPlain(item);
      return plain;
    }
  }
}

export function placeOf(origin: Origin): SourcePlace {
  return { path: origin.file.path, ...lineAndColumn(origin.file.text, origin.start) };
}

export function decidingField(origin: Origin): DecidingField {
  const { file, documentIndex, yamlPath, start, end, mechanism } = origin;
  return { ...placeOf(origin), blobId: file.blobId, documentIndex, yamlPath, start, end, mechanism };
}

import { isAlias, isMap, isScalar, isSeq, type Alias, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { DecidingMechanism } from '../domain/index.ts';
import type { YamlDocument } from './parse-yaml.ts';
import type { Obstacle, Origin, ScalarStyle, SourceFile, Tracked, TrackedMap, TrackedScalar } from './tracked.ts';

/** Aliases are expanded, so a small text can mean a huge value; a document of more parts is refused. */
const partsMax = 300_000;
const depthMax = 200;

/** A document is valid YAML, and too large or too deep to be a manifest. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError';
}

export interface TrackOptions {
  readonly file: SourceFile;
  readonly documentIndex: number;
  readonly mechanism: DecidingMechanism;
  /** For YAML inside a string: the string's own path and obstacle, and where an inner offset lies in the file. */
  readonly embedded?: {
    readonly yamlPath: readonly (string | number)[];
    readonly obstacle: Obstacle | undefined;
    readonly offsetInFile: (offset: number) => number;
  };
}

interface Walk extends TrackOptions {
  readonly targets: ReadonlyMap<Alias, unknown>;
  readonly sharedAnchors: ReadonlySet<string>;
  parts: number;
}

interface Position {
  readonly yamlPath: readonly (string | number)[];
  readonly obstacle: Obstacle | undefined;
  readonly depth: number;
}

/**
 * Turns a parsed document into tracked values: aliases and merge keys are resolved, and what cannot be edited without
 * touching something else is marked. Undefined for an empty document. @throws ExpansionError
 */
export function trackDocument(document: YamlDocument, options: TrackOptions): Tracked | undefined {
  if (document.contents === null) return undefined;
  const walk: Walk = { ...options, ...resolveAliases(document), parts: 0 };
  const { yamlPath, obstacle } = options.embedded ?? { yamlPath: [], obstacle: undefined };
  return track(document.contents, walk, { yamlPath, obstacle: obstacle ?? options.file.obstacle, depth: 0 });
}

/** One walk in document order: an alias means the last node before it that carries the anchor. */
function resolveAliases(document: YamlDocument): { targets: Map<Alias, unknown>; sharedAnchors: Set<string> } {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  const sharedAnchors = new Set<string>();
  const waiting: unknown[] = [document.contents];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isAlias(node)) {
      sharedAnchors.add(node.source);
      targets.set(node, anchors.get(node.source));
      continue;
    }
    const anchor = anchorOf(node);
    if (anchor !== undefined) anchors.set(anchor, node);
    if (isMap(node)) for (const pair of node.items.toReversed()) waiting.push(pair.value, pair.key);
    if (isSeq(node)) for (const item of node.items.toReversed()) waiting.push(item);
  }
  return { targets, sharedAnchors };
}

function anchorOf(node: unknown): string | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
}

function track(node: unknown, walk: Walk, position: Position): Tracked {
  walk.parts += 1;
  if (walk.parts > partsMax) throw new ExpansionError(`it expands to more than ${partsMax} values`);
  if (position.depth > depthMax) throw new ExpansionError(`it is nested more than ${depthMax} levels deep`);
  if (isAlias(node)) {
    const obstacle: Obstacle = {
      reason: 'alias',
      detail: `the value is the alias *${node.source}; changing its anchor would change the other uses too`,
    };
    const inner = { ...position, obstacle: position.obstacle ?? obstacle, depth: position.depth + 1 };
    return track(walk.targets.get(node), walk, inner);
  }
  const anchor = anchorOf(node);
  const shared: Obstacle | undefined =
    anchor !== undefined && walk.sharedAnchors.has(anchor)
      ? { reason: 'anchor-shared', detail: `the anchor &${anchor} is used elsewhere in the file` }
      : undefined;
  const here = { ...position, obstacle: position.obstacle ?? shared };
  if (isScalar(node)) return trackScalar(node, walk, here);
  if (isMap(node)) return trackMap(node, walk, here);
  if (isSeq(node)) {
    const items = node.items.map((item, index) =>
      track(item, walk, { yamlPath: [...here.yamlPath, index], obstacle: here.obstacle, depth: here.depth + 1 }),
    );
    return { kind: 'list', items, origin: originOf(startOf(node), walk, here) };
  }
  return { kind: 'scalar', value: null, style: 'plain', origin: originOf(undefined, walk, here) };
}

const styles: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single-quoted',
  QUOTE_DOUBLE: 'double-quoted',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

function trackScalar(node: Scalar, walk: Walk, position: Position): TrackedScalar {
  const { value } = node;
  const isKnown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  const tagged: Obstacle | undefined =
    node.tag === undefined
      ? undefined
      : { reason: 'unsupported-value', detail: `the value carries the tag ${node.tag}` };
  return {
    kind: 'scalar',
    value: isKnown ? value : null,
    style: styles[node.type ?? 'PLAIN'] ?? 'plain',
    origin: originOf(node.range, walk, { ...position, obstacle: position.obstacle ?? tagged }),
  };
}

function trackMap(node: YAMLMap, walk: Walk, position: Position): TrackedMap {
  const entries = new Map<string, Tracked>();
  const merged = new Map<string, Tracked>();
  const counts = new Map<string, number>();
  for (const pair of node.items) {
    const key = keyText(pair.key);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const pair of node.items) {
    const key = keyText(pair.key);
    if (key === undefined) continue;
    const isMergeKey = isScalar(pair.key) && key === '<<' && pair.key.type === 'PLAIN';
    const repeated: Obstacle | undefined =
      !isMergeKey && (counts.get(key) ?? 0) > 1
        ? { reason: 'duplicate-key', detail: `the key ${key} stands twice in one map` }
        : undefined;
    const value = track(pair.value, walk, {
      yamlPath: isMergeKey ? position.yamlPath : [...position.yamlPath, key],
      obstacle: position.obstacle ?? repeated,
      depth: position.depth + 1,
    });
    if (isMergeKey) mergeInto(merged, value);
    else entries.set(key, value);
  }
  for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value);
  return { kind: 'map', entries, origin: originOf(startOf(node), walk, position) };
}

/** Of several merged maps the earlier one wins. https://yaml.org/type/merge.html */
function mergeInto(merged: Map<string, Tracked>, value: Tracked): void {
  for (const map of value.kind === 'list' ? value.items : [value]) {
    if (map.kind !== 'map') continue;
    for (const [key, item] of map.entries) if (!merged.has(key)) merged.set(key, item);
  }
}

/** Keys by their text, so that `on:` stays `on` whatever a schema makes of it; a map or list is no key. */
function keyText(key: unknown): string | undefined {
  return isScalar(key) ? (key.source ?? String(key.value)) : undefined;
}

/** Of a map or list only the beginning is known to readers. */
function startOf({ range }: YAMLMap | YAMLSeq): readonly [number, number, number] | undefined {
  return range === null || range === undefined ? undefined : [range[0], range[0], range[0]];
}

function originOf(range: readonly [number, number, number] | null | undefined, walk: Walk, position: Position): Origin {
  const inFile = walk.embedded?.offsetInFile ?? ((offset: number): number => offset);
  return {
    file: walk.file,
    documentIndex: walk.documentIndex,
    yamlPath: position.yamlPath,
    start: inFile(range?.[0] ?? 0),
    end: inFile(range?.[1] ?? 0),
    mechanism: walk.mechanism,
    obstacle: position.obstacle,
  };
}

import { isAlias, isMap, isScalar, isSeq, type Alias, type Document, type Scalar, type YAMLMap } from 'yaml';
import type {
  EditBlock,
  Origin,
  ScalarValue,
  SourceRole,
  SourceText,
  TracedMap,
  TracedScalar,
  TracedValue,
} from './traced.ts';

/** Aliases are expanded, so a small text can mean a huge value; beyond this many parts it is refused. */
const partsMax = 300_000;
const depthMax = 200;

/** Thrown when a document is valid YAML and too large or too deep to be a manifest. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError';
}

export interface TraceOptions {
  readonly source: SourceText;
  readonly role: SourceRole;
  readonly documentIndex: number;
  /** Applies to the whole document: an encrypted or generated file. */
  readonly block: EditBlock | undefined;
  /** For YAML inside a string: where an offset of the inner text lies in the file, and the string's own path. */
  readonly offsetInFile?: (offset: number) => number;
  readonly pathInFile?: readonly (string | number)[];
}

interface Tracing extends TraceOptions {
  readonly aliases: ReadonlyMap<Alias, unknown>;
  readonly sharedAnchors: ReadonlySet<string>;
  parts: number;
}

/**
 * Turns a parsed document into traced values: aliases and merge keys are resolved, and whatever cannot be edited
 * without touching something else is marked. @throws ExpansionError
 */
export function traceDocument(document: Document.Parsed, options: TraceOptions): TracedValue | undefined {
  if (document.contents === null) return undefined;
  const { aliases, sharedAnchors } = resolveAliases(document);
  const tracing: Tracing = { ...options, aliases, sharedAnchors, parts: 0 };
  return trace(document.contents, tracing, { path: options.pathInFile ?? [], block: options.block, depth: 0 });
}

/** One walk in document order: an alias means the last node before it that carries the anchor. */
function resolveAliases(document: Document.Parsed): { aliases: Map<Alias, unknown>; sharedAnchors: Set<string> } {
  const anchors = new Map<string, unknown>();
  const aliases = new Map<Alias, unknown>();
  const sharedAnchors = new Set<string>();
  const waiting: unknown[] = [document.contents];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isAlias(node)) {
      sharedAnchors.add(node.source);
      aliases.set(node, anchors.get(node.source));
      continue;
    }
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    }
    if (isMap(node)) for (const pair of node.items.toReversed()) waiting.push(pair.value, pair.key);
    if (isSeq(node)) waiting.push(...node.items.toReversed());
  }
  return { aliases, sharedAnchors };
}

interface Position {
  readonly path: readonly (string | number)[];
  readonly block: EditBlock | undefined;
  readonly depth: number;
}

function trace(node: unknown, tracing: Tracing, position: Position): TracedValue {
  tracing.parts += 1;
  if (tracing.parts > partsMax) throw new ExpansionError(`it expands to more than ${partsMax} values`);
  if (position.depth > depthMax) throw new ExpansionError(`it is nested more than ${depthMax} levels deep`);
  if (isAlias(node)) {
    const detail = `the value is the alias *${node.source}: changing it would change the anchor's other uses`;
    const value = trace(tracing.aliases.get(node), tracing, {
      ...position,
      block: position.block ?? { reason: 'alias', detail },
      depth: position.depth + 1,
    });
    return value;
  }
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  const here: Position =
    anchor !== undefined && tracing.sharedAnchors.has(anchor) && position.block === undefined
      ? {
          ...position,
          block: { reason: 'anchor-shared', detail: `the anchor &${anchor} is used elsewhere in the file` },
        }
      : position;
  if (isScalar(node)) return traceScalar(node, tracing, here);
  if (isMap(node)) return traceMap(node, tracing, here);
  if (isSeq(node)) {
    const items = node.items.map((item, index) =>
      trace(item, tracing, { path: [...here.path, index], block: here.block, depth: here.depth + 1 }),
    );
    return { kind: 'list', items, origin: origin(node.range, tracing, here) };
  }
  return { kind: 'scalar', value: null, style: 'plain', origin: origin(undefined, tracing, here) };
}

function traceScalar(node: Scalar, tracing: Tracing, position: Position): TracedScalar {
  const styles = {
    PLAIN: 'plain',
    QUOTE_SINGLE: 'single-quoted',
    QUOTE_DOUBLE: 'double-quoted',
    BLOCK_LITERAL: 'literal',
    BLOCK_FOLDED: 'folded',
  } as const;
  const value: ScalarValue =
    typeof node.value === 'string' || typeof node.value === 'number' || typeof node.value === 'boolean'
      ? node.value
      : null;
  const block: EditBlock | undefined =
    position.block ??
    (node.tag === undefined
      ? undefined
      : { reason: 'unsupported-value', detail: `the value carries the tag ${node.tag}` });
  return {
    kind: 'scalar',
    value,
    style: styles[node.type as keyof typeof styles] ?? 'plain',
    origin: origin(node.range, tracing, { ...position, block }),
  };
}

function traceMap(node: YAMLMap, tracing: Tracing, position: Position): TracedMap {
  const merged = new Map<string, TracedValue>();
  const entries = new Map<string, TracedValue>();
  const keys = node.items.map((pair) => keyOf(pair.key));
  const counts = new Map<string, number>();
  for (const key of keys) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const [index, pair] of node.items.entries()) {
    const key = keys[index];
    if (key === undefined) continue;
    if (isMergeKey(pair.key)) {
      mergeInto(merged, trace(pair.value, tracing, { ...position, depth: position.depth + 1 }));
      continue;
    }
    const duplicate: EditBlock | undefined =
      (counts.get(key) ?? 0) > 1
        ? { reason: 'duplicate-key', detail: `the key ${key} is written twice in one map` }
        : undefined;
    const below = { path: [...position.path, key], block: position.block ?? duplicate, depth: position.depth + 1 };
    entries.set(key, trace(pair.value, tracing, below));
  }
  for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value);
  return { kind: 'map', entries, origin: origin(node.range, tracing, position) };
}

/** Earlier sources of one merge key win over later ones; https://yaml.org/type/merge.html */
function mergeInto(merged: Map<string, TracedValue>, value: TracedValue): void {
  for (const source of value.kind === 'list' ? value.items : [value]) {
    if (source.kind !== 'map') continue;
    for (const [key, item] of source.entries) if (!merged.has(key)) merged.set(key, item);
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN';
}

/** Keys by their text, so that `on:` stays `on` whatever a schema makes of it. Keys that are maps or lists are no keys. */
function keyOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return key.source ?? String(key.value);
}

function origin(
  range: readonly [number, number, number] | null | undefined,
  tracing: Tracing,
  position: Position,
): Origin {
  const inFile = tracing.offsetInFile ?? ((offset: number): number => offset);
  return {
    source: tracing.source,
    role: tracing.role,
    documentIndex: tracing.documentIndex,
    yamlPath: position.path,
    start: inFile(range?.[0] ?? 0),
    end: inFile(range?.[1] ?? 0),
    block: position.block,
  };
}

import type { DecidingMechanism } from '../../domain/index.ts';
import type { Obstacle, ScalarStyle, SourceFile, Tracked } from '../tracked.ts';

const styles: readonly ScalarStyle[] = ['plain', 'single-quoted', 'double-quoted', 'literal', 'folded'];

/** A tracked value without what its file and its place in the document already say. */
type Compact =
  | readonly [
      kind: 0,
      start: number,
      end: number,
      obstacle: Obstacle | null,
      value: string | number | boolean | null,
      style: number,
    ]
  | readonly [
      kind: 1,
      start: number,
      end: number,
      obstacle: Obstacle | null,
      entries: readonly (readonly [string, Compact])[],
    ]
  | readonly [kind: 2, start: number, end: number, obstacle: Obstacle | null, items: readonly Compact[]];

export interface CompactDocument {
  readonly documentIndex: number;
  readonly root: Compact;
}

function compact(value: Tracked): Compact {
  const { start, end, obstacle = null } = value.origin;
  switch (value.kind) {
    case 'scalar':
      return [0, start, end, obstacle, value.value, styles.indexOf(value.style)];
    case 'map':
      return [1, start, end, obstacle, [...value.entries].map(([key, item]) => [key, compact(item)] as const)];
    case 'list':
      return [2, start, end, obstacle, value.items.map(compact)];
  }
}

/** The value as it was tracked, in a file of the same content. */
export function expand(
  { documentIndex, root }: CompactDocument,
  { file, mechanism }: { readonly file: SourceFile; readonly mechanism: DecidingMechanism },
): Tracked {
  const at = (value: Compact, yamlPath: readonly (string | number)[]): Tracked => {
    const [, start, end, obstacle] = value;
    const origin = { file, documentIndex, yamlPath, start, end, mechanism, obstacle: obstacle ?? undefined };
    if (value[0] === 0) return { kind: 'scalar', value: value[4], style: styles[value[5]] ?? 'plain', origin };
    if (value[0] === 2)
      return { kind: 'list', items: value[4].map((item, index) => at(item, [...yamlPath, index])), origin };
    const entries = new Map<string, Tracked>();
    for (const [key, item] of value[4]) entries.set(key, at(item, [...yamlPath, key]));
    return { kind: 'map', entries, origin };
  };
  return at(root, []);
}

export function compactDocument(root: Tracked): CompactDocument {
  return { documentIndex: root.origin.documentIndex, root: compact(root) };
}

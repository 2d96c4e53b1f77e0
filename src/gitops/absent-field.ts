import type { AbsentField, DecidingMechanism, Insertion } from '../domain/index.ts';
import { splitPath, type FieldPath } from './field-path.ts';
import { placeOf, valueAt, type Obstacle, type Tracked } from './tracked.ts';

/**
 * Where a field that nothing writes would be added: in the innermost map that is there. An obstacle where that map must
 * not be edited; undefined where the path does not lead to one map, such as below a list.
 */
export function absentField(root: Tracked, path: FieldPath): AbsentField | Obstacle | undefined {
  let below = root;
  let keys = splitPath(path);
  for (let star = keys.indexOf('*'); star !== -1; star = keys.indexOf('*')) {
    const all = valueAt(below, keys.slice(0, star));
    const items = all?.kind === 'list' ? all.items : all?.kind === 'map' ? [...all.entries.values()] : [];
    const [only] = items;
    if (only === undefined || items.length > 1) return undefined;
    below = only;
    keys = keys.slice(star + 1);
  }
  return absentBelow(below, keys, { insertion: { kind: 'key' } });
}

/** As {@link absentField}, by keys, and for any kind of insertion. The last key may be there when it is a list in block style. */
export function absentBelow(
  root: Tracked,
  keys: readonly string[],
  what: { readonly insertion: Insertion; readonly mechanism?: DecidingMechanism },
): AbsentField | Obstacle | undefined {
  let map: Tracked = root;
  let depth = 0;
  for (const key of keys) {
    const next = valueAt(map, [key]);
    if (next === undefined) break;
    map = next;
    depth += 1;
  }
  const isList = depth === keys.length && map.kind === 'list';
  if (!isList && (map.kind !== 'map' || depth === keys.length)) return undefined;
  const { origin } = map;
  if (origin.obstacle !== undefined) return origin.obstacle;
  if (map.kind === 'map' && map.entries.size === 0) return undefined;
  const { file, documentIndex, yamlPath, start, mechanism } = origin;
  const isFlow = '[{'.includes(file.text.charAt(start));
  if (isFlow && (isList || what.insertion.kind !== 'key')) return undefined;
  return {
    kind: 'absent',
    ...placeOf(origin),
    blobId: file.blobId,
    documentIndex,
    yamlPath: [...yamlPath, ...keys.slice(depth)],
    presentDepth: yamlPath.length,
    start,
    mechanism: what.mechanism ?? mechanism,
    insertion: what.insertion,
  };
}

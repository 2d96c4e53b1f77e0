import {
  lineAndColumn,
  type DecidingMechanism,
  type NotEditableReason,
  type PresentField,
  type SourcePlace,
} from '../domain/index.ts';

/** A file of the repository, as its values are tracked. */
export interface SourceFile {
  readonly path: string;
  readonly blobId: string;
  readonly text: string;
  /** Set when nothing in the file may be edited. */
  readonly obstacle: Obstacle | undefined;
}

/** Why a value, though its place is known, is never edited. */
export interface Obstacle {
  readonly reason: NotEditableReason;
  readonly detail: string;
}

/** Where a value was written. */
export interface Origin {
  readonly file: SourceFile;
  readonly documentIndex: number;
  /** Keys and indices from the document's root; goes on inside a string that itself holds YAML. */
  readonly yamlPath: readonly (string | number)[];
  /** UTF-16 offsets into the file's text. A map or list has the same for both: where it begins. */
  readonly start: number;
  readonly end: number;
  readonly mechanism: DecidingMechanism;
  readonly obstacle: Obstacle | undefined;
}

export type ScalarStyle = 'plain' | 'single-quoted' | 'double-quoted' | 'literal' | 'folded';

/** A value that knows which bytes wrote it; overlays and patches carry it along unchanged. */
export type Tracked = TrackedScalar | TrackedMap | TrackedList;

export interface TrackedScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly style: ScalarStyle;
  readonly origin: Origin;
}

export interface TrackedMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Tracked>;
  readonly origin: Origin;
}

export interface TrackedList {
  readonly kind: 'list';
  readonly items: readonly Tracked[];
  readonly origin: Origin;
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

/** A text at a path; undefined when there is none, or an empty one, or something else. */
export function textAt(value: Tracked | undefined, yamlPath: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, yamlPath);
  return found?.kind === 'scalar' && typeof found.value === 'string' && found.value !== '' ? found.value : undefined;
}

/** The scalars of a map at a path as text, such as labels; nested values are left out. */
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

/** The items of a list at a path; none for anything else. */
export function itemsAt(value: Tracked | undefined, yamlPath: readonly (string | number)[]): readonly Tracked[] {
  const found = valueAt(value, yamlPath);
  return found?.kind === 'list' ? found.items : [];
}

/** Sets a value below maps, making the maps that are missing. */
export function setAt(value: Tracked, yamlPath: readonly string[], item: Tracked): Tracked {
  const [key, ...rest] = yamlPath;
  if (key === undefined || value.kind !== 'map') return item;
  const obstacle: Obstacle = { reason: 'unsupported-value', detail: 'the map is made when it is built' };
  const empty: TrackedMap = { kind: 'map', entries: new Map(), origin: { ...item.origin, obstacle } };
  const entries = new Map(value.entries);
  entries.set(key, rest.length === 0 ? item : setAt(value.entries.get(key) ?? empty, rest, item));
  return { ...value, entries };
}

/** Rewrites every scalar; maps and lists keep their shape. */
export function mapScalars(value: Tracked, change: (scalar: TrackedScalar) => TrackedScalar): Tracked {
  switch (value.kind) {
    case 'scalar':
      return change(value);
    case 'list':
      return { ...value, items: value.items.map((item) => mapScalars(item, change)) };
    case 'map':
      return { ...value, entries: new Map([...value.entries].map(([key, item]) => [key, mapScalars(item, change)])) };
  }
}

/** The same value, reaching the cluster in another way. */
export function reachingBy(value: Tracked, mechanism: DecidingMechanism): Tracked {
  const origin = { ...value.origin, mechanism };
  switch (value.kind) {
    case 'scalar':
      return { ...value, origin };
    case 'list':
      return { ...value, origin, items: value.items.map((item) => reachingBy(item, mechanism)) };
    case 'map': {
      const entries = new Map<string, Tracked>();
      for (const [key, item] of value.entries) entries.set(key, reachingBy(item, mechanism));
      return { ...value, origin, entries };
    }
  }
}

/** Whether two values mean the same data, wherever they were written. */
export function isSameData(left: Tracked, right: Tracked | undefined): boolean {
  if (left.kind === 'scalar') return right?.kind === 'scalar' && Object.is(left.value, right.value);
  if (left.kind === 'list') {
    return (
      right?.kind === 'list' &&
      left.items.length === right.items.length &&
      left.items.every((item, index) => isSameData(item, right.items[index]))
    );
  }
  return (
    right?.kind === 'map' &&
    left.entries.size === right.entries.size &&
    [...left.entries].every(([key, item]) => isSameData(item, right.entries.get(key)))
  );
}

export function placeOf(origin: Origin): SourcePlace {
  return { path: origin.file.path, ...lineAndColumn(origin.file.text, origin.start) };
}

export function presentField(origin: Origin): PresentField {
  const { file, documentIndex, yamlPath, start, end, mechanism } = origin;
  return { kind: 'present', ...placeOf(origin), blobId: file.blobId, documentIndex, yamlPath, start, end, mechanism };
}

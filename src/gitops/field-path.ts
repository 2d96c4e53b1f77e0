import { splitPath, type FieldPath } from './kinds.ts';
import { valueAt, type Tracked } from './tracked.ts';

/** All values that a path with `*` reaches; an empty path reaches the value itself. */
export function valuesAt(root: Tracked, path: FieldPath): readonly Tracked[] {
  let values: readonly Tracked[] = [root];
  for (const step of splitPath(path)) {
    values = values.flatMap((value) => {
      if (step !== '*') return valueAt(value, [step]) ?? [];
      if (value.kind === 'list') return value.items;
      return value.kind === 'map' ? [...value.entries.values()] : [];
    });
  }
  return values;
}

/** The number that a single scalar at a path holds, quoted or not. */
export function numberAt(root: Tracked, path: FieldPath): number | undefined {
  const found = valuesAt(root, path);
  const [first] = found;
  if (found.length !== 1 || first?.kind !== 'scalar') return undefined;
  if (typeof first.value === 'number') return first.value;
  return typeof first.value === 'string' && /^\d{1,9}$/.test(first.value) ? Number(first.value) : undefined;
}

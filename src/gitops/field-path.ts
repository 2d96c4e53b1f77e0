import { valueAt, type Tracked } from './tracked.ts';

/**
 * A path of keys with dots between. `*` stands for every item of a list or value of a map, `\.` for a dot in a key, and
 * `[name=gpu,mode=In]` for the items of a list whose keys hold those texts.
 */
export type FieldPath = string;

/** Splits a field path at its dots. */
export function splitPath(path: FieldPath): readonly string[] {
  return path === '' ? [] : path.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
}

/** All values that a path reaches; an empty path reaches the value itself. */
export function valuesAt(root: Tracked, path: FieldPath): readonly Tracked[] {
  let values: readonly Tracked[] = [root];
  for (const step of splitPath(path)) {
    const wanted = itemConditions(step);
    values = values.flatMap((value) => {
      if (wanted !== undefined) return value.kind === 'list' ? value.items.filter((item) => isItem(item, wanted)) : [];
      if (step !== '*') return valueAt(value, [step]) ?? [];
      if (value.kind === 'list') return value.items;
      return value.kind === 'map' ? [...value.entries.values()] : [];
    });
  }
  return values;
}

type Condition = readonly [key: string, text: string];

/** The keys and texts of a step such as `[name=gpu]`; undefined for other steps. */
function itemConditions(step: string): readonly Condition[] | undefined {
  if (!step.startsWith('[') || !step.endsWith(']')) return undefined;
  return step
    .slice(1, -1)
    .split(',')
    .map((condition) => {
      const equals = condition.indexOf('=');
      return [condition.slice(0, equals), condition.slice(equals + 1)];
    });
}

function isItem(item: Tracked, conditions: readonly Condition[]): boolean {
  return conditions.every(([key, text]) => {
    const value = valueAt(item, [key]);
    return value?.kind === 'scalar' && value.value === text;
  });
}

/** The number that a single scalar at a path holds, quoted or not. */
export function numberAt(root: Tracked, path: FieldPath): number | undefined {
  const found = valuesAt(root, path);
  const [first] = found;
  if (found.length !== 1 || first?.kind !== 'scalar') return undefined;
  if (typeof first.value === 'number') return first.value;
  return typeof first.value === 'string' && /^\d{1,9}$/.test(first.value) ? Number(first.value) : undefined;
}

/** Whether a condition of a row holds: its field is true, or is there at all. */
export function isMet(
  root: Tracked,
  condition: { readonly field: FieldPath; readonly is: 'true' | 'present' },
): boolean {
  const [first] = valuesAt(root, condition.field);
  if (condition.is === 'true') return first?.kind === 'scalar' && first.value === true;
  return first !== undefined && !(first.kind === 'scalar' && first.value === null);
}

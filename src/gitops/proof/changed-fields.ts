import { apiVersionOf, kindOf, nameOf, namespaceOf, type Resource } from '../resource.ts';
import type { Tracked } from '../tracked.ts';

export type FieldValue = string | number | boolean | null;

/** One field of one object that is not what it was. */
export interface ChangedField {
  readonly cluster: string;
  /** `Deployment inference/clip-server` */
  readonly object: string;
  /** Keys and indices from the object's root. */
  readonly path: readonly (string | number)[];
  /** Undefined where there was nothing, or a whole map or list. */
  readonly before: FieldValue | undefined;
  readonly after: FieldValue | undefined;
}

export function objectName(resource: Resource): string {
  return `${kindOf(resource)} ${namespaceOf(resource) ?? 'default'}/${nameOf(resource) ?? '?'}`;
}

/** Tells objects of one cluster apart. */
export function objectKey(resource: Resource): string {
  return JSON.stringify([
    apiVersionOf(resource),
    kindOf(resource),
    namespaceOf(resource) ?? 'default',
    nameOf(resource) ?? '',
  ]);
}

/** Where two values differ, as deep as they can be compared. Equal references are not looked into. */
export function changedPaths(
  before: Tracked | undefined,
  after: Tracked | undefined,
): readonly Pick<ChangedField, 'path' | 'before' | 'after'>[] {
  const found: Pick<ChangedField, 'path' | 'before' | 'after'>[] = [];
  const waiting: { path: readonly (string | number)[]; before: Tracked | undefined; after: Tracked | undefined }[] = [
    { path: [], before, after },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.before === next.after) continue;
    const { path } = next;
    if (next.before?.kind === 'map' && next.after?.kind === 'map') {
      const keys = new Set([...next.before.entries.keys(), ...next.after.entries.keys()]);
      for (const key of keys) {
        waiting.push({
          path: [...path, key],
          before: next.before.entries.get(key),
          after: next.after.entries.get(key),
        });
      }
      continue;
    }
    if (next.before?.kind === 'list' && next.after?.kind === 'list') {
      const length = Math.max(next.before.items.length, next.after.items.length);
      for (let index = 0; index < length; index += 1) {
        waiting.push({ path: [...path, index], before: next.before.items[index], after: next.after.items[index] });
      }
      continue;
    }
    const [old, now] = [scalarOf(next.before), scalarOf(next.after)];
    const areScalars = next.before?.kind === 'scalar' && next.after?.kind === 'scalar';
    if (!areScalars || !Object.is(old, now)) found.push({ path, before: old, after: now });
  }
  return found.toReversed();
}

function scalarOf(value: Tracked | undefined): FieldValue | undefined {
  return value?.kind === 'scalar' ? value.value : undefined;
}

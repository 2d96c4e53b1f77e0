import { textAt, valueAt, type Tracked } from './tracked.ts';

/**
 * Applies the operations of a JSON Patch (RFC 6902) that Kustomize patches use: add, replace, remove. A value that an
 * operation brings keeps its place in the patch. Operations that do not apply are left out: the render shows them.
 */
export function applyJsonPatch(base: Tracked, operations: readonly Tracked[]): Tracked {
  return operations.reduce((value, operation) => {
    const pointer = textAt(operation, ['path']);
    const op = textAt(operation, ['op']);
    if (pointer === undefined || !pointer.startsWith('/')) return value;
    const steps = pointer
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const brought = valueAt(operation, ['value']);
    if (op === 'remove') return update(value, steps, () => undefined) ?? value;
    if ((op === 'replace' || op === 'add') && brought !== undefined) {
      return update(value, steps, () => brought, op === 'add') ?? value;
    }
    return value;
  }, base);
}

function update(
  value: Tracked,
  steps: readonly string[],
  change: (present: Tracked | undefined) => Tracked | undefined,
  inserts = false,
): Tracked | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return change(value);
  if (value.kind === 'map') {
    const present = value.entries.get(step);
    if (present === undefined && rest.length > 0) return value;
    const next =
      rest.length === 0 ? change(present) : present === undefined ? undefined : update(present, rest, change, inserts);
    const entries = new Map(value.entries);
    if (next === undefined) entries.delete(step);
    else entries.set(step, next);
    return { ...value, entries };
  }
  if (value.kind !== 'list') return value;
  const index = step === '-' ? value.items.length : Number(step);
  if (!Number.isInteger(index) || index < 0 || index > value.items.length) return value;
  const present = value.items[index];
  const items = [...value.items];
  if (rest.length > 0) {
    const next = present === undefined ? undefined : update(present, rest, change, inserts);
    if (next !== undefined) items[index] = next;
    return { ...value, items };
  }
  const next = change(present);
  items.splice(index, inserts || present === undefined ? 0 : 1, ...(next === undefined ? [] : [next]));
  return { ...value, items };
}

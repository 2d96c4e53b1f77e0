import { textAt, valueAt, type Tracked } from './tracked.ts';

/**
 * Applies a JSON Patch (RFC 6902) with the operations that Kustomize users write: add, replace, remove; `test` changes
 * nothing. A value that an operation brings keeps its place in the patch. Undefined when an operation is another one
 * or does not apply: what the object becomes is then unknown.
 */
export function applyJsonPatch(base: Tracked, operations: readonly Tracked[]): Tracked | undefined {
  let value: Tracked | undefined = base;
  for (const operation of operations) {
    if (value === undefined) return undefined;
    value = applyOperation(value, operation);
  }
  return value;
}

function applyOperation(base: Tracked, operation: Tracked): Tracked | undefined {
  const pointer = textAt(operation, ['path']);
  const op = textAt(operation, ['op']);
  if (op === 'test') return base;
  if (pointer === undefined || !pointer.startsWith('/')) return undefined;
  const steps = pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const brought = valueAt(operation, ['value']);
  if (op === 'remove') return update(base, steps, { op, brought: undefined });
  if ((op === 'replace' || op === 'add') && brought !== undefined) return update(base, steps, { op, brought });
  return undefined;
}

interface Change {
  readonly op: 'add' | 'replace' | 'remove';
  readonly brought: Tracked | undefined;
}

function update(value: Tracked, steps: readonly string[], change: Change): Tracked | undefined {
  const [step, ...rest] = steps;
  if (step === undefined || value.kind === 'scalar') return undefined;
  if (value.kind === 'map') {
    const present = value.entries.get(step);
    const entries = new Map(value.entries);
    if (rest.length > 0) {
      const below = present === undefined ? undefined : update(present, rest, change);
      if (below === undefined) return undefined;
      entries.set(step, below);
      return { ...value, entries };
    }
    // Kustomize takes `replace` of a key that is not there as `add`; only removing it fails.
    if (present === undefined && change.op === 'remove') return undefined;
    if (change.brought === undefined) entries.delete(step);
    else entries.set(step, change.brought);
    return { ...value, entries };
  }
  return updateList(value, step, { rest, change });
}

function updateList(
  list: Extract<Tracked, { readonly kind: 'list' }>,
  step: string,
  at: { readonly rest: readonly string[]; readonly change: Change },
): Tracked | undefined {
  const { rest, change } = at;
  const isAppend = step === '-' && change.op === 'add' && rest.length === 0;
  const index = isAppend ? list.items.length : /^\d{1,6}$/.test(step) ? Number(step) : -1;
  const present = list.items[index];
  if (index < 0 || (present === undefined && !(change.op === 'add' && index === list.items.length))) return undefined;
  const items = [...list.items];
  if (rest.length > 0) {
    const below = present === undefined ? undefined : update(present, rest, change);
    if (below === undefined) return undefined;
    items[index] = below;
    return { ...list, items };
  }
  items.splice(index, change.op === 'add' ? 0 : 1, ...(change.brought === undefined ? [] : [change.brought]));
  return { ...list, items };
}

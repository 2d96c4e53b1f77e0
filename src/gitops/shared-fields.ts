import type { Lever, SourcePlace, Workload } from '../domain/index.ts';
import type { Tracked } from './tracked.ts';

/** A workload, and what in the repository made it. */
export interface Declaration {
  readonly workload: Workload;
  readonly environment: { readonly cluster: string; readonly name: string };
  /** Files that hold any of its values. */
  readonly files: ReadonlySet<string>;
  /** Where the object itself begins. */
  readonly document: string;
}

/** Files that hold any scalar of a value. */
export function filesOf(value: Tracked): ReadonlySet<string> {
  const files = new Set<string>();
  const waiting: Tracked[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'scalar') files.add(next.origin.file.path);
    else waiting.push(...(next.kind === 'list' ? next.items : next.entries.values()));
  }
  return files;
}

/**
 * Refuses to edit a scalar that speaks for more than one workload: in a file that also shapes another environment, or
 * in a patch that is laid over several objects.
 */
export function refuseShared(declarations: readonly Declaration[]): readonly Declaration[] {
  const users = new Map<string, Declaration[]>();
  const deciders = new Map<string, Set<string>>();
  for (const declaration of declarations) {
    for (const file of declaration.files) append(users, file, declaration);
    for (const { field } of declaration.workload.levers) {
      if (field.kind !== 'editable') continue;
      const key = scalarKey(field.field);
      deciders.set(key, (deciders.get(key) ?? new Set()).add(declaration.workload.id));
    }
  }
  return declarations.map((declaration) => {
    const levers = declaration.workload.levers.map((lever): Lever => {
      if (lever.field.kind !== 'editable') return lever;
      const { path, line, column } = lever.field.field;
      const place: SourcePlace = { path, line, column };
      const others = otherEnvironments(declaration, users.get(path) ?? []);
      const ids = deciders.get(scalarKey(lever.field.field));
      const detail =
        others.length > 0
          ? `${path} also makes ${listed(others)}; set the value in a patch of the overlay`
          : ids !== undefined && ids.size > 1
            ? `the value also decides ${listed([...ids].filter((id) => id !== declaration.workload.id))}; set it for this workload in a patch of its own`
            : undefined;
      if (detail === undefined) return lever;
      return { ...lever, field: { kind: 'not-editable', reason: 'base-shared', detail, place } };
    });
    return { ...declaration, workload: { ...declaration.workload, levers } };
  });
}

/** Environments that a file also makes, by name; a second one that brings the very same workload is none. */
function otherEnvironments(declaration: Declaration, users: readonly Declaration[]): readonly string[] {
  const own = environmentKey(declaration);
  const others = users.filter((user) => environmentKey(user) !== own && user.workload.id !== declaration.workload.id);
  return [...new Set(others.map(environmentKey))].toSorted();
}

function environmentKey({ environment }: Declaration): string {
  return `${environment.cluster} (${environment.name})`;
}

function scalarKey(field: { readonly path: string; readonly start: number }): string {
  return `${field.path}\u0000${field.start}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/**
 * One declaration of each workload. The same object reached twice is one; different objects of one name in one cluster
 * contradict each other, and none of their fields is edited.
 */
export function oneOfEach(declarations: readonly Declaration[]): readonly Declaration[] {
  const byId = new Map<string, Declaration[]>();
  for (const declaration of declarations) append(byId, declaration.workload.id, declaration);
  return [...byId.values()].flatMap((same) => {
    const [first] = same.toSorted((left, right) => (left.document < right.document ? -1 : 1));
    if (first === undefined) return [];
    const documents = [...new Set(same.map(({ document }) => document))].toSorted();
    return [documents.length === 1 ? first : contradicted(first, documents)];
  });
}

function contradicted(declaration: Declaration, documents: readonly string[]): Declaration {
  const detail = `the workload is declared ${documents.length} times for ${declaration.workload.cluster} (${listed(documents)}); which one counts is not known`;
  const levers = declaration.workload.levers.map((lever): Lever => {
    const place =
      lever.field.kind === 'editable'
        ? { path: lever.field.field.path, line: lever.field.field.line, column: lever.field.field.column }
        : lever.field.place;
    return {
      ...lever,
      field: {
        kind: 'not-editable',
        reason: 'declared-twice',
        detail,
        ...(place === undefined ? {} : { place }),
      },
    };
  });
  return { ...declaration, workload: { ...declaration.workload, levers } };
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

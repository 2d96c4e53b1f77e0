import type { CapacityPool, DecidingField, DecidingMechanism, Lever, SourcePlace, Workload } from '../domain/index.ts';
import { overlayField, type OverlayTarget } from './overlay-patch.ts';
import type { Tracked } from './tracked.ts';

/** A workload or a pool of capacity, and what in the repository made it. */
export interface Declaration {
  readonly declared: Workload | CapacityPool;
  readonly environment: { readonly cluster: string; readonly name: string };
  /** Files that hold any of its values. */
  readonly files: ReadonlySet<string>;
  /** Where the object itself begins. */
  readonly document: string;
  /** Where a lever can be set for this environment alone. */
  readonly overlayTarget: (lever: Lever) => OverlayTarget;
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

/** Which workloads of which environments a file makes. */
type FileUsers = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * A scalar that speaks for more than one workload, in a file that also shapes another environment or in a patch that is
 * laid over several objects, is not edited: the value is set in the environment's own overlay, or not at all.
 */
export function setApart(declarations: readonly Declaration[]): readonly Declaration[] {
  const usersOf = new Map<string, Map<string, Set<string>>>();
  const decidedBy = new Map<string, Set<string>>();
  for (const { files, declared, environment } of declarations) {
    for (const file of files) {
      const users = usersOf.get(file) ?? new Map<string, Set<string>>();
      usersOf.set(file, users);
      addTo(users, environmentKey(environment), declared.id);
    }
    for (const { field } of declared.levers) {
      if (field.kind === 'editable') addTo(decidedBy, scalarKey(field.field), declared.id);
    }
  }
  return declarations.map((declaration) => {
    const levers = declaration.declared.levers.map((lever): Lever => {
      if (lever.field.kind !== 'editable') return lever;
      const { field, companions = [] } = lever.field;
      const { path, line, column } = field;
      const detail = [field, ...companions]
        .map((one) => {
          const decided = decidedBy.get(scalarKey(one)) ?? new Set<string>();
          const users = ownParts.has(one.mechanism) ? undefined : usersOf.get(one.path);
          return sharedWith(declaration, one.path, { users: users ?? new Map(), decided });
        })
        .find((found) => found !== undefined);
      if (detail === undefined) return lever;
      const overlay = companions.length > 0 ? undefined : overlayField(lever, field, declaration.overlayTarget(lever));
      if (overlay !== undefined) return { ...lever, field: { kind: 'editable', field: overlay } };
      const place: SourcePlace = { path, line, column };
      return { ...lever, field: { kind: 'not-editable', reason: 'base-shared', detail, place } };
    });
    return withLevers(declaration, levers);
  });
}

/** Files of these hold a part for each environment; whether a part serves several is seen by what it decides. */
const ownParts: ReadonlySet<DecidingMechanism> = new Set(['flux-substitution', 'argo-applicationset']);

function sharedWith(
  { declared, environment }: Declaration,
  path: string,
  shared: { readonly users: FileUsers; readonly decided: ReadonlySet<string> },
): string | undefined {
  const own = environmentKey(environment);
  // Another environment that brings the very same workload and no other is the same deployment, reached twice.
  const others = [...shared.users].flatMap(([key, ids]) =>
    key !== own && (ids.size > 1 || !ids.has(declared.id)) ? [key] : [],
  );
  if (others.length > 0) return `${path} also makes ${listed(others)}; set the value in a patch of the overlay`;
  if (shared.decided.size < 2) return undefined;
  const names: string[] = [];
  for (const id of shared.decided) {
    if (id !== declared.id && names.push(id) >= listedMax) break;
  }
  const rest = shared.decided.size - 1 - names.length;
  return `the value also decides ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}; set it for this workload in a patch of its own`;
}

function environmentKey(environment: Declaration['environment']): string {
  return `${environment.cluster} (${environment.name})`;
}

function scalarKey(field: DecidingField): string {
  return JSON.stringify([field.path, field.start, field.kind === 'absent' ? [field.yamlPath, field.insertion] : []]);
}

const listedMax = 5;

function listed(names: readonly string[]): string {
  const shown = names.toSorted().slice(0, listedMax).join(', ');
  return names.length > listedMax ? `${shown} and ${names.length - listedMax} more` : shown;
}

function withLevers(declaration: Declaration, levers: readonly Lever[]): Declaration {
  return { ...declaration, declared: { ...declaration.declared, levers } };
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

/**
 * One declaration of each workload. The same object reached twice is one; different objects of one name in one cluster
 * contradict each other, and none of their fields is edited.
 */
export function oneOfEach(declarations: readonly Declaration[]): readonly Declaration[] {
  const byId = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    const same = byId.get(declaration.declared.id);
    if (same === undefined) byId.set(declaration.declared.id, [declaration]);
    else same.push(declaration);
  }
  return [...byId.values()].flatMap((same) => {
    const [first] = same.toSorted((left, right) => (left.document < right.document ? -1 : 1));
    if (first === undefined) return [];
    const documents = [...new Set(same.map(({ document }) => document))].toSorted();
    return [documents.length === 1 ? first : contradicted(first, documents)];
  });
}

function contradicted(declaration: Declaration, documents: readonly string[]): Declaration {
  const detail = `it is declared ${documents.length} times for ${declaration.declared.cluster} (${listed(documents)}); which one counts is not known`;
  const levers = declaration.declared.levers.map((lever): Lever => {
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
  return withLevers(declaration, levers);
}

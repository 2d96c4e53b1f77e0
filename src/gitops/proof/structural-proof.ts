import {
  findLever,
  silentProgress,
  type LeverKind,
  type LeverValue,
  type Workload,
  type WorkloadId,
} from '../../domain/index.ts';
import { openInventoryCache, type CacheLocation } from '../cache/inventory-cache.ts';
import { defaultClusterNaming, type ClusterNaming } from '../cluster-names.ts';
import type { Environment } from '../delivery.ts';
import type { RepositorySnapshot } from '../git/repository.ts';
import { readDeclared, type Declared } from '../inventory.ts';
import { KustomizeBuilder } from '../kustomize.ts';
import { isCatalogued, type KindCatalogue } from '../kinds/index.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, type Resource } from '../resource.ts';
import { openSourceReader, type SourceReader } from '../source-reader.ts';
import { renderTargets, type RenderTarget } from '../render/render-target.ts';
import { changedPaths, objectKey, objectName, type ChangedField } from './changed-fields.ts';

/** What a proposal means to change. */
export interface IntendedChange {
  readonly workload: WorkloadId;
  readonly lever: LeverKind;
  readonly to: LeverValue;
  /** How many fields of the object move together. */
  readonly fields: number;
}

export type StructuralProof =
  /** Exactly the intended fields move. */
  | {
      readonly kind: 'proven';
      readonly changes: readonly ChangedField[];
      /** What programs can render to see the same, before and after. */
      readonly targets: { readonly before: readonly RenderTarget[]; readonly after: readonly RenderTarget[] };
    }
  | { readonly kind: 'refused'; readonly detail: string };

/** Reads a repository as clusters get it, and reads it again with files edited, to see what an edit moves. */
export interface StructuralProver {
  prove(edited: ReadonlyMap<string, string>, intended: readonly IntendedChange[]): StructuralProof;
}

/** Memory: the repository's texts and values, for as long as the prover is kept. @throws GitError */
export async function openStructuralProver(
  snapshot: RepositorySnapshot,
  options: { readonly clusters?: ClusterNaming; readonly kinds?: KindCatalogue; readonly cache?: CacheLocation } = {},
): Promise<StructuralProver> {
  const naming = options.clusters ?? defaultClusterNaming;
  const cache = options.cache === undefined ? undefined : openInventoryCache(options.cache, snapshot.gitDirectory);
  const reader = await openSourceReader(snapshot, options.kinds, await cache?.readDocuments());
  const builder = new KustomizeBuilder(reader);
  const before = readDeclared({ reader, builder, naming, progress: silentProgress });
  return {
    prove: (edited, intended) => {
      const editedReader = reader.withEdits(edited);
      const editedBuilder = builder.withEdits(editedReader, [...edited.keys()]);
      const after = readDeclared({ reader: editedReader, builder: editedBuilder, naming, progress: silentProgress });
      const proof = compare({ before, after, reader: editedReader, edited, intended });
      if (proof.kind === 'refused') return proof;
      const what = {
        edited: new Set(edited.keys()),
        workloads: new Set(intended.map(({ workload }) => workload)),
      };
      return {
        ...proof,
        targets: {
          before: renderTargets({ declared: before, reader }, what),
          after: renderTargets({ declared: after, reader: editedReader }, what),
        },
      };
    },
  };
}

interface Comparison {
  readonly before: Declared;
  readonly after: Declared;
  readonly reader: SourceReader;
  readonly edited: ReadonlyMap<string, string>;
  readonly intended: readonly IntendedChange[];
}

function compare(
  comparison: Comparison,
):
  | { readonly kind: 'proven'; readonly changes: readonly ChangedField[] }
  | Extract<StructuralProof, { readonly kind: 'refused' }> {
  const unread = comparison.reader.problems.find(
    ({ place, severity }) => severity === 'error' && place.kind === 'file' && comparison.edited.has(place.path),
  );
  if (unread !== undefined) return { kind: 'refused', detail: `after the edit: ${unread.message}` };
  const moved = movedLever(comparison);
  if (moved !== undefined) return { kind: 'refused', detail: moved };
  const changes = changedFields(comparison);
  const own = changes.filter((change) => !isCarrier(change, comparison));
  const fieldsMax = comparison.intended.reduce((sum, { fields }) => sum + fields, 0);
  const unexpected = own.find((change, index) => index >= fieldsMax || !isIntended(change, comparison));
  if (unexpected !== undefined) {
    return { kind: 'refused', detail: `the edit would also change ${describeField(unexpected)}` };
  }
  return { kind: 'proven', changes: changes.map(({ field }) => field) };
}

interface Change {
  readonly field: ChangedField;
  readonly resource: Resource;
}

function describeField({ field }: Change): string {
  return `${field.path.join('.')} of ${field.object} in ${field.cluster}`;
}

/** The lever that has not got its value, or another one that has changed with it. */
function movedLever({ before, after, intended }: Comparison): string | undefined {
  const old = new Map(before.workloads.map((workload) => [workload.id, workload]));
  if (old.size !== after.workloads.length) return 'the edit would add or remove a workload';
  for (const workload of after.workloads) {
    const previous = old.get(workload.id);
    if (previous === undefined) return `the edit would make another workload, ${workload.id}`;
    const wanted = intended.filter((change) => change.workload === workload.id);
    for (const { lever, to } of wanted) {
      const current = findLever(workload, lever)?.current;
      if (current !== to) return `after the edit ${lever} of ${workload.id} would be ${String(current)}, not ${to}`;
    }
    const other = otherLever(previous, workload, new Set(wanted.map(({ lever }) => lever)));
    if (other !== undefined) return `the edit would also change ${other} of ${workload.id}`;
  }
  return undefined;
}

function otherLever(before: Workload, after: Workload, intended: ReadonlySet<LeverKind>): LeverKind | undefined {
  const kinds = new Set([...before.levers, ...after.levers].map(({ kind }) => kind));
  return [...kinds].find(
    (kind) => !intended.has(kind) && findLever(before, kind)?.current !== findLever(after, kind)?.current,
  );
}

/** Every field of every object of every cluster that is not what it was; an object reached twice counts once. */
function changedFields({ before, after }: Comparison): readonly Change[] {
  const found = new Map<string, Change>();
  const old = new Map(before.environments.map((environment) => [environmentKey(environment), environment]));
  for (const environment of after.environments) {
    const previous = byKey(old.get(environmentKey(environment))?.resources ?? []);
    old.delete(environmentKey(environment));
    for (const [key, resource] of byKey(environment.resources)) {
      for (const change of changesOf(environment, previous.get(key), resource)) found.set(changeKey(change), change);
      previous.delete(key);
    }
    for (const resource of previous.values()) {
      for (const change of changesOf(environment, resource, undefined)) found.set(changeKey(change), change);
    }
  }
  for (const environment of old.values()) {
    for (const resource of environment.resources) {
      for (const change of changesOf(environment, resource, undefined)) found.set(changeKey(change), change);
    }
  }
  return [...found.values()];
}

function changesOf(
  { cluster }: Environment,
  before: Resource | undefined,
  after: Resource | undefined,
): readonly Change[] {
  const resource = after ?? before;
  if (resource === undefined || before?.root === after?.root) return [];
  const object = objectName(resource);
  return changedPaths(before?.root, after?.root).map((change) => ({ field: { cluster, object, ...change }, resource }));
}

/** Several objects of one name are told apart by their order. */
function byKey(resources: readonly Resource[]): Map<string, Resource> {
  const found = new Map<string, Resource>();
  const counts = new Map<string, number>();
  for (const resource of resources) {
    const key = objectKey(resource);
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    found.set(`${key} ${count}`, resource);
  }
  return found;
}

function environmentKey({ cluster, name }: Environment): string {
  return JSON.stringify([cluster, name]);
}

function changeKey({ field, resource }: Change): string {
  return JSON.stringify([field.cluster, objectKey(resource), field.path]);
}

/**
 * Whether the changed object is where the edit is written and no workload itself: a release with its values, a Flux
 * Kustomization with its variables, a ConfigMap.
 */
function isCarrier({ resource }: Change, { edited, reader }: Comparison): boolean {
  const isKnown = isCatalogued(reader.kinds, apiVersionOf(resource), kindOf(resource));
  return edited.has(resource.root.origin.file.path) && !isKnown;
}

/** Whether a changed field is the workload's own, or its autoscaler's, with the value that is wanted. */
function isIntended({ field, resource }: Change, { after, intended }: Comparison): boolean {
  return intended.some(({ workload: id, to }) => {
    const workload = after.workloads.find((candidate) => candidate.id === id);
    if (workload === undefined || workload.cluster !== field.cluster) return false;
    const isOwn =
      (namespaceOf(resource) ?? 'default') === workload.namespace &&
      ((kindOf(resource) === workload.kind && nameOf(resource) === workload.name) ||
        (kindOf(resource) === workload.autoscaler?.kind && nameOf(resource) === workload.autoscaler.name));
    return isOwn && String(field.after) === String(to);
  });
}

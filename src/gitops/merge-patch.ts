import { apiGroup } from './kinds.ts';
import { textAt, type Tracked, type TrackedMap } from './tracked.ts';

/** Lists that Kubernetes merges by a key instead of replacing them, by the name of the field that holds them. */
const mergeKeys: ReadonlyMap<string, string> = new Map([
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['ephemeralContainers', 'name'],
  ['env', 'name'],
  ['volumes', 'name'],
  ['volumeMounts', 'mountPath'],
  ['imagePullSecrets', 'name'],
  ['hostAliases', 'ip'],
  ['ports', 'containerPort'],
]);

/** Kinds whose lists merge; for custom resources Kustomize replaces lists whole (JSON merge patch). */
const builtInGroups: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'autoscaling', 'networking.k8s.io', 'policy']);

/**
 * Lays a strategic-merge patch over an object. Every value keeps its own origin, so that afterwards each scalar still
 * knows whether the base or the patch decided it.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function mergePatch(base: Tracked, patch: Tracked): Tracked | undefined {
  const mergesLists = builtInGroups.has(apiGroup(textAt(base, ['apiVersion']) ?? ''));
  return merge(base, patch, { field: '', mergesLists });
}

function merge(
  base: Tracked,
  patch: Tracked,
  context: { readonly field: string; readonly mergesLists: boolean },
): Tracked | undefined {
  if (patch.kind === 'map') {
    const directive = textAt(patch, ['$patch']);
    if (directive === 'delete') return undefined;
    if (base.kind === 'map' && directive !== 'replace') return mergeMaps(base, patch, context.mergesLists);
    return withoutDirectives(patch);
  }
  const key = mergeKeys.get(context.field);
  if (patch.kind === 'list' && base.kind === 'list' && context.mergesLists && key !== undefined) {
    return mergeLists({ base, patch, key, mergesLists: context.mergesLists });
  }
  return patch;
}

function mergeMaps(base: TrackedMap, patch: TrackedMap, mergesLists: boolean): Tracked {
  const entries = new Map(base.entries);
  for (const [key, value] of patch.entries) {
    if (key.startsWith('$')) continue;
    const below = entries.get(key);
    const merged =
      value.kind === 'scalar' && value.value === null
        ? undefined
        : below === undefined
          ? withoutDirectives(value)
          : merge(below, value, { field: key, mergesLists });
    if (merged === undefined) entries.delete(key);
    else entries.set(key, merged);
  }
  return { ...base, entries };
}

function withoutDirectives(value: Tracked): Tracked {
  if (value.kind !== 'map') return value;
  const entries = [...value.entries].filter(([key]) => !key.startsWith('$'));
  return { ...value, entries: new Map(entries.map(([key, item]) => [key, withoutDirectives(item)])) };
}

function mergeLists(lists: {
  readonly base: Extract<Tracked, { kind: 'list' }>;
  readonly patch: Extract<Tracked, { kind: 'list' }>;
  readonly key: string;
  readonly mergesLists: boolean;
}): Tracked {
  const identity = (item: Tracked): unknown => {
    const value = item.kind === 'map' ? item.entries.get(lists.key) : undefined;
    return value?.kind === 'scalar' ? value.value : undefined;
  };
  const items: Tracked[] = [...lists.base.items];
  for (const change of lists.patch.items) {
    const index = items.findIndex((item) => identity(item) !== undefined && identity(item) === identity(change));
    const present = items[index];
    const merged =
      present === undefined
        ? withoutDirectives(change)
        : merge(present, change, { field: '', mergesLists: lists.mergesLists });
    if (present === undefined && merged !== undefined) items.push(merged);
    else if (merged === undefined) items.splice(index, 1);
    else items[index] = merged;
  }
  return { ...lists.base, items };
}

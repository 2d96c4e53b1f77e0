import { apiGroup } from './kinds/index.ts';
import { textAt, valueAt, type Tracked, type TrackedList, type TrackedMap } from './tracked.ts';

/** Lists that Kubernetes merges by a key instead of replacing them, by the name of the field that holds them. */
const mergeKeys: ReadonlyMap<string, string> = new Map([
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['ephemeralContainers', 'name'],
  ['env', 'name'],
  ['volumes', 'name'],
  ['volumeMounts', 'mountPath'],
  ['volumeDevices', 'devicePath'],
  ['imagePullSecrets', 'name'],
  ['hostAliases', 'ip'],
  ['ports', 'containerPort'],
  ['topologySpreadConstraints', 'topologyKey'],
]);

/** Groups whose lists merge by key; Kustomize knows no schema of custom resources and replaces their lists whole. */
const builtInGroups: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'autoscaling', 'networking.k8s.io', 'policy']);

/**
 * Lays a strategic-merge patch over an object. Every value keeps its own origin, so that afterwards each scalar still
 * knows whether the base or the patch decided it. Undefined when the patch deletes the object.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function mergePatch(base: Tracked, patch: Tracked): Tracked | undefined {
  const isBuiltIn = builtInGroups.has(apiGroup(textAt(base, ['apiVersion']) ?? ''));
  return merge(base, patch, { field: '', isBuiltIn });
}

/** Lays values over values as Helm does: maps merge, everything else is replaced, null removes. */
export function mergeValues(base: Tracked, over: Tracked): Tracked {
  return merge(base, over, { field: '', isBuiltIn: false }) ?? over;
}

interface Context {
  readonly field: string;
  readonly isBuiltIn: boolean;
}

function merge(base: Tracked, patch: Tracked, context: Context): Tracked | undefined {
  if (patch.kind === 'map') {
    const directive = textAt(patch, ['$patch']);
    if (directive === 'delete') return undefined;
    if (base.kind === 'map' && directive !== 'replace') return mergeMaps(base, patch, context);
    return withoutDirectives(patch);
  }
  const key = mergeKeys.get(context.field);
  if (patch.kind === 'list' && base.kind === 'list' && context.isBuiltIn && key !== undefined) {
    return mergeLists(base, patch, { ...context, key });
  }
  return withoutDirectives(patch);
}

function mergeMaps(base: TrackedMap, patch: TrackedMap, context: Context): Tracked {
  const entries = new Map(base.entries);
  for (const [key, value] of patch.entries) {
    if (isDirective(key)) continue;
    const below = entries.get(key);
    const isRemoval = value.kind === 'scalar' && value.value === null;
    const merged = isRemoval
      ? undefined
      : below === undefined
        ? withoutDirectives(value)
        : merge(below, value, { ...context, field: key });
    if (merged === undefined) entries.delete(key);
    else entries.set(key, merged);
  }
  return { ...base, entries };
}

function isDirective(key: string): boolean {
  return key === '$patch' || key === '$retainKeys' || /^\$(?:setElementOrder|deleteFromPrimitiveList)\//.test(key);
}

/** What a patch brings anew: without directives, and without the nulls that would have removed something. */
function withoutDirectives(value: Tracked): Tracked {
  if (value.kind === 'list') return { ...value, items: value.items.filter(isKept).map(withoutDirectives) };
  if (value.kind !== 'map') return value;
  const entries = [...value.entries].filter(([key, item]) => {
    const isNull = item.kind === 'scalar' && item.value === null;
    return !isDirective(key) && !isNull && isKept(item);
  });
  return { ...value, entries: new Map(entries.map(([key, item]) => [key, withoutDirectives(item)])) };
}

function isKept(value: Tracked): boolean {
  return textAt(value, ['$patch']) !== 'delete';
}

function mergeLists(base: TrackedList, patch: TrackedList, context: Context & { readonly key: string }): Tracked {
  if (patch.items.some((item) => textAt(item, ['$patch']) === 'replace')) {
    const kept = patch.items.filter((item) => valueAt(item, ['$patch']) === undefined);
    return { ...base, items: kept.map(withoutDirectives) };
  }
  const identity = (item: Tracked): unknown => {
    const value = valueAt(item, [context.key]);
    return value?.kind === 'scalar' ? value.value : undefined;
  };
  const left: Tracked[] = [...base.items];
  const first: Tracked[] = [];
  for (const change of patch.items) {
    const index = left.findIndex((item) => identity(item) !== undefined && identity(item) === identity(change));
    const present = left[index];
    if (present !== undefined) left.splice(index, 1);
    const merged =
      present === undefined
        ? isKept(change)
          ? withoutDirectives(change)
          : undefined
        : merge(present, change, { ...context, field: '' });
    if (merged !== undefined) first.push(merged);
  }
  // Kustomize puts what a patch names in front, in the patch's order; a JSON patch after it counts from there.
  return { ...base, items: [...first, ...left] };
}

import { nameOf, namespaceOf, kindOf, withObstacle, type Resource } from './resource.ts';
import {
  itemsAt,
  mapScalars,
  setAt,
  textAt,
  valueAt,
  type Obstacle,
  type Tracked,
  type TrackedScalar,
} from './tracked.ts';

/** `namespace:`, `namePrefix:`, `nameSuffix:`, `labels:`, `commonLabels:`, `commonAnnotations:`, in Kustomize's order. */
export function transformMetadata(resources: readonly Resource[], root: Tracked): readonly Resource[] {
  const namespace = valueAt(root, ['namespace']);
  const prefix = textAt(root, ['namePrefix']) ?? '';
  const suffix = textAt(root, ['nameSuffix']) ?? '';
  const labels = [
    valueAt(root, ['commonLabels']),
    ...itemsAt(root, ['labels']).map((item) => valueAt(item, ['pairs'])),
  ];
  const annotations = valueAt(root, ['commonAnnotations']);
  const renames = prefix + suffix === '' ? new Set<string>() : new Set(resources.map(referenceKey));
  return resources.map((resource) => {
    const referring = withReference(resource, renames, (name) => `${prefix}${name}${suffix}`);
    const renamed = withName(withNamespace(referring, namespace), prefix, suffix);
    const labelled = labels.reduce<Tracked>((value, set) => withPairs(value, 'labels', set), renamed.root);
    return { ...renamed, root: withPairs(labelled, 'annotations', annotations) };
  });
}

/** Gives every object one namespace. */
export function withNamespace(resource: Resource, namespace: Tracked | undefined): Resource {
  if (namespace?.kind !== 'scalar' || typeof namespace.value !== 'string' || namespace.value === '') return resource;
  return {
    ...resource,
    root: setAt(resource.root, ['metadata', 'namespace'], namespace),
    formerNamespaces: [...resource.formerNamespaces, namespaceOf(resource) ?? 'default'],
  };
}

function withName(resource: Resource, prefix: string, suffix: string): Resource {
  const name = valueAt(resource.root, ['metadata', 'name']);
  if (prefix + suffix === '' || name?.kind !== 'scalar') return resource;
  if (kindOf(resource) === 'Namespace' || kindOf(resource) === 'CustomResourceDefinition') return resource;
  const former = nameOf(resource);
  return {
    ...resource,
    root: setAt(resource.root, ['metadata', 'name'], { ...name, value: `${prefix}${String(name.value)}${suffix}` }),
    formerNames: former === undefined ? resource.formerNames : [...resource.formerNames, former],
  };
}

function referenceKey(resource: Resource): string {
  return `${kindOf(resource)}/${nameOf(resource) ?? ''}`;
}

/** A HorizontalPodAutoscaler follows the new name of what it scales; references of custom resources are left alone. */
function withReference(resource: Resource, renamed: ReadonlySet<string>, rename: (name: string) => string): Resource {
  if (renamed.size === 0 || kindOf(resource) !== 'HorizontalPodAutoscaler') return resource;
  const target = ['spec', 'scaleTargetRef'];
  const name = valueAt(resource.root, [...target, 'name']);
  const kind = textAt(resource.root, [...target, 'kind']);
  if (name?.kind !== 'scalar' || typeof name.value !== 'string' || !renamed.has(`${kind}/${name.value}`))
    return resource;
  return { ...resource, root: setAt(resource.root, [...target, 'name'], { ...name, value: rename(name.value) }) };
}

/** Adds labels or annotations to an object's metadata; the pod template's follow them and matter to nothing here. */
export function withPairs(root: Tracked, field: 'labels' | 'annotations', pairs: Tracked | undefined): Tracked {
  if (pairs?.kind !== 'map') return root;
  return [...pairs.entries].reduce<Tracked>((value, [key, item]) => setAt(value, ['metadata', field, key], item), root);
}

/** Kinds whose count `replicas:` sets. https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replicas/ */
export const replicaKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'ReplicationController',
]);

/** `replicas:` sets counts by name, any of the names that the object has had. */
export function transformReplicas(resources: readonly Resource[], root: Tracked): readonly Resource[] {
  const counts = itemsAt(root, ['replicas']).flatMap((item) => {
    const name = textAt(item, ['name']);
    const count = valueAt(item, ['count']);
    return name === undefined || count?.kind !== 'scalar' ? [] : [{ name, count }];
  });
  if (counts.length === 0) return resources;
  return resources.map((resource) => {
    if (!replicaKinds.has(kindOf(resource))) return resource;
    const count = counts.findLast(
      ({ name }) => name === nameOf(resource) || resource.formerNames.includes(name),
    )?.count;
    if (count === undefined) return resource;
    return { ...resource, root: setAt(resource.root, ['spec', 'replicas'], asReplicas(count)) };
  });
}

function asReplicas(count: TrackedScalar): TrackedScalar {
  // A count that an ApplicationSet's element fills in stays the element's.
  if (count.origin.mechanism === 'argo-applicationset') return count;
  return { ...count, origin: { ...count.origin, mechanism: 'kustomize-replicas' } };
}

/** What may still change values after everything that is followed here: transformer plugins, replacements, vars. */
export function markOpaque(resources: readonly Resource[], root: Tracked): readonly Resource[] {
  const opaque = ['transformers', 'replacements', 'vars'].find((key) => itemsAt(root, [key]).length > 0);
  if (opaque === undefined) return resources;
  const touched = opaque === 'transformers' ? undefined : replacedKeys(root);
  const obstacle: Obstacle = {
    reason: 'unsupported-value',
    detail: `${opaque} of ${root.origin.file.path} may change it, which Flyball does not follow`,
  };
  return resources.map((resource) => ({
    ...resource,
    root:
      touched === undefined
        ? withObstacle(resource.root, obstacle)
        : mapScalars(resource.root, (scalar) => markTouched(scalar, touched, obstacle)),
  }));
}

function markTouched(scalar: TrackedScalar, touched: ReadonlySet<string>, obstacle: Obstacle): TrackedScalar {
  const isVariable = typeof scalar.value === 'string' && scalar.value.includes('$(');
  const key = scalar.origin.yamlPath.findLast((step) => typeof step === 'string');
  if (scalar.origin.obstacle !== undefined || (!isVariable && !touched.has(String(key)))) return scalar;
  return { ...scalar, origin: { ...scalar.origin, obstacle } };
}

/** The last keys of the fields that `replacements:` write to; replacements in files of their own may write anywhere. */
function replacedKeys(root: Tracked): ReadonlySet<string> | undefined {
  const replacements = itemsAt(root, ['replacements']);
  if (replacements.some((replacement) => valueAt(replacement, ['targets']) === undefined)) return undefined;
  const paths = replacements
    .flatMap((replacement) => itemsAt(replacement, ['targets']))
    .flatMap((target) => itemsAt(target, ['fieldPaths']))
    .flatMap((item) => (item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : []));
  return new Set(paths.map((fieldPath) => fieldPath.split('.').at(-1) ?? fieldPath));
}

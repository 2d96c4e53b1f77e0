import { itemsAt, textAt, valueAt, type Obstacle, type Tracked } from './tracked.ts';
import { isKubernetesObject } from './source-reader.ts';

/** A Kubernetes object as far as it is built: what the cluster gets of it in the end. */
export interface Resource {
  readonly root: Tracked;
  /** Names it had before prefixes and suffixes; patches and references may still go by them. */
  readonly formerNames: readonly string[];
  readonly formerNamespaces: readonly string[];
  /** Only a patch of it is in the repository; what it is laid over is fetched when it is built. */
  readonly isPartial: boolean;
}

/** The name of an object of a cluster. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Objects by their names: the first of each. */
export function objectIndex(resources: readonly Resource[]): (reference: ObjectReference) => Resource | undefined {
  const byName = new Map<string, Resource>();
  const keyOf = ({ apiVersion, kind, namespace, name }: ObjectReference): string =>
    JSON.stringify([apiVersion, kind, namespace, name]);
  for (const resource of resources) {
    const namespace = namespaceOf(resource) ?? 'default';
    const key = keyOf({
      apiVersion: apiVersionOf(resource),
      kind: kindOf(resource),
      namespace,
      name: nameOf(resource) ?? '',
    });
    if (!byName.has(key)) byName.set(key, resource);
  }
  return (reference) => byName.get(keyOf(reference));
}

/** The objects of a document; a `List` stands for its items. */
export function resourcesOf(root: Tracked): readonly Resource[] {
  if (!isKubernetesObject(root)) return [];
  if (textAt(root, ['kind'])?.endsWith('List') === true && valueAt(root, ['items'])?.kind === 'list') {
    return itemsAt(root, ['items']).flatMap(resourcesOf);
  }
  return [{ root, formerNames: [], formerNamespaces: [], isPartial: false }];
}

export function kindOf(resource: Resource): string {
  return textAt(resource.root, ['kind']) ?? '';
}

export function apiVersionOf(resource: Resource): string {
  return textAt(resource.root, ['apiVersion']) ?? '';
}

export function nameOf(resource: Resource): string | undefined {
  return textAt(resource.root, ['metadata', 'name']);
}

export function namespaceOf(resource: Resource): string | undefined {
  return textAt(resource.root, ['metadata', 'namespace']);
}

/** Marks every value that has no obstacle yet, maps too, so that nothing is added to them: something else decides. */
export function withObstacle(root: Tracked, obstacle: Obstacle): Tracked {
  const origin = root.origin.obstacle === undefined ? { ...root.origin, obstacle } : root.origin;
  switch (root.kind) {
    case 'scalar':
      return { ...root, origin };
    case 'list':
      return { ...root, origin, items: root.items.map((item) => withObstacle(item, obstacle)) };
    case 'map': {
      const entries = [...root.entries].map(([key, item]) => [key, withObstacle(item, obstacle)] as const);
      return { ...root, origin, entries: new Map(entries) };
    }
  }
}

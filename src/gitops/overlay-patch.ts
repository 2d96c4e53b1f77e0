import type { AbsentField, DecidingField, Insertion, Lever } from '../domain/index.ts';
import { absentBelow } from './absent-field.ts';
import type { HelmInstallation } from './helm-values.ts';
import type { OverlayPlace } from './overlays.ts';
import { kindOf, nameOf, type Resource } from './resource.ts';
import { valueAt, type Tracked } from './tracked.ts';
import { replicaKinds } from './transformers.ts';

/** Everything that could set a workload's lever for its environment alone. */
export interface OverlayTarget {
  /** The object with the field: the workload, or the autoscaler that owns its count. */
  readonly resource: Resource;
  /** For a chart: the values as merged, and the map of the repository that lays its own over them. */
  readonly installation: HelmInstallation | undefined;
  readonly places: readonly OverlayPlace[];
}

/**
 * The smallest addition that sets a lever for one environment, where the file that decides it speaks for others too: a
 * value of the release, an entry of `replicas:`, or one JSON patch. Undefined where the environment has no such place.
 */
export function overlayField(lever: Lever, field: DecidingField, target: OverlayTarget): AbsentField | undefined {
  const { resource, installation, places } = target;
  if (installation?.values !== undefined) {
    const keys = pathOf(installation.values, field);
    const { overrides } = installation;
    if (keys === undefined || overrides === undefined) return undefined;
    const mechanism = installation.kind === 'HelmRelease' ? 'helm-release-values' : 'argo-application-values';
    return asField(
      absentBelow(overrides.root, [...overrides.prefix, ...keys.map(String)], {
        insertion: { kind: 'key' },
        mechanism,
      }),
    );
  }
  const path = pathOf(resource.root, field);
  const name = resource.formerNames[0] ?? nameOf(resource);
  const kind = kindOf(resource);
  if (path === undefined || name === undefined) return undefined;
  const isCount = lever.kind === 'replicas' && replicaKinds.has(kind) && path.join('.') === 'spec.replicas';
  const patch: Insertion = {
    kind: 'patch-entry',
    target: { kind, name },
    operation: field.kind === 'present' ? 'replace' : 'add',
    pointer: path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  };
  for (const { root, prefix, hasReplicas } of places) {
    const entry: Insertion = { kind: 'replicas-entry', name };
    const added =
      (isCount && hasReplicas
        ? asField(absentBelow(root, [...prefix, 'replicas'], { insertion: entry, mechanism: 'kustomize-replicas' }))
        : undefined) ??
      asField(absentBelow(root, [...prefix, 'patches'], { insertion: patch, mechanism: 'kustomize-patch' }));
    if (added !== undefined) return added;
  }
  return undefined;
}

function asField(added: ReturnType<typeof absentBelow>): AbsentField | undefined {
  return added === undefined || 'reason' in added ? undefined : added;
}

/** Where a field stands in the object as it is built; an absent one only where its map is there. */
function pathOf(root: Tracked, field: DecidingField): readonly (string | number)[] | undefined {
  const isThere = ({ origin }: Tracked): boolean =>
    origin.file.path === field.path && origin.documentIndex === field.documentIndex && origin.start === field.start;
  if (field.kind === 'present') return findPath(root, (value) => value.kind === 'scalar' && isThere(value));
  const missing = field.yamlPath.slice(field.presentDepth);
  const [key] = missing;
  const map = missing.length === 1 ? findPath(root, (value) => value.kind === 'map' && isThere(value)) : undefined;
  const isAbsent = map !== undefined && key !== undefined && valueAt(root, [...map, key]) === undefined;
  return isAbsent ? [...map, key] : undefined;
}

function findPath(root: Tracked, isWanted: (value: Tracked) => boolean): readonly (string | number)[] | undefined {
  const waiting: { readonly value: Tracked; readonly path: readonly (string | number)[] }[] = [
    { value: root, path: [] },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next;
    if (isWanted(value)) return path;
    if (value.kind === 'map')
      for (const [key, item] of value.entries) waiting.push({ value: item, path: [...path, key] });
    if (value.kind === 'list')
      value.items.forEach((item, index) => waiting.push({ value: item, path: [...path, index] }));
  }
  return undefined;
}

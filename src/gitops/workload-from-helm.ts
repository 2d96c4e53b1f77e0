import { workloadId, type DecidingMechanism, type Lever, type Workload } from '../domain/index.ts';
import type { Delivered } from './delivery.ts';
import { leverFrom } from './levers.ts';
import { parseQuantity } from './quantity.ts';
import { placeOf, textAt, textsAt, valueAt, type Tracked } from './tracked.ts';

/** An object that installs a Helm chart with values written in it. */
interface Release {
  readonly kind: 'HelmRelease' | 'Application';
  readonly values: Tracked | undefined;
  readonly namespace: string;
  readonly mechanism: DecidingMechanism;
}

/**
 * Reads a Flux HelmRelease or an Argo CD Application as one workload, by the keys that charts use by convention:
 * `replicaCount`, `autoscaling`, `nodeSelector`, `resources`, at the top or below one key. Only releases that ask for
 * GPUs are workloads here; what else a chart installs is unknown without rendering it.
 */
export function workloadFromHelm({ cluster, resource }: Delivered): Workload | undefined {
  const { root } = resource;
  const release = releaseOf(root);
  const name = textAt(root, ['metadata', 'name']);
  const section = release?.values === undefined ? undefined : findSection(release.values);
  if (release === undefined || name === undefined || section === undefined) return undefined;
  const gpu = gpuOf(section);
  if (gpu === undefined) return undefined;
  const levers = leversOf(section, release.mechanism);
  const key = { cluster, namespace: release.namespace, kind: release.kind, name };
  const counts = levers.filter((lever) => lever.kind === 'minReplicas' || lever.kind === 'replicas');
  const count = (counts.find((lever) => lever.kind === 'minReplicas') ?? counts[0])?.current;
  const machine = levers.find((lever) => lever.kind === 'instanceType')?.current;
  const isPausable = counts.length === 1 && counts[0]?.kind === 'replicas';
  return {
    ...key,
    id: workloadId(key),
    apiVersion: textAt(root, ['apiVersion']) ?? '',
    labels: { ...textsAt(section, ['podLabels']), ...textsAt(root, ['metadata', 'labels']) },
    annotations: textsAt(root, ['metadata', 'annotations']),
    gpu: { kind: 'devices', resourceName: gpu.resourceName, perReplica: gpu.count },
    requests: { cpuCores: amount(section, 'cpu', 1), memoryGib: amount(section, 'memory', 2 ** 30) },
    instanceType: typeof machine === 'string' ? machine : undefined,
    replicas: typeof count === 'number' ? count : undefined,
    declaredIn: placeOf(root.origin),
    levers,
    pause: isPausable ? { lever: 'replicas', pausedValue: 0 } : undefined,
    autoscaler: undefined,
  };
}

function releaseOf(root: Tracked): Release | undefined {
  const kind = textAt(root, ['kind']);
  const apiVersion = textAt(root, ['apiVersion']) ?? '';
  const own = textAt(root, ['metadata', 'namespace']) ?? 'default';
  if (kind === 'HelmRelease' && apiVersion.startsWith('helm.toolkit.fluxcd.io/')) {
    const namespace = textAt(root, ['spec', 'targetNamespace']) ?? own;
    return { kind, values: valueAt(root, ['spec', 'values']), namespace, mechanism: 'helm-release-values' };
  }
  if (kind === 'Application' && apiVersion.startsWith('argoproj.io/')) {
    const values = valueAt(root, ['spec', 'source', 'helm', 'valuesObject']);
    const namespace = textAt(root, ['spec', 'destination', 'namespace']) ?? own;
    return { kind, values, namespace, mechanism: 'argo-application-values' };
  }
  return undefined;
}

/** The part of the values that describes the pods: the top, or the only section below it that asks for GPUs. */
function findSection(values: Tracked): Tracked | undefined {
  if (gpuOf(values) !== undefined) return values;
  if (values.kind !== 'map') return undefined;
  const sections = [...values.entries.values()].filter((section) => gpuOf(section) !== undefined);
  return sections.length === 1 ? sections[0] : undefined;
}

function gpuOf(
  section: Tracked,
): { readonly resourceName: string; readonly count: number; readonly value: Tracked } | undefined {
  const limits = valueAt(section, ['resources', 'limits']);
  if (limits?.kind !== 'map') return undefined;
  for (const [resourceName, value] of limits.entries) {
    const count = value.kind === 'scalar' ? parseQuantity(value.value) : undefined;
    if (resourceName.startsWith('nvidia.com/') && count !== undefined && count > 0)
      return { resourceName, count, value };
  }
  return undefined;
}

function amount(section: Tracked, resource: string, unit: number): number | undefined {
  const value = valueAt(section, ['resources', 'requests', resource]);
  const quantity = value?.kind === 'scalar' ? parseQuantity(value.value) : undefined;
  return quantity === undefined ? undefined : quantity / unit;
}

function leversOf(section: Tracked, mechanism: DecidingMechanism): readonly Lever[] {
  const levers: Lever[] = [];
  const add = (kind: Lever['kind'], keys: readonly string[]): void => {
    const value = valueAt(section, keys);
    if (value !== undefined) levers.push(leverFrom(value, kind, { path: keys.join('.'), mechanism }));
  };
  const enabled = valueAt(section, ['autoscaling', 'enabled']);
  if (enabled?.kind === 'scalar' && enabled.value === true) {
    add('minReplicas', ['autoscaling', 'minReplicas']);
    add('maxReplicas', ['autoscaling', 'maxReplicas']);
  } else {
    add('replicas', [valueAt(section, ['replicaCount']) === undefined ? 'replicas' : 'replicaCount']);
  }
  add('instanceType', ['nodeSelector', 'node.kubernetes.io/instance-type']);
  const gpu = gpuOf(section);
  if (gpu !== undefined) levers.push(leverFrom(gpu.value, 'gpuCount', { path: 'the GPU limit', mechanism }));
  return levers;
}

import { workloadId, type Lever, type LeverKind, type Workload } from '../domain/index.ts';
import type { HelmInstallation } from './helm-values.ts';
import { leverFrom, notEditable } from './levers.ts';
import { markedScalars } from './marker.ts';
import { instanceTypeLabels, isGpuResource } from './pod-spec.ts';
import { parseQuantity } from './quantity.ts';
import { apiVersionOf, nameOf, type Resource } from './resource.ts';
import { placeOf, textsAt, valueAt, type Tracked } from './tracked.ts';

/** How far below the top of the values the conventional keys are looked for: `worker.replicaCount` is one section down. */
const sectionDepthMax = 2;
/** GPU limits are unmistakable, so they are looked for further down, as in `controllers.x.containers.y.resources`. */
const gpuDepthMax = 4;

/** A value found below a section of the values. */
interface Found {
  readonly path: readonly string[];
  readonly value: Tracked;
}

/**
 * Reads a chart's installation as one workload, by the keys that charts use by convention. What else the chart
 * installs is unknown without rendering it, so only installations that ask for GPUs or say how many replicas run are
 * workloads here; undefined for the others.
 */
export function workloadFromHelm(
  cluster: string,
  resource: Resource,
  installation: HelmInstallation,
): Workload | undefined {
  const { values } = installation;
  const name = nameOf(resource);
  if (name === undefined || values === undefined) return undefined;
  const gpus = findGpus(values);
  const scaling = scalingLevers(values, installation, gpus);
  const isKnown = gpus.length > 0 || scaling.levers.some(({ current }) => current !== undefined);
  if (!isKnown) return undefined;
  const key = { cluster, namespace: installation.namespace, kind: installation.kind, name };
  const machine = machineLevers(values, installation, gpus);
  const pinned = machine[0]?.current;
  const [gpu] = gpus;
  const resources = gpu === undefined ? valueAt(values, ['resources']) : valueAt(values, gpu.path.slice(0, -2));
  return {
    ...key,
    id: workloadId(key),
    apiVersion: apiVersionOf(resource),
    labels: {
      ...textsAt(values, ['podLabels']),
      ...textsAt(values, ['commonLabels']),
      ...textsAt(resource.root, ['metadata', 'labels']),
    },
    annotations: textsAt(resource.root, ['metadata', 'annotations']),
    gpu:
      gpu === undefined
        ? { kind: 'none' }
        : { kind: 'devices', resourceName: gpu.path.at(-1) ?? '', perReplica: countOf(gpu) },
    requests: { cpuCores: amount(resources, 'cpu'), memoryGib: scaled(amount(resources, 'memory'), 2 ** -30) },
    instanceType: typeof pinned === 'string' ? pinned : undefined,
    replicas: scaling.replicas,
    declaredIn: placeOf(resource.root.origin),
    levers: [...scaling.levers, ...machine, ...gpuLevers(values, installation, gpus)],
    pause: scaling.isAutoscaled ? undefined : { lever: 'replicas', pausedValue: 0 },
    autoscaler: scaling.isAutoscaled ? { kind: 'HorizontalPodAutoscaler', name } : undefined,
    alsoManagedBy: [],
  };
}

interface Scaling {
  readonly levers: readonly Lever[];
  readonly replicas: number | undefined;
  readonly isAutoscaled: boolean;
}

/** The count, or the autoscaler's bounds, of the pods that ask for the GPUs; of the only ones where none does. */
function scalingLevers(values: Tracked, installation: HelmInstallation, gpus: readonly Found[]): Scaling {
  const count = markedLever(values, 'replicas');
  if (count !== undefined) return { levers: [count], replicas: numberOf(count), isAutoscaled: false };
  const lowest = markedLever(values, 'minReplicas');
  if (lowest !== undefined) {
    const levers = [lowest, markedLever(values, 'maxReplicas')].filter((lever) => lever !== undefined);
    return { levers, replicas: numberOf(lowest), isAutoscaled: true };
  }
  const switches = findInSections(values, ['autoscaling', 'enabled'], sectionDepthMax);
  const enabled = ofSamePods(switches, gpus, 2).filter(({ value }) => value.kind === 'scalar' && value.value === true);
  const [autoscaling] = enabled;
  if (autoscaling !== undefined) {
    const owner = 'HorizontalPodAutoscaler';
    const bound = (kind: LeverKind): Lever => {
      const path = [...autoscaling.path.slice(0, -1), kind];
      if (enabled.length > 1) return several(kind, enabled);
      return helmLever(valueAt(values, path), kind, { path, installation, owner });
    };
    const levers = [bound('minReplicas'), bound('maxReplicas')];
    return { levers, replicas: numberOf(levers[0]), isAutoscaled: true };
  }
  const counts = ['replicaCount', 'replicas']
    .flatMap((key) => findInSections(values, [key], sectionDepthMax))
    .filter(({ value }) => value.kind === 'scalar');
  const candidates = ofSamePods(counts, gpus, 1);
  const [only] = candidates;
  const lever =
    candidates.length > 1
      ? several('replicas', candidates)
      : helmLever(only?.value, 'replicas', { path: only?.path ?? ['replicaCount'], installation });
  // Without a written count the chart's own default runs, which is not known here.
  return {
    levers: [lever],
    replicas: numberOf(lever),
    isAutoscaled: false,
  };
}

/**
 * Of the values that a chart may have for several of its components, those that speak of the pods with the GPUs: in a
 * section around the GPU limits, the closest. Where nothing asks for GPUs, those at the top, else all.
 */
function ofSamePods(found: readonly Found[], gpus: readonly Found[], ownKeys: number): readonly Found[] {
  const sectionOf = ({ path }: Found): readonly string[] => path.slice(0, path.length - ownKeys);
  const around =
    gpus.length === 0
      ? found.filter((one) => sectionOf(one).length === 0)
      : found.filter((one) => gpus.some(({ path }) => sectionOf(one).every((key, index) => path[index] === key)));
  if (around.length === 0) return gpus.length === 0 ? found : [];
  const closest = Math.max(...around.map((one) => sectionOf(one).length));
  return around.filter((one) => sectionOf(one).length === closest);
}

function numberOf(lever: Lever | undefined): number | undefined {
  return typeof lever?.current === 'number' ? lever.current : undefined;
}

/** The lever that a comment settles, whatever its key is called. */
function markedLever(values: Tracked, kind: LeverKind): Lever | undefined {
  const marked = markedScalars(values, kind);
  const [only] = marked;
  if (only === undefined) return undefined;
  const path = `values.${only.origin.yamlPath.join('.')}`;
  if (marked.length === 1) return leverFrom(only, kind, { path });
  const detail = `the comment "flyball: ${kind}" marks ${marked.length} values; one can be the lever`;
  return notEditable(kind, { path }, { reason: 'unsupported-value', detail });
}

function several(kind: LeverKind, found: readonly Found[]): Lever {
  const paths = found.map(({ path }) => path.join('.')).slice(0, 5);
  const detail = `the values name ${found.length} of them (${paths.join(', ')}); which belongs to these pods is not known without the chart; mark it with a comment "# flyball: ${kind}"`;
  return notEditable(kind, { path: 'spec.values' }, { reason: 'unsupported-value', detail });
}

function helmLever(
  value: Tracked | undefined,
  kind: LeverKind,
  at: {
    readonly path: readonly string[];
    readonly installation: HelmInstallation;
    readonly owner?: 'HorizontalPodAutoscaler';
  },
): Lever {
  const path = at.path.join('.');
  const options = at.owner === undefined ? { path } : { path, owner: at.owner };
  if (value === undefined && at.installation.hasUnknownValues) {
    const detail = `${path} is not among the values written here, and valuesFrom or value files elsewhere may set it`;
    return notEditable(kind, options, { reason: 'values-from', detail });
  }
  return leverFrom(value, kind, options);
}

/** Sections that charts keep a pod's placement in, beside the containers that ask for the GPUs. */
const placementSections: ReadonlySet<string> = new Set(['pod', 'podSpec', 'defaultPodOptions']);

function machineLevers(values: Tracked, installation: HelmInstallation, gpus: readonly Found[]): readonly Lever[] {
  const marked = markedLever(values, 'instanceType');
  if (marked !== undefined) return [marked];
  const all = instanceTypeLabels.flatMap((label) => findInSections(values, ['nodeSelector', label], gpuDepthMax));
  const found = all.filter(({ path }) => {
    const section = path.slice(0, -2);
    const around = placementSections.has(section.at(-1) ?? '') ? section.slice(0, -1) : section;
    return gpus.length === 0
      ? around.length === 0
      : gpus.some((gpu) => around.every((key, index) => gpu.path[index] === key));
  });
  const [only] = found;
  if (only === undefined) return [];
  if (found.length > 1) return [several('instanceType', found)];
  return [helmLever(only.value, 'instanceType', { path: only.path, installation })];
}

function gpuLevers(values: Tracked, installation: HelmInstallation, gpus: readonly Found[]): readonly Lever[] {
  const marked = markedLever(values, 'gpuCount');
  if (marked !== undefined) return [marked];
  const [only] = gpus;
  if (only === undefined) return [];
  if (gpus.length > 1) return [several('gpuCount', gpus)];
  return [helmLever(only.value, 'gpuCount', { path: only.path, installation })];
}

/** GPU limits anywhere in the values' sections. */
function findGpus(values: Tracked): readonly Found[] {
  return findInSections(values, ['resources', 'limits'], gpuDepthMax).flatMap(({ path, value }) =>
    value.kind === 'map'
      ? [...value.entries].flatMap(([name, count]) =>
          isGpuResource(name) && countOf({ path, value: count }) > 0 ? [{ path: [...path, name], value: count }] : [],
        )
      : [],
  );
}

function countOf({ value }: Found): number {
  return (value.kind === 'scalar' ? parseQuantity(value.value) : undefined) ?? 0;
}

/** Every value at some keys below the top or below up to `depth` section names, the top first. */
function findInSections(values: Tracked, keys: readonly string[], depth: number): readonly Found[] {
  const found: Found[] = [];
  let level: readonly Found[] = [{ path: [], value: values }];
  for (let down = 0; down <= depth; down += 1) {
    for (const section of level) {
      const value = valueAt(section.value, keys);
      if (section.value.kind === 'map' && value !== undefined) found.push({ path: [...section.path, ...keys], value });
    }
    level = level.flatMap(({ path, value }) =>
      value.kind === 'map' ? [...value.entries].map(([key, item]) => ({ path: [...path, key], value: item })) : [],
    );
  }
  return found;
}

function amount(resources: Tracked | undefined, name: string): number | undefined {
  const value = valueAt(resources, ['requests', name]) ?? valueAt(resources, ['limits', name]);
  return value?.kind === 'scalar' ? parseQuantity(value.value) : undefined;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

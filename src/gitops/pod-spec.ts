import type { GpuRequest, Lever, LeverKind, Workload } from '../domain/index.ts';
import type { ClaimedGpus } from './device-claims.ts';
import { numberAt, valuesAt } from './field-path.ts';
import type { PodPart, WorkloadKind } from './kinds/index.ts';
import { leverFrom, notEditable } from './levers.ts';
import { markedScalars } from './marker.ts';
import { parseQuantity } from './quantity.ts';
import { itemsAt, textAt, valueAt, type Tracked } from './tracked.ts';

/** What one replica of a workload asks for. */
export interface PodRequest {
  readonly gpu: GpuRequest;
  readonly requests: Workload['requests'];
  readonly instanceType: string | undefined;
  /** gpuCount and instanceType, where the manifest sets them. */
  readonly levers: readonly Lever[];
}

interface GpuEntry {
  readonly resourceName: string;
  readonly count: number;
  readonly value: Tracked;
  readonly container: Tracked;
}

interface Pod {
  readonly pod: Tracked;
  readonly containers: readonly Tracked[];
  readonly gpus: readonly GpuEntry[];
  /** By Dynamic Resource Allocation. */
  readonly claimed: ClaimedGpus | undefined;
}

/** The main replica: of all parts the pod that asks for most GPUs, so a job's worker and not its launcher. */
export function podRequest(
  root: Tracked,
  kind: WorkloadKind,
  claims: (pod: Tracked) => ClaimedGpus | undefined,
): PodRequest | undefined {
  const pods = kind.pods.flatMap((part) => valuesAt(root, part.podSpec).map((pod) => readPod(pod, part, claims(pod))));
  const main = pods.reduce<Pod | undefined>(
    (most, pod) => (most === undefined || gpusOf(pod) > gpusOf(most) ? pod : most),
    undefined,
  );
  if (main === undefined) return undefined;
  const resourceName = mostUsedName(main.gpus);
  const podsPerReplica = kind.podsPerReplica === undefined ? 1 : (numberAt(root, kind.podsPerReplica) ?? 1);
  const own = main.gpus.filter((entry) => entry.resourceName === resourceName);
  const machine = instanceTypeValues(main.pod);
  const levers = [
    ...markedOr(main.pod, 'gpuCount', () => (own.length === 0 ? (main.claimed?.levers ?? []) : gpuCountLever(own))),
    ...markedOr(main.pod, 'instanceType', () => instanceTypeLever(machine)),
  ];
  const pinned = machine.length === 1 ? machine[0] : undefined;
  return {
    gpu:
      resourceName === undefined
        ? claimedBy(main.claimed, podsPerReplica)
        : { kind: 'devices', resourceName, perReplica: gpuTotal(own) * podsPerReplica },
    requests: {
      cpuCores: total(main.containers, 'cpu', podsPerReplica),
      memoryGib: total(main.containers, 'memory', podsPerReplica / 2 ** 30),
    },
    instanceType: pinned?.kind === 'scalar' && typeof pinned.value === 'string' ? pinned.value : undefined,
    levers,
  };
}

function gpusOf(pod: Pod): number {
  return gpuTotal(pod.gpus) || (pod.claimed?.gpu.perReplica ?? 0);
}

function claimedBy(claimed: ClaimedGpus | undefined, podsPerReplica: number): GpuRequest {
  return claimed === undefined
    ? { kind: 'none' }
    : { ...claimed.gpu, perReplica: claimed.gpu.perReplica * podsPerReplica };
}

/** The lever that a comment in the pod settles, else the one that its structure does. */
function markedOr(pod: Tracked, kind: LeverKind, byStructure: () => readonly Lever[]): readonly Lever[] {
  const marked = markedScalars(pod, kind);
  const [only] = marked;
  if (only === undefined) return byStructure();
  const options = { path: `the marked ${kind}` };
  if (marked.length === 1) return [leverFrom(only, kind, options)];
  const detail = `the comment "flyball: ${kind}" marks ${marked.length} values; one can be the lever`;
  return [notEditable(kind, options, { reason: 'unsupported-value', detail })];
}

function readPod(pod: Tracked, part: PodPart, claimed: ClaimedGpus | undefined): Pod {
  const key = part.resourcesKey ?? 'resources';
  const containers = (part.containers ?? ['containers.*'])
    .flatMap((path) => valuesAt(pod, path))
    .map((container) => ({ container, resources: valueAt(container, [key]) }));
  const gpus = containers.flatMap(({ container, resources }) =>
    part.gpuKey === undefined
      ? gpuEntries(container, resources)
      : namedGpu(container, valueAt(container, [part.gpuKey])),
  );
  return { pod, containers: containers.flatMap(({ resources }) => resources ?? []), gpus, claimed };
}

/** Limits decide for extended resources; requests may be left out, and must equal them. */
function gpuEntries(container: Tracked, resources: Tracked | undefined): readonly GpuEntry[] {
  const found = ['limits', 'requests']
    .map((key) => valueAt(resources, [key]))
    .find((map) => map?.kind === 'map' && [...map.entries.keys()].some(isGpuResource));
  if (found?.kind !== 'map') return [];
  return [...found.entries].flatMap(([resourceName, value]) => {
    const count = value.kind === 'scalar' ? parseQuantity(value.value) : undefined;
    return isGpuResource(resourceName) && count !== undefined && count > 0
      ? [{ resourceName, count, value, container }]
      : [];
  });
}

function namedGpu(container: Tracked, gpu: Tracked | undefined): readonly GpuEntry[] {
  const resourceName = textAt(gpu, ['name']);
  const value = valueAt(gpu, ['quantity']);
  const count = value?.kind === 'scalar' ? parseQuantity(value.value) : undefined;
  if (resourceName === undefined || value === undefined || count === undefined || count <= 0) return [];
  return [{ resourceName, count, value, container }];
}

/** Extended resources of device plugins that are GPUs or parts of one. */
export function isGpuResource(name: string): boolean {
  return /^(?:nvidia\.com\/(?:gpu(?:\.shared)?|mig-[\w.+-]+)|amd\.com\/gpu|gpu\.intel\.com\/(?:i915|xe)|habana\.ai\/gaudi)$/.test(
    name,
  );
}

function gpuTotal(gpus: readonly GpuEntry[]): number {
  return gpus.reduce((sum, { count }) => sum + count, 0);
}

function mostUsedName(gpus: readonly GpuEntry[]): string | undefined {
  const names = [...new Set(gpus.map(({ resourceName }) => resourceName))];
  const count = (name: string): number => gpuTotal(gpus.filter(({ resourceName }) => resourceName === name));
  return names.toSorted((left, right) => count(right) - count(left) || (left < right ? -1 : 1))[0];
}

function gpuCountLever(gpus: readonly GpuEntry[]): readonly Lever[] {
  const [first] = gpus;
  if (first === undefined) return [];
  const options = { path: `the limit of ${first.resourceName}` };
  if (gpus.length > 1) {
    const detail = `${gpus.length} containers of the pod ask for ${first.resourceName}`;
    return [notEditable('gpuCount', options, { reason: 'unsupported-value', detail })];
  }
  const lever = leverFrom(first.value, 'gpuCount', options);
  const request = valueAt(first.container, ['resources', 'requests', first.resourceName]);
  if (request === undefined || request === first.value) return [lever];
  // Kubernetes refuses an extended resource whose request is not its limit: both move, or neither.
  const other = leverFrom(request, 'gpuCount', { path: `the request of ${first.resourceName}` });
  const areEqual = other.current === lever.current;
  if (
    areEqual &&
    lever.field.kind === 'editable' &&
    other.field.kind === 'editable' &&
    other.field.field.kind === 'present'
  ) {
    return [{ ...lever, field: { ...lever.field, companions: [other.field.field] } }];
  }
  const detail = `${first.resourceName} stands in limits and in requests, which must stay equal, and one of them cannot be edited`;
  return [notEditable('gpuCount', options, { reason: 'unsupported-value', detail, current: first.count })];
}

function total(resources: readonly Tracked[], name: string, factor: number): number | undefined {
  const amounts = resources.flatMap((item) => {
    const value = valueAt(item, ['requests', name]) ?? valueAt(item, ['limits', name]);
    return (value?.kind === 'scalar' ? parseQuantity(value.value) : undefined) ?? [];
  });
  return amounts.length === 0 ? undefined : amounts.reduce((sum, amount) => sum + amount, 0) * factor;
}

/** Labels that pin a pod to one machine type. */
export const instanceTypeLabels: readonly string[] = [
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'karpenter.k8s.aws/instance-type',
];

/** Every value that pins the pod's machine type; a pod that several places pin needs them all changed. */
function instanceTypeValues(pod: Tracked): readonly Tracked[] {
  const selected = instanceTypeLabels.flatMap((label) => valueAt(pod, ['nodeSelector', label]) ?? []);
  const required = ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'];
  const pins = itemsAt(pod, required)
    .flatMap((term) => itemsAt(term, ['matchExpressions']))
    .filter(
      (expression) =>
        instanceTypeLabels.includes(textAt(expression, ['key']) ?? '') && textAt(expression, ['operator']) === 'In',
    );
  return [...selected, ...pins.flatMap((expression) => itemsAt(expression, ['values']))];
}

function instanceTypeLever(values: readonly Tracked[]): readonly Lever[] {
  const [first] = values;
  if (first === undefined) return [];
  const options = { path: 'the instance type' };
  if (values.length === 1) return [leverFrom(first, 'instanceType', options)];
  const detail = `${values.length} values of nodeSelector and nodeAffinity pin the machine type`;
  return [notEditable('instanceType', options, { reason: 'unsupported-value', detail })];
}

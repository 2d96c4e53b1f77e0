import type { GpuRequest, Workload } from '../domain/index.ts';
import { splitPath, type FieldPath, type WorkloadKind } from './kinds.ts';
import { parseQuantity } from './quantity.ts';
import { itemsAt, textAt, valueAt, type Tracked } from './tracked.ts';

/** What one pod of a workload asks for. */
export interface PodRequest {
  readonly gpu: GpuRequest;
  readonly requests: Workload['requests'];
  /** The scalar that sets the GPU count, when exactly one container asks. */
  readonly gpuCount: Tracked | undefined;
  readonly instanceType: Tracked | undefined;
}

/** All values that a path with `*` reaches. */
export function valuesAt(root: Tracked, path: FieldPath): readonly Tracked[] {
  let values: readonly Tracked[] = [root];
  for (const step of splitPath(path)) {
    values = values.flatMap((value) => {
      if (step !== '*') return valueAt(value, [step]) ?? [];
      if (value.kind === 'list') return value.items;
      return value.kind === 'map' ? [...value.entries.values()] : [];
    });
  }
  return values;
}

/** The pod that asks for most GPUs: a job's worker, not its launcher. */
export function podRequest(root: Tracked, kind: WorkloadKind): PodRequest | undefined {
  const pods = kind.podSpecs.flatMap((path) => valuesAt(root, path)).map((pod) => readPod(pod, kind));
  const gpus = (pod: PodRequest): number => (pod.gpu.kind === 'devices' ? pod.gpu.perReplica : 0);
  return pods.reduce<PodRequest | undefined>(
    (most, pod) => (most === undefined || gpus(pod) > gpus(most) ? pod : most),
    undefined,
  );
}

function readPod(pod: Tracked, kind: WorkloadKind): PodRequest {
  const singles = (kind.singleContainers ?? []).flatMap((key) => valueAt(pod, [key]) ?? []);
  const containers = [...itemsAt(pod, ['containers']), ...singles];
  const gpus = containers.flatMap((container) => gpuEntries(container));
  const [first] = gpus;
  const perReplica = gpus.reduce((sum, { count }) => sum + count, 0);
  return {
    gpu:
      first === undefined || perReplica === 0
        ? { kind: 'none' }
        : { kind: 'devices', resourceName: first.name, perReplica },
    requests: { cpuCores: total(containers, 'cpu', 1), memoryGib: total(containers, 'memory', 2 ** 30) },
    gpuCount: gpus.length === 1 ? first?.value : undefined,
    instanceType: instanceType(pod),
  };
}

/** Limits decide for extended resources: Kubernetes wants requests to equal them. */
function gpuEntries(
  container: Tracked,
): readonly { readonly name: string; readonly count: number; readonly value: Tracked }[] {
  const found = ['limits', 'requests']
    .map((key) => valueAt(container, ['resources', key]))
    .find((map) => map?.kind === 'map' && [...map.entries.keys()].some(isGpuResource));
  if (found?.kind !== 'map') return [];
  return [...found.entries].flatMap(([name, value]) => {
    const count = value.kind === 'scalar' ? parseQuantity(value.value) : undefined;
    return isGpuResource(name) && count !== undefined ? [{ name, count, value }] : [];
  });
}

function isGpuResource(name: string): boolean {
  return /^nvidia\.com\/(?:gpu(?:\.shared)?|mig-[\w.]+)$/.test(name);
}

function total(containers: readonly Tracked[], resource: string, unit: number): number | undefined {
  const amounts = containers.flatMap((container) => {
    const value =
      valueAt(container, ['resources', 'requests', resource]) ?? valueAt(container, ['resources', 'limits', resource]);
    const amount = value?.kind === 'scalar' ? parseQuantity(value.value) : undefined;
    return amount === undefined ? [] : [amount / unit];
  });
  return amounts.length === 0 ? undefined : amounts.reduce((sum, amount) => sum + amount, 0);
}

/** Labels that pin a pod to one machine type. */
const instanceTypeLabels = [
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'karpenter.k8s.aws/instance-type',
];

function instanceType(pod: Tracked): Tracked | undefined {
  for (const label of instanceTypeLabels) {
    const selected = valueAt(pod, ['nodeSelector', label]);
    if (selected !== undefined) return selected;
  }
  const terms = itemsAt(pod, [
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  ]);
  const expressions = terms.length === 1 ? terms.flatMap((term) => itemsAt(term, ['matchExpressions'])) : [];
  const pins = expressions.filter(
    (expression) =>
      instanceTypeLabels.includes(textAt(expression, ['key']) ?? '') && textAt(expression, ['operator']) === 'In',
  );
  const values = pins.flatMap((expression) => itemsAt(expression, ['values']));
  return values.length === 1 ? values[0] : undefined;
}

import type { GpuRequest, Lever } from '../domain/index.ts';
import { notEditable } from './levers.ts';
import { parseQuantity } from './quantity.ts';
import type { ObjectReference, Resource } from './resource.ts';
import { itemsAt, textAt, valueAt, type Tracked } from './tracked.ts';

/** GPUs that a pod gets through Dynamic Resource Allocation. */
export interface ClaimedGpus {
  readonly gpu: Extract<GpuRequest, { kind: 'devices' }>;
  readonly levers: readonly Lever[];
}

/** From the newest; the form of a request differs. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-template-v1/ */
const apiVersions = ['v1', 'v1beta2', 'v1beta1', 'v1alpha3'].map((version) => `resource.k8s.io/${version}`);

/** Device classes of the vendors' DRA drivers. A cluster's own classes may be anything, and are not counted. */
const gpuClass = /^(?:gpu|mig)\.nvidia\.com$|^gpu\.(?:amd|intel)\.com$/;

/**
 * What the claims of a pod ask for, of the class asked for most. The count is shown and never changed: pods of several
 * workloads may use one template. Claims that pods share (`resourceClaimName`) are nobody's replica, and are not counted.
 */
export function claimedGpus(
  pod: Tracked,
  namespace: string,
  findObject: (reference: ObjectReference) => Resource | undefined,
): ClaimedGpus | undefined {
  const requests = itemsAt(pod, ['resourceClaims']).flatMap((claim) => {
    const name = textAt(claim, ['resourceClaimTemplateName']);
    const template = name === undefined ? undefined : findTemplate(name, namespace, findObject);
    return template === undefined
      ? []
      : itemsAt(template.root, ['spec', 'spec', 'devices', 'requests']).flatMap(readRequest);
  });
  const counts = new Map<string, number>();
  for (const { deviceClass, count } of requests) counts.set(deviceClass, (counts.get(deviceClass) ?? 0) + count);
  const [most] = [...counts].toSorted(([one, left], [other, right]) => right - left || (one < other ? -1 : 1));
  if (most === undefined) return undefined;
  const [resourceName, perReplica] = most;
  const detail = `the pod claims ${resourceName} through a ResourceClaimTemplate, which pods of other workloads may use too`;
  const lever = notEditable(
    'gpuCount',
    { path: `the claim of ${resourceName}` },
    { reason: 'unsupported-value', detail, current: perReplica },
  );
  return { gpu: { kind: 'devices', resourceName, perReplica }, levers: [lever] };
}

function findTemplate(
  name: string,
  namespace: string,
  findObject: (reference: ObjectReference) => Resource | undefined,
): Resource | undefined {
  for (const apiVersion of apiVersions) {
    const found = findObject({ apiVersion, kind: 'ResourceClaimTemplate', namespace, name });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A request for all devices of a node has no count. */
function readRequest(request: Tracked): readonly { readonly deviceClass: string; readonly count: number }[] {
  const exactly = valueAt(request, ['exactly']) ?? request;
  const deviceClass = textAt(exactly, ['deviceClassName']) ?? '';
  if (!gpuClass.test(deviceClass) || textAt(exactly, ['allocationMode']) === 'All') return [];
  const written = valueAt(exactly, ['count']);
  const count = written?.kind === 'scalar' ? parseQuantity(written.value) : 1;
  return count === undefined || count <= 0 ? [] : [{ deviceClass, count }];
}

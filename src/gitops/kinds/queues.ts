import type { CapacityKind } from './row-types.ts';

const kueueTypes = 'https://github.com/kubernetes-sigs/kueue/blob/main/apis/kueue/v1beta2';

/** The label by which a job asks for a LocalQueue; Kueue then suspends and resumes it. */
export const kueueQueueLabel = 'kueue.x-k8s.io/queue-name';

const stopPolicy = {
  lever: 'suspend',
  field: 'spec.stopPolicy',
  whenAbsent: 'None',
  values: ['None', 'Hold', 'HoldAndDrain'],
} as const;

/** `Hold` admits nothing new and lets what runs finish; `HoldAndDrain` would evict it. */
const hold = { lever: 'suspend', pausedValue: 'Hold' } as const;

/** What may be asked of machines, and by whom. */
export const queueKinds: readonly CapacityKind[] = [
  {
    group: 'kueue.x-k8s.io',
    versions: ['v1beta1', 'v1beta2'],
    kind: 'ClusterQueue',
    source: `${kueueTypes}/clusterqueue_types.go`,
    scope: 'cluster',
    fields: [
      stopPolicy,
      {
        lever: 'gpuCount',
        field: 'spec.resourceGroups.*.flavors.*.resources.[name=nvidia\\.com/gpu].nominalQuota',
        isOptional: true,
      },
    ],
    pause: hold,
    otherOwners: [],
  },
  {
    group: 'kueue.x-k8s.io',
    versions: ['v1beta1', 'v1beta2'],
    kind: 'LocalQueue',
    source: `${kueueTypes}/localqueue_types.go`,
    scope: 'namespace',
    fields: [stopPolicy],
    pause: hold,
    otherOwners: [],
  },
  // A queue is closed by a command object, not by a field.
  {
    group: 'scheduling.volcano.sh',
    versions: ['v1beta1'],
    kind: 'Queue',
    source: 'https://github.com/volcano-sh/apis/blob/master/pkg/apis/scheduling/v1beta1/types.go',
    scope: 'cluster',
    fields: [{ lever: 'gpuCount', field: 'spec.capability.nvidia\\.com/gpu', isOptional: true }],
    otherOwners: ['Volcano commands'],
  },
];

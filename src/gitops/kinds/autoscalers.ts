import type { AutoscalerKind, ManagerKind } from './row-types.ts';

export const autoscalerKinds: readonly AutoscalerKind[] = [
  {
    group: 'autoscaling',
    versions: ['v2', 'v1', 'v2beta2'],
    kind: 'HorizontalPodAutoscaler',
    source: 'https://github.com/kubernetes/api/blob/master/autoscaling/v2/types.go',
    minReplicas: 'spec.minReplicas',
    maxReplicas: 'spec.maxReplicas',
    defaultMinReplicas: 1,
  },
  {
    group: 'keda.sh',
    versions: ['v1alpha1'],
    kind: 'ScaledObject',
    source: 'https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_types.go',
    minReplicas: 'spec.minReplicaCount',
    maxReplicas: 'spec.maxReplicaCount',
    defaultMinReplicas: 0,
    defaultMaxReplicas: 100,
    defaultTargetKind: 'Deployment',
    pausedReplicas: 'autoscaling.keda.sh/paused-replicas',
    pause: { lever: 'minReplicas', pausedValue: 0 },
  },
];

export const managerKinds: readonly ManagerKind[] = [
  {
    group: 'autoscaling.k8s.io',
    versions: ['v1', 'v1beta2'],
    kind: 'VerticalPodAutoscaler',
    source:
      'https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1/types.go',
    targetRef: 'spec.targetRef',
    mode: { field: 'spec.updatePolicy.updateMode', inactive: ['Off'] },
    // Limits move in proportion to the requests, unless a container's policy says RequestsOnly.
    fields: ['requests', 'limits'].flatMap((key) => [
      `containers.*.resources.${key}.cpu`,
      `containers.*.resources.${key}.memory`,
    ]),
  },
];

import type { FieldPath } from '../field-path.ts';
import type { Bounds, PodPart, WorkloadKind } from './row-types.ts';

const template = 'spec.template.spec';
const templateLabels = 'spec.template.metadata.labels';
const scalers = ['HorizontalPodAutoscaler', 'ScaledObject'];
const managed = [...scalers, 'VerticalPodAutoscaler'];

const kubernetesTypes = 'https://github.com/kubernetes/api/blob/master/apps/v1/types.go';
const kserveTypes = 'https://github.com/kserve/kserve/blob/master/pkg/apis/serving';
const rayTypes = 'https://github.com/ray-project/kuberay/blob/master/helm-chart/kuberay-operator/crds/ray.io_';

type Server = Pick<WorkloadKind, 'group' | 'versions' | 'kind' | 'source'> & Partial<WorkloadKind>;

/** Pods behind a count that a scale subresource exposes. */
function server(row: Server): WorkloadKind {
  return {
    pods: [{ podSpec: template }],
    podLabels: templateLabels,
    replicas: 'spec.replicas',
    defaultReplicas: 1,
    pause: { lever: 'replicas', pausedValue: 0 },
    otherOwners: managed,
    ...row,
  };
}

/** The worker groups first: of equal GPUs theirs count, not the head's. */
export function rayPods(cluster: FieldPath): readonly PodPart[] {
  return [
    { podSpec: `${cluster}.workerGroupSpecs.*.template.spec` },
    { podSpec: `${cluster}.headGroupSpec.template.spec` },
  ];
}

/** Without an upper bound the CRD fills in the largest int32, which is no decision of anybody's. */
export function rayBounds(cluster: FieldPath): Bounds {
  const group = `${cluster}.workerGroupSpecs.*`;
  return {
    minReplicas: `${group}.minReplicas`,
    maxReplicas: `${group}.maxReplicas`,
    defaultMinReplicas: 0,
    when: { field: `${cluster}.enableInTreeAutoscaling`, is: 'true' },
  };
}

function rayServer(row: Server, cluster: FieldPath): WorkloadKind {
  const group = `${cluster}.workerGroupSpecs.*`;
  return {
    pods: rayPods(cluster),
    replicas: `${group}.replicas`,
    replicasFloor: `${group}.minReplicas`,
    defaultReplicas: 0,
    bounds: rayBounds(cluster),
    otherOwners: ['Ray autoscaler', 'Kueue'],
    ...row,
  };
}

const suspendable = {
  suspend: { kind: 'field', field: 'spec.suspend', whenAbsent: false },
  pause: { lever: 'suspend', pausedValue: true },
} as const;

/** Container-like objects of a KServe predictor: the model, or one of the older framework keys. */
const kserveContainers = [
  'containers.*',
  'model',
  'huggingface',
  'pytorch',
  'tensorflow',
  'triton',
  'onnx',
  'sklearn',
  'xgboost',
  'lightgbm',
  'pmml',
];

const kserveStop = { kind: 'annotation', key: 'serving.kserve.io/stop' } as const;
const knativeAnnotations = 'spec.template.metadata.annotations.autoscaling\\.knative\\.dev';

/** Kinds that run until they are stopped. */
export const serverKinds: readonly WorkloadKind[] = [
  server({ group: 'apps', versions: ['v1'], kind: 'Deployment', source: kubernetesTypes }),
  server({ group: 'apps', versions: ['v1'], kind: 'StatefulSet', source: kubernetesTypes }),
  server({ group: 'apps', versions: ['v1'], kind: 'ReplicaSet', source: kubernetesTypes }),
  // One pod a node: no field says how many, and none stops them.
  {
    group: 'apps',
    versions: ['v1'],
    kind: 'DaemonSet',
    source: kubernetesTypes,
    pods: [{ podSpec: template }],
    podLabels: templateLabels,
    otherOwners: ['VerticalPodAutoscaler'],
  },
  server({
    group: 'leaderworkerset.x-k8s.io',
    versions: ['v1'],
    kind: 'LeaderWorkerSet',
    source: 'https://github.com/kubernetes-sigs/lws/blob/main/api/leaderworkerset/v1/leaderworkerset_types.go',
    pods: [
      { podSpec: 'spec.leaderWorkerTemplate.workerTemplate.spec' },
      { podSpec: 'spec.leaderWorkerTemplate.leaderTemplate.spec' },
    ],
    podLabels: 'spec.leaderWorkerTemplate.workerTemplate.metadata.labels',
    podsPerReplica: 'spec.leaderWorkerTemplate.size',
    otherOwners: [...scalers, 'Kueue'],
  }),
  server({
    group: 'argoproj.io',
    versions: ['v1alpha1'],
    kind: 'Rollout',
    source: 'https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/v1alpha1/types.go',
    podsOf: {
      ref: 'spec.workloadRef',
      scaleDown: { field: 'spec.workloadRef.scaleDown', ownsCountWhen: ['onsuccess', 'progressively'] },
    },
  }),
  {
    group: 'serving.kserve.io',
    versions: ['v1beta1'],
    kind: 'InferenceService',
    source: `${kserveTypes}/v1beta1/component.go`,
    pods: [
      { podSpec: 'spec.predictor', containers: kserveContainers },
      { podSpec: 'spec.predictor.workerSpec' },
      { podSpec: 'spec.transformer' },
      { podSpec: 'spec.explainer' },
    ],
    podLabels: 'spec.predictor.labels',
    defaultReplicas: 1,
    bounds: {
      minReplicas: 'spec.predictor.minReplicas',
      maxReplicas: 'spec.predictor.maxReplicas',
      defaultMinReplicas: 1,
    },
    suspend: kserveStop,
    pause: {
      lever: 'minReplicas',
      pausedValue: 0,
      // Without Knative an HPA carries the bounds out, and an HPA's lower bound is at least 1.
      unlessAnnotation: {
        key: 'serving.kserve.io/deploymentMode',
        values: ['RawDeployment', 'Standard', 'ModelMesh'],
      },
    },
    otherOwners: scalers,
  },
  server({
    group: 'serving.kserve.io',
    versions: ['v1alpha1', 'v1alpha2'],
    kind: 'LLMInferenceService',
    source: `${kserveTypes}/v1alpha1/llm_inference_service_types.go`,
    pods: [
      { podSpec: 'spec.template' },
      { podSpec: 'spec.worker' },
      { podSpec: 'spec.prefill.template' },
      { podSpec: 'spec.prefill.worker' },
    ],
    podLabels: 'spec.labels',
    // The API refuses a count beside it.
    bounds: {
      minReplicas: 'spec.scaling.minReplicas',
      maxReplicas: 'spec.scaling.maxReplicas',
      defaultMinReplicas: 1,
      when: { field: 'spec.scaling', is: 'present' },
    },
    suspend: kserveStop,
    otherOwners: scalers,
  }),
  {
    group: 'serving.knative.dev',
    versions: ['v1'],
    kind: 'Service',
    source: 'https://github.com/knative/serving/blob/main/pkg/apis/autoscaling/register.go',
    pods: [{ podSpec: template }],
    podLabels: templateLabels,
    defaultReplicas: 0,
    bounds: {
      minReplicas: `${knativeAnnotations}/min-scale`,
      maxReplicas: `${knativeAnnotations}/max-scale`,
      defaultMinReplicas: 0,
    },
    pause: { lever: 'minReplicas', pausedValue: 0 },
    otherOwners: ['Knative autoscaler'],
  },
  // One pod; it is stopped by an annotation that holds a time, which Git usually does not carry.
  {
    group: 'kubeflow.org',
    versions: ['v1', 'v1beta1'],
    kind: 'Notebook',
    source: 'https://github.com/kubeflow/kubeflow/blob/master/components/notebook-controller/api/v1/notebook_types.go',
    pods: [{ podSpec: template }],
    podLabels: templateLabels,
    defaultReplicas: 1,
    otherOwners: ['notebook culler'],
  },
  rayServer(
    {
      group: 'ray.io',
      versions: ['v1', 'v1alpha1'],
      kind: 'RayCluster',
      source: `${rayTypes}rayclusters.yaml`,
      ...suspendable,
    },
    'spec',
  ),
  rayServer(
    { group: 'ray.io', versions: ['v1'], kind: 'RayService', source: `${rayTypes}rayservices.yaml`, ...suspendable },
    'spec.rayClusterConfig',
  ),
  // The older version has no field that suspends a service.
  rayServer(
    { group: 'ray.io', versions: ['v1alpha1'], kind: 'RayService', source: `${rayTypes}rayservices.yaml` },
    'spec.rayClusterConfig',
  ),
];

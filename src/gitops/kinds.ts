/** A path of keys with dots between; `*` stands for every item of a list or value of a map, `\.` for a dot in a key. */
export type FieldPath = string;

/** One group of pods that a workload runs. */
export interface PodPart {
  /** The object with containers, nodeSelector and affinity. */
  readonly podSpec: FieldPath;
  /** Container-like objects, from the pod spec on; `containers.*` unless said otherwise. */
  readonly containers?: readonly FieldPath[];
  /** Key of a container's resources where it is not `resources`. */
  readonly resourcesKey?: string;
  /** GPUs given as a name and a quantity beside the container's fields, as Spark does. */
  readonly gpuKey?: string;
}

/** How one kind of workload says what it runs, how many, and how it is stopped. One row a kind, no code. */
export interface WorkloadKind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  /** The part whose pods ask for most GPUs counts as the replica; of equal ones the first. */
  readonly pods: readonly PodPart[];
  readonly podLabels?: FieldPath;
  readonly replicas?: FieldPath;
  /** The controller never runs fewer than this, whatever `replicas` says. */
  readonly replicasFloor?: FieldPath;
  /** Pods in one replica, where a replica is a group of pods. */
  readonly podsPerReplica?: FieldPath;
  /** What runs when neither replicas nor a lower bound is written; absent for kinds that run to completion. */
  readonly defaultReplicas?: number;
  readonly bounds?: {
    readonly minReplicas: FieldPath;
    readonly maxReplicas: FieldPath;
    /** The bounds own the count only where this field is true; always, where it is left out. */
    readonly whenTrue?: FieldPath;
  };
  readonly suspend?: FieldPath;
  readonly schedule?: FieldPath;
  /** The lever that stops it safely, and the value that does; absent where no scalar does. */
  readonly pause?: {
    readonly lever: 'replicas' | 'minReplicas' | 'suspend';
    readonly pausedValue: number | boolean;
    /** Not a safe verb where the object carries this annotation. */
    readonly unlessAnnotation?: { readonly key: string; readonly value: string };
  };
}

const template = 'spec.template.spec';
const templateLabels = 'spec.template.metadata.labels';
const zeroReplicas = { lever: 'replicas', pausedValue: 0 } as const;
const suspended = { lever: 'suspend', pausedValue: true } as const;

type ApiKind = Pick<WorkloadKind, 'group' | 'versions' | 'kind'>;

function server(api: ApiKind, pods: readonly PodPart[] = [{ podSpec: template }]): WorkloadKind {
  return {
    ...api,
    pods,
    podLabels: templateLabels,
    replicas: 'spec.replicas',
    defaultReplicas: 1,
    pause: zeroReplicas,
  };
}

function job(api: ApiKind, pods: readonly PodPart[], suspend: FieldPath = 'spec.suspend'): WorkloadKind {
  return { ...api, pods, suspend, pause: suspended };
}

/** Training operator v1: each kind has its replica specs under a key of its own, a map of roles. */
function trainingJob(kind: string, replicaSpecs: string, versions: readonly string[] = ['v1']): WorkloadKind {
  const api = { group: 'kubeflow.org', versions, kind };
  return job(api, [{ podSpec: `spec.${replicaSpecs}.*.template.spec` }], 'spec.runPolicy.suspend');
}

function rayPods(cluster: FieldPath): readonly PodPart[] {
  return [
    { podSpec: `${cluster}.workerGroupSpecs.*.template.spec` },
    { podSpec: `${cluster}.headGroupSpec.template.spec` },
  ];
}

function rayServer(kind: string, cluster: FieldPath): WorkloadKind {
  const group = `${cluster}.workerGroupSpecs.*`;
  return {
    group: 'ray.io',
    versions: ['v1', 'v1alpha1'],
    kind,
    pods: rayPods(cluster),
    replicas: `${group}.replicas`,
    replicasFloor: `${group}.minReplicas`,
    defaultReplicas: 0,
    bounds: {
      minReplicas: `${group}.minReplicas`,
      maxReplicas: `${group}.maxReplicas`,
      whenTrue: `${cluster}.enableInTreeAutoscaling`,
    },
    suspend: 'spec.suspend',
    pause: suspended,
  };
}

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

const knativeAnnotations = 'spec.template.metadata.annotations.autoscaling\\.knative\\.dev';

/** The catalogue. Sources: each project's CRD; docs/gitops.md lists it for people. */
export const workloadKinds: readonly WorkloadKind[] = [
  server({ group: 'apps', versions: ['v1'], kind: 'Deployment' }),
  server({ group: 'apps', versions: ['v1'], kind: 'StatefulSet' }),
  server({ group: 'apps', versions: ['v1'], kind: 'ReplicaSet' }),
  { group: 'apps', versions: ['v1'], kind: 'DaemonSet', pods: [{ podSpec: template }], podLabels: templateLabels },
  job({ group: 'batch', versions: ['v1'], kind: 'Job' }, [{ podSpec: template }]),
  {
    ...job({ group: 'batch', versions: ['v1', 'v1beta1'], kind: 'CronJob' }, [
      { podSpec: 'spec.jobTemplate.spec.template.spec' },
    ]),
    schedule: 'spec.schedule',
  },
  job({ group: 'jobset.x-k8s.io', versions: ['v1alpha2'], kind: 'JobSet' }, [
    { podSpec: 'spec.replicatedJobs.*.template.spec.template.spec' },
  ]),
  {
    ...server({ group: 'leaderworkerset.x-k8s.io', versions: ['v1'], kind: 'LeaderWorkerSet' }, [
      { podSpec: 'spec.leaderWorkerTemplate.workerTemplate.spec' },
      { podSpec: 'spec.leaderWorkerTemplate.leaderTemplate.spec' },
    ]),
    podLabels: 'spec.leaderWorkerTemplate.workerTemplate.metadata.labels',
    podsPerReplica: 'spec.leaderWorkerTemplate.size',
  },
  server({ group: 'argoproj.io', versions: ['v1alpha1'], kind: 'Rollout' }),
  {
    group: 'serving.kserve.io',
    versions: ['v1beta1'],
    kind: 'InferenceService',
    pods: [
      { podSpec: 'spec.predictor', containers: kserveContainers },
      { podSpec: 'spec.predictor.workerSpec' },
      { podSpec: 'spec.transformer' },
      { podSpec: 'spec.explainer' },
    ],
    podLabels: 'spec.predictor.labels',
    defaultReplicas: 1,
    bounds: { minReplicas: 'spec.predictor.minReplicas', maxReplicas: 'spec.predictor.maxReplicas' },
    pause: {
      lever: 'minReplicas',
      pausedValue: 0,
      // Without Knative an HPA carries the bounds out, and an HPA's lower bound is at least 1.
      unlessAnnotation: { key: 'serving.kserve.io/deploymentMode', value: 'RawDeployment' },
    },
  },
  server({ group: 'serving.kserve.io', versions: ['v1alpha1', 'v1alpha2'], kind: 'LLMInferenceService' }, [
    { podSpec: 'spec.template' },
    { podSpec: 'spec.worker' },
    { podSpec: 'spec.prefill.template' },
    { podSpec: 'spec.prefill.worker' },
  ]),
  {
    group: 'serving.knative.dev',
    versions: ['v1'],
    kind: 'Service',
    pods: [{ podSpec: template }],
    podLabels: templateLabels,
    defaultReplicas: 0,
    bounds: { minReplicas: `${knativeAnnotations}/min-scale`, maxReplicas: `${knativeAnnotations}/max-scale` },
    pause: { lever: 'minReplicas', pausedValue: 0 },
  },
  trainingJob('PyTorchJob', 'pytorchReplicaSpecs'),
  trainingJob('TFJob', 'tfReplicaSpecs'),
  trainingJob('MPIJob', 'mpiReplicaSpecs', ['v1', 'v2beta1']),
  trainingJob('XGBoostJob', 'xgbReplicaSpecs'),
  trainingJob('PaddleJob', 'paddleReplicaSpecs'),
  trainingJob('JAXJob', 'jaxReplicaSpecs'),
  job({ group: 'trainer.kubeflow.org', versions: ['v1alpha1'], kind: 'TrainJob' }, [
    { podSpec: 'spec', containers: ['trainer'], resourcesKey: 'resourcesPerNode' },
  ]),
  // One pod; it is stopped by an annotation that Git usually does not hold.
  {
    group: 'kubeflow.org',
    versions: ['v1', 'v1beta1'],
    kind: 'Notebook',
    pods: [{ podSpec: template }],
    podLabels: templateLabels,
    defaultReplicas: 1,
  },
  rayServer('RayCluster', 'spec'),
  job({ group: 'ray.io', versions: ['v1', 'v1alpha1'], kind: 'RayJob' }, rayPods('spec.rayClusterSpec')),
  rayServer('RayService', 'spec.rayClusterConfig'),
  // Volcano stops jobs by a command object, not by a field.
  { group: 'batch.volcano.sh', versions: ['v1alpha1'], kind: 'Job', pods: [{ podSpec: 'spec.tasks.*.template.spec' }] },
  job({ group: 'sparkoperator.k8s.io', versions: ['v1beta2'], kind: 'SparkApplication' }, [
    { podSpec: 'spec.executor', containers: [''], gpuKey: 'gpu' },
    { podSpec: 'spec.driver', containers: [''], gpuKey: 'gpu' },
  ]),
  {
    ...job({ group: 'argoproj.io', versions: ['v1alpha1'], kind: 'CronWorkflow' }, [
      {
        podSpec: 'spec.workflowSpec.templates.*',
        containers: ['container', 'script', 'containerSet.containers.*'],
      },
    ]),
    schedule: 'spec.schedule',
  },
];

/** An object that owns another one's replicas. */
export interface AutoscalerKind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly minReplicas: FieldPath;
  readonly maxReplicas: FieldPath;
  /** The lower bound when none is written. */
  readonly defaultMinReplicas: number;
  /** The kind that `scaleTargetRef` means when it names none. */
  readonly defaultTargetKind?: string;
  /** Absent where the bound cannot be 0: a HorizontalPodAutoscaler needs a feature gate for it. */
  readonly pause?: { readonly lever: 'minReplicas'; readonly pausedValue: 0 };
}

export const autoscalerKinds: readonly AutoscalerKind[] = [
  {
    group: 'autoscaling',
    versions: ['v1', 'v2', 'v2beta2'],
    kind: 'HorizontalPodAutoscaler',
    minReplicas: 'spec.minReplicas',
    maxReplicas: 'spec.maxReplicas',
    defaultMinReplicas: 1,
  },
  {
    group: 'keda.sh',
    versions: ['v1alpha1'],
    kind: 'ScaledObject',
    minReplicas: 'spec.minReplicaCount',
    maxReplicas: 'spec.maxReplicaCount',
    defaultMinReplicas: 0,
    defaultTargetKind: 'Deployment',
    pause: { lever: 'minReplicas', pausedValue: 0 },
  },
];

/** Group of Flyball's own policies. */
export const policyGroup = 'finops.apexlogic.com/';

/** Kinds that deliver others, and kinds that say where those come from. */
const deliveryKinds = ['Kustomization', 'HelmRelease', 'Application', 'GitRepository', 'ArtifactGenerator'];

const knownKinds = [
  ...new Set([...workloadKinds.map(({ kind }) => kind), ...autoscalerKinds.map(({ kind }) => kind), ...deliveryKinds]),
];

const kindPattern = new RegExp(
  `\\bkind["']?[ \\t]*:[ \\t]*(?:[&!]\\S+[ \\t]+)?["']?(?:${knownKinds.join('|')}|\\w*List)\\b`,
);

/** Whether a text names a kind of the catalogue: a cheap test before parsing, with false positives only. */
export function namesKind(text: string): boolean {
  return kindPattern.test(text);
}

/** Splits a field path at its dots. */
export function splitPath(path: FieldPath): readonly string[] {
  return path === '' ? [] : path.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
}

export function apiGroup(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

function hasApi(row: Omit<ApiKind, 'kind'> & { readonly kind: string }, apiVersion: string, kind: string): boolean {
  return (
    row.kind === kind && row.group === apiGroup(apiVersion) && row.versions.includes(apiVersion.split('/').at(-1) ?? '')
  );
}

export function findWorkloadKind(apiVersion: string, kind: string): WorkloadKind | undefined {
  return workloadKinds.find((row) => hasApi(row, apiVersion, kind));
}

export function findAutoscalerKind(apiVersion: string, kind: string): AutoscalerKind | undefined {
  return autoscalerKinds.find((row) => hasApi(row, apiVersion, kind));
}

/** Whether objects of a kind are workloads or their autoscalers. */
export function isCatalogued(apiVersion: string, kind: string): boolean {
  return findWorkloadKind(apiVersion, kind) !== undefined || findAutoscalerKind(apiVersion, kind) !== undefined;
}

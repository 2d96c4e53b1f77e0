/** A path of keys; `*` stands for every item of a list or every value of a map. */
export type FieldPath = string;

/** How one kind of workload says what it runs, how many, and how it is stopped. One row a kind, no code. */
export interface WorkloadKind {
  readonly group: string;
  readonly kind: string;
  /** Pod specs (objects with containers, nodeSelector, affinity). The one asking for most GPUs counts as the replica. */
  readonly podSpecs: readonly FieldPath[];
  /** Keys of a pod spec that hold one container-like object beside `containers`. */
  readonly singleContainers?: readonly string[];
  readonly podLabels?: FieldPath;
  readonly replicas?: FieldPath;
  /** What the kind runs when `replicas` is absent. */
  readonly defaultReplicas?: number;
  readonly minReplicas?: FieldPath;
  readonly maxReplicas?: FieldPath;
  readonly suspend?: FieldPath;
  readonly schedule?: FieldPath;
  /** Runs to completion: its worker count is part of the result and is never a lever. */
  readonly runsToCompletion: boolean;
  /** The lever that stops it safely, and the value that does. */
  readonly pause?: { readonly lever: 'replicas' | 'minReplicas' | 'suspend'; readonly pausedValue: number | boolean };
}

const template = 'spec.template.spec';
const templateLabels = 'spec.template.metadata.labels';

function server(group: string, kind: string, podSpec: FieldPath = template): WorkloadKind {
  return {
    group,
    kind,
    podSpecs: [podSpec],
    podLabels: templateLabels,
    replicas: 'spec.replicas',
    defaultReplicas: 1,
    runsToCompletion: false,
    pause: { lever: 'replicas', pausedValue: 0 },
  };
}

function suspendable(
  group: string,
  kind: string,
  podSpecs: readonly FieldPath[],
  suspend: FieldPath = 'spec.suspend',
): WorkloadKind {
  return { group, kind, podSpecs, suspend, runsToCompletion: true, pause: { lever: 'suspend', pausedValue: true } };
}

/** The catalogue. Sources: the CRDs of each project; the table in docs/gitops.md links them. */
export const workloadKinds: readonly WorkloadKind[] = [
  server('apps', 'Deployment'),
  server('apps', 'StatefulSet'),
  server('apps', 'ReplicaSet'),
  server('argoproj.io', 'Rollout'),
  server('leaderworkerset.x-k8s.io', 'LeaderWorkerSet', 'spec.leaderWorkerTemplate.workerTemplate.spec'),
  server('serving.kserve.io', 'LLMInferenceService', 'spec.template'),
  { group: 'apps', kind: 'DaemonSet', podSpecs: [template], podLabels: templateLabels, runsToCompletion: false },
  suspendable('batch', 'Job', [template]),
  { ...suspendable('batch', 'CronJob', ['spec.jobTemplate.spec.template.spec']), schedule: 'spec.schedule' },
  suspendable('jobset.x-k8s.io', 'JobSet', ['spec.replicatedJobs.*.template.spec.template.spec']),
  {
    group: 'serving.kserve.io',
    kind: 'InferenceService',
    podSpecs: ['spec.predictor', 'spec.transformer', 'spec.explainer'],
    singleContainers: ['model', 'pytorch', 'tensorflow', 'triton', 'huggingface', 'onnx', 'sklearn', 'xgboost'],
    minReplicas: 'spec.predictor.minReplicas',
    maxReplicas: 'spec.predictor.maxReplicas',
    defaultReplicas: 1,
    runsToCompletion: false,
    pause: { lever: 'minReplicas', pausedValue: 0 },
  },
  {
    group: 'serving.knative.dev',
    kind: 'Service',
    podSpecs: [template],
    podLabels: templateLabels,
    minReplicas: 'spec.template.metadata.annotations.autoscaling\\.knative\\.dev/min-scale',
    maxReplicas: 'spec.template.metadata.annotations.autoscaling\\.knative\\.dev/max-scale',
    runsToCompletion: false,
    pause: { lever: 'minReplicas', pausedValue: 0 },
  },
  ...['PyTorchJob', 'TFJob', 'MPIJob', 'XGBoostJob'].map((kind) =>
    suspendable('kubeflow.org', kind, [`spec.${replicaSpecs(kind)}.*.template.spec`], 'spec.runPolicy.suspend'),
  ),
  suspendable('trainer.kubeflow.org', 'TrainJob', ['spec.trainer']),
  { group: 'kubeflow.org', kind: 'Notebook', podSpecs: [template], runsToCompletion: true },
  suspendable('ray.io', 'RayCluster', rayPodSpecs('spec')),
  suspendable('ray.io', 'RayJob', rayPodSpecs('spec.rayClusterSpec')),
  { group: 'ray.io', kind: 'RayService', podSpecs: rayPodSpecs('spec.rayClusterConfig'), runsToCompletion: true },
  { group: 'batch.volcano.sh', kind: 'Job', podSpecs: ['spec.tasks.*.template.spec'], runsToCompletion: true },
  suspendable('sparkoperator.k8s.io', 'SparkApplication', ['spec.executor']),
  { ...suspendable('argoproj.io', 'CronWorkflow', ['spec.workflowSpec.templates.*']), schedule: 'spec.schedule' },
];

function replicaSpecs(kind: string): string {
  const names: Readonly<Record<string, string>> = {
    PyTorchJob: 'pytorchReplicaSpecs',
    TFJob: 'tfReplicaSpecs',
    MPIJob: 'mpiReplicaSpecs',
    XGBoostJob: 'xgbReplicaSpecs',
  };
  return names[kind] ?? 'replicaSpecs';
}

function rayPodSpecs(cluster: string): readonly FieldPath[] {
  return [`${cluster}.workerGroupSpecs.*.template.spec`, `${cluster}.headGroupSpec.template.spec`];
}

/** An object that owns another one's replicas. */
export interface AutoscalerKind {
  readonly group: string;
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly minReplicas: FieldPath;
  readonly maxReplicas: FieldPath;
  /** The kind that `scaleTargetRef` means when it names none. */
  readonly defaultTargetKind: string | undefined;
}

export const autoscalerKinds: readonly AutoscalerKind[] = [
  {
    group: 'autoscaling',
    kind: 'HorizontalPodAutoscaler',
    minReplicas: 'spec.minReplicas',
    maxReplicas: 'spec.maxReplicas',
    defaultTargetKind: undefined,
  },
  {
    group: 'keda.sh',
    kind: 'ScaledObject',
    minReplicas: 'spec.minReplicaCount',
    maxReplicas: 'spec.maxReplicaCount',
    defaultTargetKind: 'Deployment',
  },
];

/** Splits a field path at its dots; `\.` is a dot inside a key. */
export function splitPath(path: FieldPath): readonly string[] {
  return path.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
}

export function apiGroup(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

export function findWorkloadKind(apiVersion: string, kind: string): WorkloadKind | undefined {
  const group = apiGroup(apiVersion);
  return workloadKinds.find((row) => row.kind === kind && row.group === group);
}

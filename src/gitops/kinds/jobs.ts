import type { FieldPath } from '../field-path.ts';
import type { PodPart, WorkloadKind } from './row-types.ts';
import { rayBounds, rayPods } from './servers.ts';

const batchTypes = 'https://github.com/kubernetes/api/blob/master/batch/v1/types.go';
const trainingTypes = 'https://github.com/kubeflow/training-operator/blob/release-1.9/pkg/apis/kubeflow.org/v1';
const sparkTypes = 'https://github.com/kubeflow/spark-operator/blob/master/api/v1beta2';
const workflowTypes = 'https://github.com/argoproj/argo-workflows/blob/main/pkg/apis/workflow/v1alpha1';
const rayTypes = 'https://github.com/ray-project/kuberay/blob/master/helm-chart/kuberay-operator/crds/ray.io_';

type Job = Pick<WorkloadKind, 'group' | 'versions' | 'kind' | 'source' | 'pods'> & Partial<WorkloadKind>;

/** A job that a field of its own suspends. Kueue sets the same field of the jobs in its queues. */
function job(row: Job, suspend: FieldPath = 'spec.suspend'): WorkloadKind {
  return {
    suspend: { kind: 'field', field: suspend, whenAbsent: false },
    pause: { lever: 'suspend', pausedValue: true },
    otherOwners: ['Kueue'],
    ...row,
  };
}

/** Training operator v1: each kind has its replica specs under a key of its own, a map of roles. */
function trainingJob(kind: string, replicaSpecs: string, more: Partial<WorkloadKind> = {}): WorkloadKind {
  return job(
    {
      group: 'kubeflow.org',
      versions: ['v1'],
      kind,
      source: `${trainingTypes}/${kind.toLowerCase().replace(/job$/, '')}_types.go`,
      pods: [{ podSpec: `spec.${replicaSpecs}.*.template.spec` }],
      ...more,
    },
    'spec.runPolicy.suspend',
  );
}

function sparkPods(spec: FieldPath): readonly PodPart[] {
  return [
    { podSpec: `${spec}.executor`, containers: [''], gpuKey: 'gpu' },
    { podSpec: `${spec}.driver`, containers: [''], gpuKey: 'gpu' },
  ];
}

function workflowPods(spec: FieldPath): readonly PodPart[] {
  return [{ podSpec: `${spec}.templates.*`, containers: ['container', 'script', 'containerSet.containers.*'] }];
}

/** Kinds that run to completion: how many workers they have is part of the result, and no lever. */
export const jobKinds: readonly WorkloadKind[] = [
  job({
    group: 'batch',
    versions: ['v1'],
    kind: 'Job',
    source: batchTypes,
    pods: [{ podSpec: 'spec.template.spec' }],
  }),
  job({
    group: 'batch',
    versions: ['v1', 'v1beta1'],
    kind: 'CronJob',
    source: batchTypes,
    pods: [{ podSpec: 'spec.jobTemplate.spec.template.spec' }],
    schedule: 'spec.schedule',
    otherOwners: [],
  }),
  // Its webhook refuses a change of the replicas of a replicated job.
  job({
    group: 'jobset.x-k8s.io',
    versions: ['v1alpha2'],
    kind: 'JobSet',
    source: 'https://github.com/kubernetes-sigs/jobset/blob/main/api/jobset/v1alpha2/jobset_types.go',
    pods: [{ podSpec: 'spec.replicatedJobs.*.template.spec.template.spec' }],
  }),
  // It makes a Job for each event, and the Jobs that run go on when it is paused.
  {
    group: 'keda.sh',
    versions: ['v1alpha1'],
    kind: 'ScaledJob',
    source: 'https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledjob_types.go',
    pods: [{ podSpec: 'spec.jobTargetRef.template.spec' }],
    podLabels: 'spec.jobTargetRef.template.metadata.labels',
    bounds: {
      minReplicas: 'spec.minReplicaCount',
      maxReplicas: 'spec.maxReplicaCount',
      defaultMinReplicas: 0,
      defaultMaxReplicas: 100,
    },
    suspend: { kind: 'annotation', key: 'autoscaling.keda.sh/paused' },
    otherOwners: [],
  },
  // Its elastic bounds become an autoscaler's only where metrics are given; else they are the trainer's own.
  trainingJob('PyTorchJob', 'pytorchReplicaSpecs', {
    bounds: {
      minReplicas: 'spec.elasticPolicy.minReplicas',
      maxReplicas: 'spec.elasticPolicy.maxReplicas',
      when: { field: 'spec.elasticPolicy.metrics', is: 'present' },
    },
  }),
  trainingJob('TFJob', 'tfReplicaSpecs', { source: `${trainingTypes}/tensorflow_types.go` }),
  trainingJob('MPIJob', 'mpiReplicaSpecs', { versions: ['v1', 'v2beta1'] }),
  trainingJob('XGBoostJob', 'xgbReplicaSpecs'),
  trainingJob('PaddleJob', 'paddleReplicaSpecs', { source: `${trainingTypes}/paddlepaddle_types.go` }),
  trainingJob('JAXJob', 'jaxReplicaSpecs'),
  job({
    group: 'trainer.kubeflow.org',
    versions: ['v1alpha1'],
    kind: 'TrainJob',
    source: 'https://github.com/kubeflow/trainer/blob/master/pkg/apis/trainer/v1alpha1/trainjob_types.go',
    pods: [{ podSpec: 'spec', containers: ['trainer'], resourcesKey: 'resourcesPerNode' }],
  }),
  job({
    group: 'ray.io',
    versions: ['v1', 'v1alpha1'],
    kind: 'RayJob',
    source: `${rayTypes}rayjobs.yaml`,
    pods: rayPods('spec.rayClusterSpec'),
    bounds: rayBounds('spec.rayClusterSpec'),
    otherOwners: ['Ray autoscaler', 'Kueue'],
  }),
  job({
    group: 'ray.io',
    versions: ['v1'],
    kind: 'RayCronJob',
    source: `${rayTypes}raycronjobs.yaml`,
    pods: rayPods('spec.jobTemplate.rayClusterSpec'),
    schedule: 'spec.schedule',
    otherOwners: [],
  }),
  // Volcano stops jobs by a command object, not by a field.
  {
    group: 'batch.volcano.sh',
    versions: ['v1alpha1'],
    kind: 'Job',
    source: 'https://github.com/volcano-sh/apis/blob/master/pkg/apis/batch/v1alpha1/job.go',
    pods: [{ podSpec: 'spec.tasks.*.template.spec' }],
    otherOwners: ['Volcano queue', 'Volcano commands'],
  },
  job({
    group: 'batch.volcano.sh',
    versions: ['v1alpha1'],
    kind: 'CronJob',
    source: 'https://github.com/volcano-sh/volcano/blob/master/config/crd/volcano/bases/batch.volcano.sh_cronjobs.yaml',
    pods: [{ podSpec: 'spec.jobTemplate.spec.tasks.*.template.spec' }],
    schedule: 'spec.schedule',
    otherOwners: [],
  }),
  job({
    group: 'sparkoperator.k8s.io',
    versions: ['v1beta2'],
    kind: 'SparkApplication',
    source: `${sparkTypes}/sparkapplication_types.go`,
    pods: sparkPods('spec'),
    bounds: {
      minReplicas: 'spec.dynamicAllocation.minExecutors',
      maxReplicas: 'spec.dynamicAllocation.maxExecutors',
      when: { field: 'spec.dynamicAllocation.enabled', is: 'true' },
    },
    otherOwners: ['Spark dynamic allocation', 'Kueue'],
  }),
  job({
    group: 'sparkoperator.k8s.io',
    versions: ['v1beta2'],
    kind: 'ScheduledSparkApplication',
    source: `${sparkTypes}/scheduledsparkapplication_types.go`,
    pods: sparkPods('spec.template'),
    schedule: 'spec.schedule',
    otherOwners: [],
  }),
  // Suspended, it starts no further step; a step that runs goes on.
  job({
    group: 'argoproj.io',
    versions: ['v1alpha1'],
    kind: 'Workflow',
    source: `${workflowTypes}/workflow_types.go`,
    pods: workflowPods('spec'),
    otherOwners: [],
  }),
  job({
    group: 'argoproj.io',
    versions: ['v1alpha1'],
    kind: 'CronWorkflow',
    source: `${workflowTypes}/cron_workflow_types.go`,
    pods: workflowPods('spec.workflowSpec'),
    // Argo Workflows 3.6 added the list, and 4 took the single one away.
    schedule: 'spec.schedule',
    schedules: 'spec.schedules.*',
    otherOwners: [],
  }),
];

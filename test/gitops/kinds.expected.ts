/** What the manifest of each row in test/fixtures/gitops/kinds is read as, by the name of its file. */
interface ExpectedWorkload {
  readonly gpus: number;
  /** Left out for kinds that run to completion. */
  readonly replicas?: number;
  /** Name and value; then the owner, if another object, and why the lever is not editable. */
  readonly levers: readonly string[];
  readonly pause?: string;
  readonly alsoManagedBy?: readonly object[];
}

export const expectedWorkloads: Readonly<Record<string, ExpectedWorkload>> = {
  apps_v1_DaemonSet: { gpus: 1, levers: ['gpuCount 1'] },
  apps_v1_Deployment: {
    gpus: 2,
    replicas: 3,
    levers: ['replicas 3', 'gpuCount 2', 'instanceType g6.12xlarge'],
    pause: 'replicas 0',
  },
  apps_v1_ReplicaSet: { gpus: 1, replicas: 1, levers: ['replicas 1 (to be added)', 'gpuCount 1'], pause: 'replicas 0' },
  apps_v1_StatefulSet: { gpus: 1, replicas: 2, levers: ['replicas 2', 'gpuCount 1'], pause: 'replicas 0' },
  'argoproj.io_v1alpha1_CronWorkflow': {
    gpus: 1,
    levers: ['suspend false', 'schedule 0 5 * * *', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'argoproj.io_v1alpha1_Rollout': { gpus: 1, replicas: 5, levers: ['replicas 5', 'gpuCount 1'], pause: 'replicas 0' },
  'argoproj.io_v1alpha1_Workflow': {
    gpus: 1,
    levers: ['suspend false (to be added)', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'autoscaling.k8s.io_v1_VerticalPodAutoscaler': {
    gpus: 2,
    replicas: 3,
    levers: ['replicas 3', 'gpuCount 2'],
    pause: 'replicas 0',
    alsoManagedBy: [
      {
        kind: 'VerticalPodAutoscaler',
        name: 'scaler',
        fields: [
          'containers.*.resources.requests.cpu',
          'containers.*.resources.requests.memory',
          'containers.*.resources.limits.cpu',
          'containers.*.resources.limits.memory',
        ],
      },
    ],
  },
  autoscaling_v2_HorizontalPodAutoscaler: {
    gpus: 2,
    replicas: 2,
    levers: [
      'replicas 3 of HorizontalPodAutoscaler (autoscaler-owned)',
      'gpuCount 2',
      'minReplicas 2 of HorizontalPodAutoscaler',
      'maxReplicas 8 of HorizontalPodAutoscaler',
    ],
  },
  'batch.volcano.sh_v1alpha1_CronJob': {
    gpus: 2,
    levers: ['suspend false', 'schedule 0 4 * * 1', 'gpuCount 2'],
    pause: 'suspend true',
  },
  'batch.volcano.sh_v1alpha1_Job': { gpus: 4, levers: ['gpuCount 4'] },
  batch_v1_CronJob: {
    gpus: 1,
    levers: ['suspend false (to be added)', 'schedule 0 3 * * *', 'gpuCount 1'],
    pause: 'suspend true',
  },
  batch_v1_Job: { gpus: 1, levers: ['suspend false', 'gpuCount 1'], pause: 'suspend true' },
  'jobset.x-k8s.io_v1alpha2_JobSet': { gpus: 8, levers: ['suspend false', 'gpuCount 8'], pause: 'suspend true' },
  'keda.sh_v1alpha1_ScaledJob': {
    gpus: 1,
    levers: ['minReplicas 0 (to be added)', 'maxReplicas 20', 'suspend false', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'keda.sh_v1alpha1_ScaledObject': {
    gpus: 2,
    replicas: 1,
    levers: [
      'replicas 3 of ScaledObject (autoscaler-owned)',
      'gpuCount 2',
      'minReplicas 1 of ScaledObject',
      'maxReplicas 100 of ScaledObject (to be added)',
    ],
    pause: 'minReplicas 0',
  },
  'kubeflow.org_v1_JAXJob': { gpus: 8, levers: ['suspend false', 'gpuCount 8'], pause: 'suspend true' },
  'kubeflow.org_v1_MPIJob': { gpus: 8, levers: ['suspend false', 'gpuCount 8'], pause: 'suspend true' },
  'kubeflow.org_v1_Notebook': { gpus: 1, replicas: 1, levers: ['gpuCount 1'] },
  'kubeflow.org_v1_PaddleJob': { gpus: 8, levers: ['suspend false', 'gpuCount 8'], pause: 'suspend true' },
  'kubeflow.org_v1_PyTorchJob': {
    gpus: 8,
    levers: ['minReplicas 1', 'maxReplicas 4', 'suspend false', 'gpuCount 8'],
    pause: 'suspend true',
  },
  'kubeflow.org_v1_TFJob': { gpus: 8, levers: ['suspend false (to be added)', 'gpuCount 8'], pause: 'suspend true' },
  'kubeflow.org_v1_XGBoostJob': { gpus: 8, levers: ['suspend false', 'gpuCount 8'], pause: 'suspend true' },
  'leaderworkerset.x-k8s.io_v1_LeaderWorkerSet': {
    gpus: 32,
    replicas: 2,
    levers: ['replicas 2', 'gpuCount 8'],
    pause: 'replicas 0',
  },
  'ray.io_v1_RayCluster': {
    gpus: 1,
    replicas: 3,
    levers: ['replicas 3', 'suspend false', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'ray.io_v1_RayCronJob': {
    gpus: 1,
    levers: ['suspend false', 'schedule 30 2 * * *', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'ray.io_v1_RayJob': {
    gpus: 1,
    levers: ['minReplicas 0', 'maxReplicas 8', 'suspend false', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'ray.io_v1_RayService': {
    gpus: 1,
    replicas: 1,
    levers: ['minReplicas 1', 'maxReplicas 5', 'suspend false (to be added)', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'ray.io_v1alpha1_RayService': { gpus: 1, replicas: 2, levers: ['replicas 2', 'gpuCount 1'] },
  'serving.knative.dev_v1_Service': {
    gpus: 1,
    replicas: 1,
    levers: ['minReplicas 1', 'maxReplicas 4', 'gpuCount 1'],
    pause: 'minReplicas 0',
  },
  'serving.kserve.io_v1alpha1_LLMInferenceService': {
    gpus: 1,
    replicas: 3,
    levers: ['replicas 3', 'suspend false', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'serving.kserve.io_v1beta1_InferenceService': {
    gpus: 1,
    replicas: 2,
    levers: ['minReplicas 2', 'maxReplicas 6', 'gpuCount 1'],
    pause: 'minReplicas 0',
  },
  'sparkoperator.k8s.io_v1beta2_ScheduledSparkApplication': {
    gpus: 1,
    levers: ['suspend false (to be added)', 'schedule @daily', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'sparkoperator.k8s.io_v1beta2_SparkApplication': {
    gpus: 1,
    levers: ['minReplicas 1', 'maxReplicas 10', 'suspend false', 'gpuCount 1'],
    pause: 'suspend true',
  },
  'trainer.kubeflow.org_v1alpha1_TrainJob': { gpus: 8, levers: ['suspend false', 'gpuCount 8'], pause: 'suspend true' },
};

export const expectedCapacity: Readonly<
  Record<string, readonly { readonly name: string; readonly levers: readonly string[]; readonly pause?: string }[]>
> = {
  'cluster.x-k8s.io_v1beta1_MachineDeployment': [
    { name: 'fleet/it', levers: ['replicas 3 (autoscaler-owned)', 'minReplicas 1', 'maxReplicas 10'] },
  ],
  'cluster.x-k8s.io_v1beta1_MachinePool': [
    { name: 'fleet/it', levers: ['replicas 1 (to be added)'], pause: 'replicas 0' },
  ],
  'container.cnrm.cloud.google.com_v1beta1_ContainerNodePool': [
    { name: 'infra/it', levers: ['minReplicas 1', 'maxReplicas 3', 'instanceType a2-highgpu-1g (unsupported-value)'] },
  ],
  'container.gcp.m.upbound.io_v1beta1_NodePool': [
    { name: 'infra/it', levers: ['replicas 2', 'instanceType g2-standard-8 (unsupported-value)'] },
  ],
  'container.gcp.upbound.io_v1beta1_NodePool': [
    { name: 'it', levers: ['replicas 2', 'instanceType g2-standard-8 (unsupported-value)'] },
  ],
  'container.gcp.upbound.io_v1beta2_NodePool': [
    { name: 'it', levers: ['replicas 2', 'instanceType g2-standard-8 (unsupported-value)'] },
  ],
  'containerservice.azure.m.upbound.io_v1beta1_KubernetesClusterNodePool': [
    {
      name: 'infra/it',
      levers: [
        'replicas 2 (autoscaler-owned)',
        'minReplicas 1',
        'maxReplicas 6',
        'instanceType Standard_NC24ads_A100_v4 (unsupported-value)',
      ],
    },
  ],
  'containerservice.azure.upbound.io_v1beta1_KubernetesClusterNodePool': [
    {
      name: 'it',
      levers: [
        'replicas 2 (autoscaler-owned)',
        'minReplicas 1',
        'maxReplicas 6',
        'instanceType Standard_NC24ads_A100_v4 (unsupported-value)',
      ],
    },
  ],
  'containerservice.azure.upbound.io_v1beta2_KubernetesClusterNodePool': [
    {
      name: 'it',
      levers: [
        'replicas 2 (autoscaler-owned)',
        'minReplicas 1',
        'maxReplicas 6',
        'instanceType Standard_NC24ads_A100_v4 (unsupported-value)',
      ],
    },
  ],
  'eks.aws.m.upbound.io_v1beta1_NodeGroup': [
    {
      name: 'infra/it',
      levers: ['replicas 2', 'minReplicas 1', 'maxReplicas 5', 'instanceType g6.xlarge (unsupported-value)'],
    },
  ],
  'eks.aws.upbound.io_v1beta1_NodeGroup': [
    {
      name: 'it',
      levers: ['replicas 2', 'minReplicas 1', 'maxReplicas 5', 'instanceType g6.xlarge (unsupported-value)'],
    },
  ],
  'eks.aws.upbound.io_v1beta2_NodeGroup': [
    {
      name: 'it',
      levers: ['replicas 2', 'minReplicas 1', 'maxReplicas 5', 'instanceType g6.xlarge (unsupported-value)'],
    },
  ],
  'eksctl.io_v1alpha5_ClusterConfig': [
    {
      name: 'prod/gpu',
      levers: ['replicas 2', 'minReplicas 1', 'maxReplicas 4', 'instanceType p5.48xlarge (unsupported-value)'],
    },
    { name: 'prod/legacy', levers: ['replicas 1', 'instanceType g4dn.xlarge (unsupported-value)'] },
    { name: 'prod/system', levers: ['replicas 3'] },
  ],
  'karpenter.sh_v1_NodePool': [{ name: 'it', levers: ['gpuCount 64', 'instanceType p5.48xlarge'] }],
  'kueue.x-k8s.io_v1beta1_ClusterQueue': [
    { name: 'it', levers: ['suspend None (to be added)', 'gpuCount 64'], pause: 'suspend Hold' },
  ],
  'kueue.x-k8s.io_v1beta1_LocalQueue': [{ name: 'ml/it', levers: ['suspend Hold'], pause: 'suspend Hold' }],
  'scheduling.volcano.sh_v1beta1_Queue': [{ name: 'it', levers: ['gpuCount 16'] }],
};

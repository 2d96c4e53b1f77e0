/** A generated model in an unpacked package. */
export interface ModelSource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Below the folder of unpacked packages. */
  readonly folder: string;
  readonly className: string;
}

/** Custom resource definitions in Go modules, below the module cache. */
export const definitionFiles: readonly string[] = [
  'github.com/argoproj/argo-rollouts@v1.10.2/manifests/crds/rollout-crd.yaml',
  ...['scaledobjects', 'scaledjobs'].map(
    (name) => `github.com/kedacore/keda/v2@v2.21.0/config/crd/bases/keda.sh_${name}.yaml`,
  ),
  ...['jaxjobs', 'mpijobs', 'paddlejobs', 'pytorchjobs', 'tfjobs', 'xgboostjobs'].map(
    (name) => `github.com/kubeflow/training-operator@v1.9.3/manifests/base/crds/kubeflow.org_${name}.yaml`,
  ),
  'github.com/kubeflow/trainer/v2@v2.0.0/manifests/base/crds/trainer.kubeflow.org_trainjobs.yaml',
  'k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1/deploy/vpa-v1-crd-gen.yaml',
  'knative.dev/serving@v0.51.0/config/core/300-resources/service.yaml',
  'sigs.k8s.io/karpenter@v1.15.0/pkg/apis/crds/karpenter.sh_nodepools.yaml',
  ...['machinedeployments', 'machinepools'].map(
    (name) => `sigs.k8s.io/cluster-api@v1.14.2/core/config/crd/bases/cluster.x-k8s.io_${name}.yaml`,
  ),
];

const kubernetes = 'kubernetes-37.0.2/kubernetes/client/models';
/** The last client with the versions that Kubernetes 1.25 and 1.26 removed. */
const olderKubernetes = 'kubernetes-23.6.0/kubernetes/client/models';
const workflows = 'argo-workflows-2.0.0/argoproj.io/v1alpha1';

/** Kinds without a custom resource definition in a package that can be had. */
export const modelSources: readonly ModelSource[] = [
  ...['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet'].map((kind) => model('apps', 'v1', kind, kubernetes)),
  ...['Job', 'CronJob'].map((kind) => model('batch', 'v1', kind, kubernetes)),
  model('batch', 'v1beta1', 'CronJob', olderKubernetes),
  ...['v1', 'v2'].map((version) => model('autoscaling', version, 'HorizontalPodAutoscaler', kubernetes)),
  model('autoscaling', 'v2beta2', 'HorizontalPodAutoscaler', olderKubernetes),
  model('serving.kserve.io', 'v1beta1', 'InferenceService', 'kserve-0.21.0/kserve/models'),
  model(
    'jobset.x-k8s.io',
    'v1alpha2',
    'JobSet',
    'kubeflow_trainer_api-2.3.0/kubeflow_trainer_api/models',
    'JobsetV1alpha2JobSet',
  ),
  ...['Workflow', 'CronWorkflow'].map((kind) => model('argoproj.io', 'v1alpha1', kind, workflows, `I${kind}`)),
];

function model(
  group: string,
  version: string,
  kind: string,
  folder: string,
  className = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`,
): ModelSource {
  return { group, version, kind, folder, className };
}

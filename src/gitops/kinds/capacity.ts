import type { FieldPath } from '../field-path.ts';
import type { CapacityField, CapacityKind } from './row-types.ts';

const annotation = (key: string): FieldPath => `metadata.annotations.${key.replaceAll('.', '\\.')}`;

const minSize = annotation('cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size');
const maxSize = annotation('cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size');

const clusterApi: Omit<CapacityKind, 'kind' | 'source'> = {
  group: 'cluster.x-k8s.io',
  versions: ['v1beta1', 'v1beta2'],
  scope: 'namespace',
  fields: [
    {
      lever: 'replicas',
      field: 'spec.replicas',
      whenAbsent: 1,
      autoscaledWhen: { field: minSize, is: 'present' },
    },
    { lever: 'minReplicas', field: minSize, isOptional: true },
    { lever: 'maxReplicas', field: maxSize, isOptional: true },
  ],
  pause: { lever: 'replicas', pausedValue: 0 },
  otherOwners: ['cluster-autoscaler', 'ClusterClass'],
};

/** Count, bounds and machine of a managed node group, with the fields where one provider has them. */
function nodeGroup(paths: {
  readonly replicas: FieldPath;
  readonly minReplicas: FieldPath;
  readonly maxReplicas: FieldPath;
  readonly instanceType: FieldPath;
  readonly autoscaledWhen?: NonNullable<CapacityField['autoscaledWhen']>;
}): readonly CapacityField[] {
  const { autoscaledWhen, replicas, minReplicas, maxReplicas, instanceType } = paths;
  return [
    {
      lever: 'replicas',
      field: replicas,
      isOptional: true,
      ...(autoscaledWhen === undefined ? {} : { autoscaledWhen }),
    },
    { lever: 'minReplicas', field: minReplicas, isOptional: true },
    { lever: 'maxReplicas', field: maxReplicas, isOptional: true },
    { lever: 'instanceType', field: instanceType, isOptional: true, isImmutable: true },
  ];
}

const aws = 'https://github.com/crossplane-contrib/provider-upjet-aws/blob/main';
const gcp = 'https://github.com/crossplane-contrib/provider-upjet-gcp/blob/main';
const azure = 'https://github.com/crossplane-contrib/provider-upjet-azure/blob/main';
const configConnector = 'https://github.com/GoogleCloudPlatform/k8s-config-connector/blob/master';

/** A cluster-scoped group of a Crossplane provider and its namespaced twin. */
function crossplane(
  kind: string,
  rows: readonly (Pick<CapacityKind, 'group' | 'versions' | 'source' | 'fields'> & { readonly isNamespaced?: true })[],
): readonly CapacityKind[] {
  return rows.map(({ isNamespaced, ...row }) => ({
    ...row,
    kind,
    scope: isNamespaced === true ? 'namespace' : 'cluster',
    otherOwners: ['cluster-autoscaler', 'Composition'],
  }));
}

/** The older versions of Crossplane's generated kinds hold single objects in lists. */
function eksFields(scaling: FieldPath): readonly CapacityField[] {
  return nodeGroup({
    replicas: `${scaling}.desiredSize`,
    minReplicas: `${scaling}.minSize`,
    maxReplicas: `${scaling}.maxSize`,
    instanceType: 'spec.forProvider.instanceTypes.*',
  });
}

function gkeFields(item: '' | '.*'): readonly CapacityField[] {
  const scaling = `spec.forProvider.autoscaling${item}`;
  return nodeGroup({
    replicas: 'spec.forProvider.nodeCount',
    minReplicas: `${scaling}.minNodeCount`,
    maxReplicas: `${scaling}.maxNodeCount`,
    instanceType: `spec.forProvider.nodeConfig${item}.machineType`,
    autoscaledWhen: { field: 'spec.forProvider.autoscaling', is: 'present' },
  });
}

function aksFields(isAutoscaled: string): readonly CapacityField[] {
  return nodeGroup({
    replicas: 'spec.forProvider.nodeCount',
    minReplicas: 'spec.forProvider.minCount',
    maxReplicas: 'spec.forProvider.maxCount',
    instanceType: 'spec.forProvider.vmSize',
    autoscaledWhen: { field: `spec.forProvider.${isAutoscaled}`, is: 'true' },
  });
}

/** Kinds that declare machines. */
export const machineKinds: readonly CapacityKind[] = [
  {
    group: 'karpenter.sh',
    versions: ['v1', 'v1beta1'],
    kind: 'NodePool',
    source: 'https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/apis/v1/nodepool.go',
    scope: 'cluster',
    fields: [
      { lever: 'gpuCount', field: 'spec.limits.nvidia\\.com/gpu', isOptional: true },
      { lever: 'replicas', field: 'spec.replicas', isOptional: true },
      {
        lever: 'instanceType',
        field: 'spec.template.spec.requirements.[key=node\\.kubernetes\\.io/instance-type,operator=In].values.*',
        isOptional: true,
      },
    ],
    otherOwners: [],
  },
  {
    ...clusterApi,
    kind: 'MachineDeployment',
    source: 'https://github.com/kubernetes-sigs/cluster-api/blob/main/api/core/v1beta2/machinedeployment_types.go',
  },
  {
    ...clusterApi,
    kind: 'MachinePool',
    source: 'https://github.com/kubernetes-sigs/cluster-api/blob/main/api/core/v1beta2/machinepool_types.go',
  },
  // Nothing reconciles the file: a person or a pipeline runs eksctl with it.
  {
    group: 'eksctl.io',
    versions: ['v1alpha5'],
    kind: 'ClusterConfig',
    source: 'https://github.com/eksctl-io/eksctl/blob/main/pkg/apis/eksctl.io/v1alpha5/assets/schema.json',
    scope: 'file',
    pools: { at: ['managedNodeGroups.*', 'nodeGroups.*'], name: 'name' },
    fields: nodeGroup({
      replicas: 'desiredCapacity',
      minReplicas: 'minSize',
      maxReplicas: 'maxSize',
      instanceType: 'instanceType',
    }),
    otherOwners: ['cluster-autoscaler', 'eksctl'],
  },
  {
    group: 'container.cnrm.cloud.google.com',
    versions: ['v1beta1'],
    kind: 'ContainerNodePool',
    source: `${configConnector}/crds/container_v1beta1_containernodepool.yaml`,
    scope: 'namespace',
    fields: [
      ...nodeGroup({
        replicas: 'spec.nodeCount',
        minReplicas: 'spec.autoscaling.minNodeCount',
        maxReplicas: 'spec.autoscaling.maxNodeCount',
        instanceType: 'spec.nodeConfig.machineType',
        autoscaledWhen: { field: 'spec.autoscaling', is: 'present' },
      }),
      { lever: 'minReplicas', field: 'spec.autoscaling.totalMinNodeCount', isOptional: true },
      { lever: 'maxReplicas', field: 'spec.autoscaling.totalMaxNodeCount', isOptional: true },
    ],
    otherOwners: ['GKE cluster autoscaler'],
  },
  ...crossplane('NodeGroup', [
    {
      group: 'eks.aws.upbound.io',
      versions: ['v1beta1'],
      source: `${aws}/examples/eks/cluster/v1beta1/nodegroup.yaml`,
      fields: eksFields('spec.forProvider.scalingConfig.*'),
    },
    {
      group: 'eks.aws.upbound.io',
      versions: ['v1beta2'],
      source: `${aws}/apis/cluster/eks/v1beta2/zz_nodegroup_types.go`,
      fields: eksFields('spec.forProvider.scalingConfig'),
    },
    {
      group: 'eks.aws.m.upbound.io',
      versions: ['v1beta1'],
      source: `${aws}/examples/eks/namespaced/v1beta1/nodegroup.yaml`,
      fields: eksFields('spec.forProvider.scalingConfig'),
      isNamespaced: true,
    },
  ]),
  ...crossplane('NodePool', [
    {
      group: 'container.gcp.upbound.io',
      versions: ['v1beta1'],
      source: `${gcp}/examples/container/cluster/v1beta1/nodepool.yaml`,
      fields: gkeFields('.*'),
    },
    {
      group: 'container.gcp.upbound.io',
      versions: ['v1beta2'],
      source: `${gcp}/apis/cluster/container/v1beta2/zz_nodepool_types.go`,
      fields: gkeFields(''),
    },
    {
      group: 'container.gcp.m.upbound.io',
      versions: ['v1beta1'],
      source: `${gcp}/apis/namespaced/container/v1beta1/zz_nodepool_types.go`,
      fields: gkeFields(''),
      isNamespaced: true,
    },
  ]),
  ...crossplane('KubernetesClusterNodePool', [
    {
      group: 'containerservice.azure.upbound.io',
      versions: ['v1beta1'],
      source: `${azure}/apis/cluster/containerservice/v1beta1/zz_kubernetesclusternodepool_types.go`,
      fields: aksFields('enableAutoScaling'),
    },
    {
      group: 'containerservice.azure.upbound.io',
      versions: ['v1beta2'],
      source: `${azure}/apis/cluster/containerservice/v1beta2/zz_kubernetesclusternodepool_types.go`,
      fields: aksFields('autoScalingEnabled'),
    },
    {
      group: 'containerservice.azure.m.upbound.io',
      versions: ['v1beta1'],
      source: `${azure}/apis/namespaced/containerservice/v1beta1/zz_kubernetesclusternodepool_types.go`,
      fields: aksFields('autoScalingEnabled'),
      isNamespaced: true,
    },
  ]),
];

/** Group of Flyball's own policies. */
export const policyGroup = 'finops.apexlogic.com/';

/** Kinds that deliver others, and kinds that say where those come from, with the end of their group's name. */
export const deliveryKinds: readonly { readonly kind: string; readonly group: string }[] = [
  { kind: 'Kustomization', group: 'kustomize.toolkit.fluxcd.io' },
  { kind: 'HelmRelease', group: 'helm.toolkit.fluxcd.io' },
  { kind: 'GitRepository', group: 'source.toolkit.fluxcd.io' },
  { kind: 'ArtifactGenerator', group: 'source.extensions.fluxcd.io' },
  { kind: 'Application', group: 'argoproj.io' },
  { kind: 'ApplicationSet', group: 'argoproj.io' },
];

/** Kinds that say what pods of others ask for. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
export const claimKinds: readonly { readonly kind: string; readonly group: string }[] = [
  { kind: 'ResourceClaimTemplate', group: 'resource.k8s.io' },
];

/** Whether a text names a group whose objects deliver others: a cheap test before parsing, with false positives only. */
export function namesDeliveryGroup(text: string): boolean {
  return text.includes('.fluxcd.io/') || text.includes('argoproj.io/');
}

/** Group of Flyball's own policies. */
export const policyGroup = 'finops.apexlogic.com/';

/** Kinds that deliver others, and kinds that say where those come from. */
export const deliveryKinds: readonly string[] = [
  'Kustomization',
  'HelmRelease',
  'Application',
  'GitRepository',
  'ArtifactGenerator',
];

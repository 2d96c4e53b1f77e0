export {
  apiGroup,
  builtInKinds,
  capacityKinds,
  isCatalogued,
  kindCatalogue,
  workloadKinds,
  type KindCatalogue,
} from './catalogue.ts';
export { autoscalerKinds, managerKinds } from './autoscalers.ts';
export { namesDeliveryGroup, policyGroup } from './delivery.ts';
export { kueueQueueLabel } from './queues.ts';
export type {
  AutoscalerKind,
  CapacityField,
  CapacityKind,
  PodPart,
  SuspendField,
  WorkloadKind,
} from './row-types.ts';

export { editField } from './edit/index.ts';
export {
  createBareClone,
  openBareRepository,
  syncBareClone,
  withBareRepository,
  type BareRepository,
  type CommitInfo,
} from './git/bare-repository.ts';
export { changedLines, mergeBase, type LineRange } from './git/changed-lines.ts';
export { openRemoteRepository, openRepository, type RepositorySnapshot } from './git/repository.ts';
export type { ChangedField } from './proof/changed-fields.ts';
export type { CacheLocation } from './cache/inventory-cache.ts';
export { openStructuralProver, type StructuralProver } from './proof/structural-proof.ts';
export { kindCatalogue } from './kinds/index.ts';
export { openRenderChecker, type RenderChecker } from './render/render-check.ts';
export { findRenderTools, type RenderTools } from './render/render-tools.ts';
export { takeInventory, type Inventory, type InventoryOptions } from './inventory.ts';

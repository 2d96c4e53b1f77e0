export { editScalar } from './edit-scalar.ts';
export {
  createBareClone,
  openBareRepository,
  syncBareClone,
  type BareRepository,
  type CommitInfo,
} from './git/bare-repository.ts';
export { openRepository, type RepositorySnapshot } from './git/repository.ts';
export { takeInventory, type Inventory, type InventoryOptions } from './inventory.ts';

export { editScalar, type EditResult } from './edit-scalar.ts';
export {
  createBareClone,
  openBareRepository,
  syncBareClone,
  type BareRepository,
  type CommitInfo,
  type NewCommit,
} from './git/bare-repository.ts';
export { openRepository, type RepositorySnapshot } from './git/repository.ts';
export type { RepositoryFile } from './git/tree.ts';
export { takeInventory, type Inventory, type PolicyDocument } from './inventory.ts';

export type { ClusterNaming } from './cluster-names.ts';
export { editScalar, type EditResult } from './edit-scalar.ts';
export {
  createBareClone,
  openBareRepository,
  syncBareClone,
  type BareRepository,
  type CommitInfo,
  type NewCommit,
} from './git/bare-repository.ts';
export { openRepository, type FileText, type RepositorySnapshot } from './git/repository.ts';
export { GitError } from './git/run-git.ts';
export type { RepositoryFile } from './git/tree.ts';
export { takeInventory, type Inventory, type InventoryOptions, type PolicyDocument } from './inventory.ts';
export type { SkippedFiles } from './source-reader.ts';

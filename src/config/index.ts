export { findIgnoreGlob } from './ignore.ts';
export { loadOperatorConfig, parseOperatorConfig } from './load-operator-config.ts';
export { mergeGuards } from './merge-guards.ts';
export { operatorConfigSchema } from './operator-config-schema.ts';
export type { BackendPreference, OperatorConfig } from './operator-config.ts';
export { repositoryConfigSchema } from './repository-config-schema.ts';
export {
  defaultRepositoryConfig,
  isPolicyPath,
  parseRepositoryConfig,
  repositoryConfigPath,
  type RepositoryConfig,
} from './repository-config.ts';
export { starterRepositoryConfig } from './starter-repository-config.ts';

export { startGitHub } from './start-github.ts';
export type { GitHub, GitHubOptions } from './github.ts';
export type { FileContent } from './git/import-commit.ts';
export type { Account, App, Installation, Permissions, Repository } from './state/world.ts';

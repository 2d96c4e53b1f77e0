export { startGitHub } from './start-github.ts';
export type { GitHub, GitHubOptions } from './github.ts';
export type { Violation } from './contract/contract.ts';
export type { FaultKind, FaultRule } from './http/faults.ts';
export type { RequestRecord } from './http/requests.ts';
export type { FileContent, RepositoryOptions } from './state/create-repository.ts';
export type { AppOptions } from './state/people.ts';
export type { PushOptions } from './state/push-commit.ts';
export type { Delivery, DeliveryHabits, Outbox } from './webhooks/outbox.ts';
export type {
  Account,
  App,
  CheckRun,
  Comment,
  Installation,
  Issue,
  Permissions,
  PullRequest,
  Repository,
  Role,
  Team,
} from './state/world.ts';

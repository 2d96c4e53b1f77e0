import { type Violation, webhookProblems } from '../contract/contract.ts';
import { accountJson, installationJson, organizationJson } from '../json/accounts.ts';
import { fullRepositoryJson, repositoryJson } from '../json/repository.ts';
import { reaches } from '../state/repositories.ts';
import {
  type Account,
  type App,
  type Installation,
  type Repository,
  type World,
  type WorldEvent,
  nodeId,
} from '../state/world.ts';
import type { Outbox } from './outbox.ts';

export interface WebhookParts {
  readonly world: World;
  /** Whose outbox it is. */
  readonly app: App;
  readonly outbox: Outbox;
  readonly report: (violation: Violation) => void;
}

/** Queues an event for an App that is installed on its repository and asked for it. */
export function deliverEvent({ world, app, outbox, report }: WebhookParts, told: WorldEvent): void {
  const { event, action, repository, sender } = told;
  if (!app.events.includes(event) || (told.onlyApp !== undefined && told.onlyApp !== app)) return;
  for (const installation of world.installations.values()) {
    if (installation.app !== app || installation.isSuspended || !reaches(installation, repository)) continue;
    const payload = frozen({
      ...(action === undefined ? {} : { action }),
      ...told.payload,
      repository: event === 'push' ? pushRepository(world, repository) : fullRepositoryJson(world, repository),
      ...organizationPart(world, repository.owner),
      sender: accountJson(world, sender),
      installation: { id: installation.id, node_id: nodeId('MDIz', installation.id) },
    });
    check(report, event, payload);
    outbox.add({ app, installation, repositoryId: repository.id, event, action, payload });
  }
}

/** `installation` and `installation_repositories` go to their App whatever it asked for. */
export function deliverInstallation(
  { world, outbox, report }: WebhookParts,
  installation: Installation,
  told: {
    readonly action: string;
    readonly sender: Account;
    readonly added?: readonly Repository[];
    readonly removed?: readonly Repository[];
  },
): void {
  const { action, sender, added, removed } = told;
  const isAboutRepositories = action === 'added' || action === 'removed';
  const event = isAboutRepositories ? 'installation_repositories' : 'installation';
  const reachable = [...world.repositories.values()].filter((repository) => reaches(installation, repository));
  const payload = frozen({
    action,
    installation: installationJson(world, installation),
    ...(isAboutRepositories
      ? {
          repository_selection: installation.repositories === undefined ? 'all' : 'selected',
          repositories_added: (added ?? []).map(shortRepository),
          repositories_removed: (removed ?? []).map(shortRepository),
          requester: null,
        }
      : { repositories: reachable.map(shortRepository), requester: null }),
    sender: accountJson(world, sender),
  });
  check(report, event, payload);
  outbox.add({ app: installation.app, installation, repositoryId: undefined, event, action, payload });
}

function check(report: WebhookParts['report'], event: string, payload: Readonly<Record<string, unknown>>): void {
  const problems = webhookProblems(event, payload);
  const { action } = payload;
  const route = typeof action === 'string' ? `${event}.${action}` : event;
  if (problems.length > 0) report({ kind: 'webhook', route, problems });
}

// As it is at this moment: what happens next must not change what was sent.
function frozen(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(payload)) as Readonly<Record<string, unknown>>;
}

function organizationPart(world: World, owner: Account) {
  return owner.type === 'Organization' ? { organization: organizationJson(world, owner) } : {};
}

function shortRepository({ id, name, owner, isPrivate }: Repository) {
  return { id, node_id: nodeId('R', id), name, full_name: `${owner.login}/${name}`, private: isPrivate };
}

// A push tells times as numbers, and the branch twice.
function pushRepository(world: World, repository: Repository) {
  const { owner, createdAt, pushedAt, defaultBranch } = repository;
  return {
    ...repositoryJson(world, repository),
    created_at: Math.floor(createdAt / 1000),
    pushed_at: Math.floor(pushedAt / 1000),
    owner: { ...accountJson(world, owner), name: owner.login, email: null },
    stargazers: 0,
    master_branch: defaultBranch,
    ...(owner.type === 'Organization' ? { organization: owner.login } : {}),
  };
}

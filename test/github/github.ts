import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type Violation, webhookProblems } from './contract/contract.ts';
import { type FaultRule, Faults } from './http/faults.ts';
import { listener } from './http/listener.ts';
import { RateLimits } from './http/rate-limit.ts';
import { type RequestRecord, Turns } from './http/requests.ts';
import { worldRoutes } from './routes/index.ts';
import { serverRoutes } from './routes/server.ts';
import { type RepositoryOptions, createRepository, forkRepository } from './state/create-repository.ts';
import { type AppOptions, createAccount, createApp, createInstallation, createTeam } from './state/people.ts';
import { type PushOptions, pushCommit, seedPulls } from './state/push-commit.ts';
import { followRefs } from './state/refs-moved.ts';
import type {
  Account,
  App,
  Comment,
  Installation,
  Issue,
  Permissions,
  Repository,
  Team,
  World,
} from './state/world.ts';
import { Outbox } from './webhooks/outbox.ts';
import { deliverEvent, deliverInstallation } from './webhooks/payloads.ts';

export interface GitHubOptions {
  /** Epoch milliseconds; the machine's clock when left out. */
  readonly clock?: () => number;
  /** Requests an hour for each installation, App and person: 5,000 when left out. */
  readonly requestsPerHour?: number;
}

/** A running server, and what a test does with it that no API offers. */
export class GitHub {
  readonly url: string;
  /** The `baseUrl` for Octokit. */
  readonly apiUrl: string;
  readonly rateLimits: RateLimits;
  /** Every request so far, in the order of their answers. */
  readonly requests: RequestRecord[] = [];
  readonly #server: Server;
  readonly #world: World;
  readonly #faults = new Faults();
  readonly #outboxes = new Map<App, Outbox>();
  #violations: Violation[] = [];

  constructor(
    server: Server,
    { root, url, options }: { readonly root: string; readonly url: string; readonly options: GitHubOptions },
  ) {
    this.#server = server;
    this.url = url;
    this.apiUrl = `${url}/api/v3`;
    const world = this.#createWorld(root, options);
    this.#world = world;
    this.rateLimits = new RateLimits(world, options.requestsPerHour ?? 5000);
    const outboxOf = (app: App): Outbox => this.webhooks(app);
    const routes = [...worldRoutes, ...serverRoutes({ rateLimits: this.rateLimits, outboxOf })];
    const api = {
      world,
      routes: new Map(routes.map((route) => [route.route, route])),
      turns: new Turns(),
      report: (violation: Violation) => this.#violations.push(violation),
    };
    const record = (request: RequestRecord): unknown => this.requests.push(request);
    server.on('request', listener({ api, faults: this.#faults, rateLimits: this.rateLimits, record }));
  }

  #createWorld(root: string, options: GitHubOptions): World {
    let lastId = 1000;
    const world: World = {
      clock: options.clock ?? Date.now,
      root,
      url: this.url,
      apiUrl: this.apiUrl,
      accounts: new Map(),
      apps: new Map(),
      installations: new Map(),
      tokens: new Map(),
      repositories: new Map(),
      nextId: () => {
        lastId += 1;
        return lastId;
      },
      notify: (event) => {
        for (const app of world.apps.values()) deliverEvent({ ...this.#webhookParts(world, app) }, event);
      },
      refsMoved: async (repository, moves, sender) => followRefs(world, repository, moves, sender),
    };
    return world;
  }

  #webhookParts(world: World, app: App) {
    const report = (violation: Violation): unknown => this.#violations.push(violation);
    return { world, app, outbox: this.webhooks(app), report };
  }

  /** A person; `token` is theirs, for the API and for git. */
  user(login: string): Account {
    return createAccount(this.#world, login, 'User');
  }

  organization(login: string, members: readonly Account[] = []): Account {
    const organization = createAccount(this.#world, login, 'Organization');
    for (const { login } of members) organization.members.set(login, 'member');
    return organization;
  }

  /** A team of an organisation; its members become the organisation's. */
  team(organization: Account, slug: string, members: readonly Account[]): Team {
    return createTeam(this.#world, organization, slug, members);
  }

  app(options: AppOptions): App {
    return createApp(this.#world, options);
  }

  /** Installs an App; it hears `installation.created`. */
  install(
    app: App,
    account: Account,
    options: { readonly permissions?: Permissions; readonly repositories?: readonly Repository[] } = {},
  ): Installation {
    const installation = createInstallation(this.#world, app, account, options);
    this.#tellInstallation(installation, { action: 'created', sender: account });
    return installation;
  }

  /** Takes an App away, with all its tokens; it hears `installation.deleted`. */
  uninstall(installation: Installation, sender: Account): void {
    this.#tellInstallation(installation, { action: 'deleted', sender });
    this.#world.installations.delete(installation.id);
  }

  /** Suspends an installation, or takes it back. */
  suspend(installation: Installation, sender: Account, isSuspended = true): void {
    installation.isSuspended = isSuspended;
    this.#tellInstallation(installation, { action: isSuspended ? 'suspend' : 'unsuspend', sender });
  }

  /** Changes which repositories an installation reaches; it hears `installation_repositories`. */
  changeRepositories(
    installation: Installation,
    change: { readonly add?: readonly Repository[]; readonly remove?: readonly Repository[]; readonly sender: Account },
  ): void {
    const { add = [], remove = [], sender } = change;
    const ids = new Set(installation.repositories);
    for (const { id } of add) ids.add(id);
    for (const { id } of remove) ids.delete(id);
    installation.repositories = ids;
    if (add.length > 0) this.#tellInstallation(installation, { action: 'added', sender, added: add });
    if (remove.length > 0) this.#tellInstallation(installation, { action: 'removed', sender, removed: remove });
  }

  #tellInstallation(installation: Installation, told: Parameters<typeof deliverInstallation>[2]): void {
    deliverInstallation(this.#webhookParts(this.#world, installation.app), installation, told);
  }

  /** A repository with one commit of these files. */
  async repository(options: RepositoryOptions): Promise<Repository> {
    return createRepository(this.#world, options);
  }

  async fork(parent: Repository, owner: Account): Promise<Repository> {
    return forkRepository(this.#world, parent, owner);
  }

  /** One commit on a branch, as if somebody had pushed it. */
  async push(repository: Repository, options: PushOptions): Promise<string> {
    return pushCommit(this.#world, repository, options);
  }

  /** Many open pull requests at once, without webhooks. */
  async seedPulls(
    repository: Repository,
    options: { readonly count: number; readonly author: Account },
  ): Promise<void> {
    await seedPulls(this.#world, repository, options);
  }

  /** The pull requests of a repository, by number. */
  pulls(repository: Repository): readonly Issue[] {
    return [...repository.issues.values()].filter(({ pull }) => pull !== undefined);
  }

  /** The comments of an issue or pull request, oldest first; those at lines of files included. */
  comments(repository: Repository, number: number): readonly Comment[] {
    return [...repository.comments.values()].filter(({ issue }) => issue.number === number);
  }

  /** The deliveries to an App, and how they reach it. */
  webhooks(app: App): Outbox {
    const known = this.#outboxes.get(app);
    if (known !== undefined) return known;
    const outbox = new Outbox(this.#world);
    this.#outboxes.set(app, outbox);
    return outbox;
  }

  /** Makes the next requests of a route go wrong. */
  fail(rule: FaultRule): void {
    this.#faults.add(rule);
  }

  /** Faults that no request has met. */
  unusedFaults(): readonly FaultRule[] {
    return this.#faults.unused();
  }

  /** Sends an App a payload of one's own, checked as all are: for events that nothing here causes. */
  deliver(installation: Installation, event: string, payload: Readonly<Record<string, unknown>>): void {
    const { app } = installation;
    const problems = webhookProblems(event, payload);
    if (problems.length > 0) this.#violations.push({ kind: 'webhook', route: event, problems });
    const action = typeof payload['action'] === 'string' ? payload['action'] : undefined;
    this.webhooks(app).add({ app, installation, repositoryId: undefined, event, action, payload });
  }

  /** The violations so far; they are forgotten. */
  takeViolations(): readonly Violation[] {
    const taken = this.#violations;
    this.#violations = [];
    return taken;
  }

  /** Throws when a request, an answer or a webhook was not as GitHub's description says. */
  assertNoViolations(): void {
    const found = this.takeViolations();
    if (found.length === 0) return;
    const lines = found.map(({ kind, route, problems }) => `${kind} ${route}\n  ${problems.join('\n  ')}`);
    throw new Error(`against GitHub's API description:\n${[...new Set(lines)].join('\n')}`);
  }

  /** Stops the server and removes its repositories. Throws as {@link GitHub.assertNoViolations} does. */
  async close(): Promise<void> {
    await Promise.all([...this.#outboxes.values()].map((outbox) => outbox.settled()));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#world.root, { recursive: true, force: true });
    this.assertNoViolations();
  }
}

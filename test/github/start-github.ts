import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Violation } from './contract/contract.ts';
import { type FaultRule, Faults } from './http/faults.ts';
import { listener } from './http/listener.ts';
import { RateLimits } from './http/rate-limit.ts';
import { type RequestRecord, Turns } from './http/requests.ts';
import { allRoutes } from './routes/index.ts';
import { type RepositoryOptions, createRepository, forkRepository } from './state/create-repository.ts';
import { type AppOptions, createAccount, createApp, createInstallation, createTeam } from './state/people.ts';
import type { Account, App, Installation, Permissions, Repository, Team, World } from './state/world.ts';

export interface GitHubOptions {
  /** Epoch milliseconds; the machine's clock when left out. */
  readonly clock?: () => number;
  /** Requests an hour for each installation, App and person: 5,000 when left out. */
  readonly requestsPerHour?: number;
}

/** Starts a server on 127.0.0.1 that behaves like GitHub. Close it at the end of the test. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const root = await mkdtemp(path.join(tmpdir(), 'flyball-github-'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new GitHub(server, { root, url: `http://127.0.0.1:${port}`, options });
}

export class GitHub {
  readonly url: string;
  /** The `baseUrl` for Octokit. */
  readonly apiUrl: string;
  readonly faults = new Faults();
  readonly rateLimits: RateLimits;
  readonly requests: RequestRecord[] = [];
  readonly #server: Server;
  readonly #world: World;
  #violations: Violation[] = [];

  constructor(
    server: Server,
    { root, url, options }: { readonly root: string; readonly url: string; readonly options: GitHubOptions },
  ) {
    this.#server = server;
    this.url = url;
    this.apiUrl = `${url}/api/v3`;
    let lastId = 1000;
    this.#world = {
      clock: options.clock ?? Date.now,
      root,
      url,
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
      notify: () => undefined,
      refsMoved: async () => undefined,
    };
    this.rateLimits = new RateLimits(this.#world, options.requestsPerHour ?? 5000);
    const api = {
      world: this.#world,
      routes: new Map(allRoutes.map((route) => [route.route, route])),
      turns: new Turns(),
      report: (violation: Violation) => this.#violations.push(violation),
    };
    const answer = listener({
      api,
      faults: this.faults,
      rateLimits: this.rateLimits,
      record: (request) => this.requests.push(request),
    });
    server.on('request', answer);
  }

  user(login: string): Account {
    return createAccount(this.#world, login, 'User');
  }

  organization(login: string): Account {
    return createAccount(this.#world, login, 'Organization');
  }

  team(organization: Account, slug: string, members: readonly Account[]): Team {
    return createTeam(this.#world, organization, slug, members);
  }

  app(options: AppOptions): App {
    return createApp(this.#world, options);
  }

  install(
    app: App,
    account: Account,
    options: { readonly permissions?: Permissions; readonly repositories?: readonly Repository[] } = {},
  ): Installation {
    return createInstallation(this.#world, app, account, options);
  }

  async repository(options: RepositoryOptions): Promise<Repository> {
    return createRepository(this.#world, options);
  }

  async fork(parent: Repository, owner: Account): Promise<Repository> {
    return forkRepository(this.#world, parent, owner);
  }

  fail(rule: FaultRule): void {
    this.faults.add(rule);
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
    throw new Error(`against GitHub's API description:\n${lines.join('\n')}`);
  }

  /** Stops the server and removes its repositories. Throws as {@link GitHub.assertNoViolations} does. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#world.root, { recursive: true, force: true });
    this.assertNoViolations();
  }
}

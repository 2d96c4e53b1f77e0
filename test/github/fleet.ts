import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { onTestFinished } from 'vitest';
import {
  type Account,
  type App,
  type FileContent,
  type GitHub,
  type GitHubOptions,
  type Installation,
  type Permissions,
  type Repository,
  startGitHub,
} from './index.ts';

/** The permissions and events of app.yml. */
export const flyballPermissions: Permissions = {
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
};
export const flyballEvents = [
  'push',
  'pull_request',
  'issue_comment',
  'issues',
  'repository_dispatch',
  'check_run',
  'check_suite',
] as const;

export interface Fleet {
  readonly github: GitHub;
  readonly acme: Account;
  readonly ana: Account;
  readonly repository: Repository;
  readonly app: App;
  readonly installation: Installation;
  /** The App, as its installation. */
  readonly octokit: Octokit;
  /** A person of the organisation with write access. */
  readonly anasOctokit: Octokit;
}

/** `{ owner: 'acme', repo: 'fleet' }` */
export const fleet = { owner: 'acme', repo: 'fleet' } as const;

export const clipPath = 'apps/clip.yaml';

/** A private repository of an organisation with an App installed. Violations fail the test at its end. */
export async function aFleet(
  options: GitHubOptions & {
    readonly permissions?: Permissions;
    readonly files?: Readonly<Record<string, FileContent>>;
    readonly webhookUrl?: string;
  } = {},
): Promise<Fleet> {
  const github = await startGitHub(options);
  onTestFinished(() => github.close());
  const ana = github.user('ana');
  const acme = github.organization('acme', [ana]);
  const files = options.files ?? { [clipPath]: 'replicas: 6\n', 'README.md': '# Fleet\n' };
  const repository = await github.repository({
    owner: acme,
    name: fleet.repo,
    isPrivate: true,
    files,
    collaborators: { ana: 'write' },
  });
  const app = github.app({
    slug: 'flyball',
    owner: acme,
    permissions: options.permissions ?? flyballPermissions,
    events: flyballEvents,
    ...(options.webhookUrl === undefined ? {} : { webhookUrl: options.webhookUrl }),
  });
  const installation = github.install(app, acme, { repositories: [repository] });
  return {
    github,
    acme,
    ana,
    repository,
    app,
    installation,
    octokit: octokitOf(github, installation),
    anasOctokit: personOctokit(github, ana),
  };
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Octokit as an installation: it signs tokens for itself, as an App does. */
export function octokitOf(github: GitHub, { app, id }: Installation): Octokit {
  const auth = { appId: app.id, privateKey: app.privateKey, installationId: id };
  return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth, log: quiet });
}

/** Octokit as the App itself. */
export function appOctokit(github: GitHub, app: App): Octokit {
  const auth = { appId: app.id, privateKey: app.privateKey };
  return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth, log: quiet });
}

export function personOctokit(github: GitHub, person: Account): Octokit {
  return tokenOctokit(github, person.token ?? '');
}

export function tokenOctokit(github: GitHub, token: string): Octokit {
  return new Octokit({ baseUrl: github.apiUrl, auth: token, log: quiet });
}

/** A branch with one changed file; its commit. */
export async function aBranch({ github, repository, ana }: Fleet, branch: string, replicas = 4): Promise<string> {
  return github.push(repository, { by: ana, branch, files: { [clipPath]: `replicas: ${replicas}\n` } });
}

/** An open pull request of the App's. */
export async function aPull(fleetOf: Fleet, branch = 'flyball/clip'): Promise<number> {
  await aBranch(fleetOf, branch);
  const { data } = await fleetOf.octokit.rest.pulls.create({
    ...fleet,
    title: 'Scale clip',
    head: branch,
    base: 'main',
  });
  return data.number;
}

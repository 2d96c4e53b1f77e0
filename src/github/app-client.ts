import { createAppAuth } from '@octokit/auth-app';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';

/** A repository that the App is installed on. */
export interface InstalledRepository {
  readonly installationId: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  /** Where git fetches it from, without credentials. */
  readonly cloneUrl: string;
}

/** GitHub as one App sees it. Its tokens are made when they are needed, and live in memory only. */
export interface GitHubApp {
  /** Login of the account that writes for the App, `flyball[bot]`. */
  login(): Promise<string>;
  /** The API with the rights of one installation; requests wait for GitHub's limits. */
  installation(installationId: number): Octokit;
  /** Repositories of every installation that is not suspended. */
  repositories(): Promise<readonly InstalledRepository[]>;
  /** The installation that covers a repository. @throws HttpError 404 where the App is not installed. */
  installationOf(repository: { readonly owner: string; readonly name: string }): Promise<number>;
  /** The header that lets git read one repository for an hour, and nothing else. */
  readAuthorization(repository: { readonly installationId: number; readonly name: string }): Promise<string>;
}

/** How a client behaves, whoever it writes as. */
export interface ClientOptions {
  /** `https://api.github.com`, or of an Enterprise Server `https://HOST/api/v3`; without a slash at its end. */
  readonly baseUrl: string;
  /** Spaces out what GitHub would count as abuse: a second between writes, three between comments; off only in tests. */
  readonly isThrottled: boolean;
  readonly log: {
    readonly debug: (message: string) => void;
    readonly info: (message: string) => void;
    readonly warn: (message: string) => void;
    readonly error: (message: string) => void;
  };
}

export interface GitHubAppOptions extends ClientOptions {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
}

/** Longer waits are left to the queue: a worker that sleeps for an hour holds up other repositories. */
const longestWaitSeconds = 90;
const retriesMax = 3;

const PatientOctokit = Octokit.plugin(retry, throttling);

/** Makes the clients of an App; nothing is asked of GitHub before one is used. */
export function makeGitHubApp(options: GitHubAppOptions): GitHubApp {
  const installations = new Map<number, Octokit>();
  const asApp = appOctokit(options, undefined);
  let login: Promise<string> | undefined;
  const installation = (installationId: number): Octokit => {
    const known = installations.get(installationId) ?? appOctokit(options, installationId);
    installations.set(installationId, known);
    return known;
  };
  return {
    login: () => {
      login ??= findLogin(asApp).catch((error: unknown) => {
        login = undefined;
        throw error;
      });
      return login;
    },
    installation,
    repositories: () => listRepositories(asApp, installation),
    installationOf: async ({ owner, name }) =>
      (await asApp.rest.apps.getRepoInstallation({ owner, repo: name })).data.id,
    readAuthorization: async ({ installationId, name }) => {
      const { data } = await asApp.rest.apps.createInstallationAccessToken({
        installation_id: installationId,
        repositories: [name],
        permissions: { contents: 'read' },
      });
      return `Basic ${Buffer.from(`x-access-token:${data.token}`).toString('base64')}`;
    },
  };
}

/** The API with a token that somebody else made, such as that of a workflow run. */
export function makeTokenClient(options: ClientOptions & { readonly token: string }): Octokit {
  return patientOctokit(options, { auth: options.token }, 'token');
}

function appOctokit(options: GitHubAppOptions, installationId: number | undefined): Octokit {
  const { appId, privateKey } = options;
  const auth = { appId, privateKey, ...(installationId !== undefined && { installationId }) };
  return patientOctokit(options, { authStrategy: createAppAuth, auth }, `${appId}:${installationId ?? 'app'}`);
}

function patientOctokit(
  { baseUrl, isThrottled, log }: ClientOptions,
  authentication: { readonly auth: unknown; readonly authStrategy?: typeof createAppAuth },
  id: string,
): Octokit {
  const mayWait = (afterSeconds: number, ...rest: readonly unknown[]): boolean =>
    afterSeconds <= longestWaitSeconds && Number(rest[2]) < retriesMax;
  return new PatientOctokit({
    baseUrl,
    log,
    userAgent: 'flyball',
    ...authentication,
    throttle: { enabled: isThrottled, id, onRateLimit: mayWait, onSecondaryRateLimit: mayWait },
  });
}

async function findLogin(asApp: Octokit): Promise<string> {
  const { data } = await asApp.rest.apps.getAuthenticated();
  return `${data?.slug ?? ''}[bot]`;
}

async function listRepositories(
  asApp: Octokit,
  installation: (installationId: number) => Octokit,
): Promise<readonly InstalledRepository[]> {
  const found: InstalledRepository[] = [];
  for await (const page of asApp.paginate.iterator(asApp.rest.apps.listInstallations, { per_page: 100 })) {
    for (const { id, suspended_at: suspendedAt } of page.data) {
      if (suspendedAt !== null && suspendedAt !== undefined) continue;
      const octokit = installation(id);
      const list = octokit.rest.apps.listReposAccessibleToInstallation;
      for await (const { data } of octokit.paginate.iterator(list, { per_page: 100 })) {
        found.push(...data.filter(({ archived }) => !archived).map((repository) => installed(id, repository)));
      }
    }
  }
  return found;
}

function installed(
  installationId: number,
  repository: {
    readonly owner: { readonly login: string };
    readonly name: string;
    readonly default_branch: string;
    readonly private: boolean;
    readonly clone_url: string;
  },
): InstalledRepository {
  const { owner, name, default_branch: defaultBranch, private: isPrivate, clone_url: cloneUrl } = repository;
  return { installationId, owner: owner.login, name, defaultBranch, isPrivate, cloneUrl };
}

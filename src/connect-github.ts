import { readFile } from 'node:fs/promises';
import type { OperatorConfig } from './config/index.ts';
import { ProblemError } from './domain/index.ts';
import { makeGitHubApp, makeTokenClient } from './github/index.ts';
import type { GitHubRepository } from './pullrequest/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A repository on GitHub that may be scanned and written to. */
export interface ConnectedRepository {
  readonly repository: GitHubRepository;
  /** Where git fetches it from, without credentials. */
  readonly cloneUrl: string;
  /** Header that lets git read it. */
  readonly authorization: string;
}

const publicApiUrl = 'https://api.github.com';
/** Who writes with the token of a workflow run. */
const workflowLogin = 'github-actions[bot]';

/**
 * Signs in as the configured App, else with the token in GITHUB_TOKEN, and finds the repository.
 * @throws ProblemError CONFIG_INVALID without credentials, GITHUB_REQUEST_FAILED when GitHub refuses them.
 */
export async function connectToGitHub(
  fullName: string,
  options: {
    readonly github: OperatorConfig['github'];
    /** Who writes with the token, where that cannot be asked for. */
    readonly login: string | undefined;
    readonly environment: Environment;
  },
): Promise<ConnectedRepository> {
  const [owner = '', name = ''] = fullName.split('/');
  const { github, environment } = options;
  const client = clientOptions(github, environment);
  try {
    if (github.app !== undefined) {
      const privateKey = await readSecret(github.app.privateKey, { what: 'the App’s private key', environment });
      const app = makeGitHubApp({ ...client, appId: github.app.id, privateKey });
      const installationId = await app.installationOf({ owner, name });
      const octokit = app.installation(installationId);
      const authorization = await app.readAuthorization({ installationId, name });
      return await describe({ octokit, owner, name, login: await app.login() }, authorization);
    }
    const token = environment['GITHUB_TOKEN']?.trim() ?? '';
    if (token === '') throw noCredentials();
    const octokit = makeTokenClient({ ...client, token });
    const login = options.login ?? (await loginOf(octokit));
    const authorization = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
    return await describe({ octokit, owner, name, login }, authorization);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw refused(fullName, error);
  }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function describe(repository: GitHubRepository, authorization: string): Promise<ConnectedRepository> {
  const { octokit, owner, name } = repository;
  const { data } = await octokit.rest.repos.get({ owner, repo: name });
  return { repository, authorization, cloneUrl: data.clone_url };
}

/** Where GitHub is, and how it is treated. */
export function clientOptions(
  github: OperatorConfig['github'],
  environment: Environment,
): { readonly baseUrl: string; readonly isThrottled: boolean; readonly log: typeof silent } {
  const baseUrl = github.apiUrl ?? environment['GITHUB_API_URL'] ?? publicApiUrl;
  // A server on this machine has no secondary limits to keep.
  const isThrottled = !/^https?:\/\/(?:127\.0\.0\.1|localhost)(?::|\/|$)/.test(baseUrl);
  return { baseUrl, isThrottled, log: silent };
}

/** A person's token says whose it is; that of a workflow run may not ask. */
async function loginOf(octokit: GitHubRepository['octokit']): Promise<string> {
  try {
    return (await octokit.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    if (statusOf(error) === 403) return workflowLogin;
    throw error;
  }
}

/**
 * A secret from where the configuration says that it lies.
 * @throws ProblemError CONFIG_INVALID when nothing is there.
 */
export async function readSecret(
  place: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'environment'; readonly name: string },
  { what, environment }: { readonly what: string; readonly environment: Environment },
): Promise<string> {
  if (place.kind === 'environment') {
    const value = environment[place.name]?.replaceAll(String.raw`\n`, '\n').trim() ?? '';
    if (value !== '') return value;
    throw noKey(`The environment variable ${place.name}, which should hold ${what}, is not set.`);
  }
  return readFile(place.path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw noKey(`The file ${place.path}, which should hold ${what}, cannot be read (${code}).`);
  });
}

function noCredentials(): ProblemError {
  return noKey('Flyball has nothing to sign in to GitHub with.');
}

function noKey(message: string): ProblemError {
  return new ProblemError({
    code: 'CONFIG_INVALID',
    severity: 'error',
    place: { kind: 'none' },
    message,
    remedy: 'Set GITHUB_TOKEN, or github.appId and the key of the App in flyball.yml. See docs/github.md.',
  });
}

function refused(fullName: string, error: unknown): ProblemError {
  const status = statusOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new ProblemError(
    {
      code: 'GITHUB_REQUEST_FAILED',
      severity: 'error',
      place: { kind: 'none' },
      message: `GitHub does not let Flyball into ${fullName}${status === undefined ? '' : ` (HTTP ${status})`}: ${reason}`,
      remedy:
        'Check the name, that the App is installed on the repository (or what the token may do), and github.apiUrl.',
    },
    { cause: error },
  );
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

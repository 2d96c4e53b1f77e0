import type { Octokit } from '@octokit/rest';
import { ProblemError } from '../../../domain/index.ts';

/** A repository on GitHub, with a client that may write there. */
export interface GitHubRepository {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly name: string;
  /** The account that the App writes as, `flyball[bot]`. Only what it wrote counts as Flyball's. */
  readonly login: string;
}

/** The repository as parameters of a request. */
export function address({ owner, name }: GitHubRepository): { readonly owner: string; readonly repo: string } {
  return { owner, repo: name };
}

/**
 * For requests that would make a second thing when they are sent again: a client that retries must not, as its answer
 * may be lost after the first was made. The next run reads what there is.
 */
export const once = { request: { retries: 0 } } as const;

/** The HTTP status of a failed request; undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

/**
 * Runs requests and says where they failed.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function onGitHub<Result>(repository: GitHubRepository, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const isRequest = error instanceof Error && /^(?:HttpError|GraphqlResponseError|RequestError)$/.test(error.name);
    if (!isRequest) throw error;
    const status = statusOf(error);
    throw new ProblemError(
      {
        code: 'GITHUB_REQUEST_FAILED',
        severity: 'error',
        place: { kind: 'none' },
        message: `GitHub did not do what was asked for ${repository.owner}/${repository.name}${status === undefined ? '' : ` (HTTP ${status})`}: ${error.message}`,
        remedy:
          'What was written stays; the next scan reads it and does the rest. Check the App if this happens again.',
      },
      { cause: error },
    );
  }
}

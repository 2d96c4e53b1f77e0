import type { Problem } from '../../../domain/index.ts';
import { type GitHubRepository, address, statusOf } from './repository.ts';

export interface Reviewers {
  /** Logins. */
  readonly users: readonly string[];
  /** Slugs of the organisation's teams. */
  readonly teams: readonly string[];
}

/** Asks people, named in a field of the repository's configuration, for a review. Whom GitHub does not take is a problem to tell: the pull request is good without. */
export async function requestReviewers(
  repository: GitHubRepository,
  number: number,
  { users, teams }: Reviewers,
  field = 'pullRequests.reviewers',
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const wanted = [
    ...users.map((login) => ({ name: login, reviewers: [login], team_reviewers: [] as string[] })),
    ...teams.map((slug) => ({ name: slug, reviewers: [] as string[], team_reviewers: [slug] })),
  ];
  for (const { name, ...reviewers } of wanted) {
    try {
      await repository.octokit.rest.pulls.requestReviewers({
        ...address(repository),
        pull_number: number,
        ...reviewers,
      });
    } catch (error) {
      if (statusOf(error) !== 422) throw error;
      problems.push({
        code: 'REVIEWER_NOT_REQUESTED',
        severity: 'warning',
        place: { kind: 'file', path: '.github/flyball.yml' },
        message: `GitHub does not take ${JSON.stringify(name)} as a reviewer of pull request ${number}, which goes on without.`,
        remedy: `Name a collaborator or a team with access to the repository in ${field}.`,
      });
    }
  }
  return problems;
}

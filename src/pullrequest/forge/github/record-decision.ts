import type { Decision } from '../../../domain/index.ts';
import { readDecisions, withDecisions } from '../../decisions.ts';
import { readPullState } from './pull-state.ts';
import { type GitHubRepository, address, onGitHub } from './repository.ts';

/**
 * Adds what a person said to a pull request's body, as it is now. The same decision twice, as when a webhook comes
 * again, is one. False when the pull request is not the App's.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function recordDecision(
  repository: GitHubRepository,
  number: number,
  decision: Decision,
): Promise<boolean> {
  return onGitHub(repository, async () => {
    const { pulls } = repository.octokit.rest;
    const { data } = await pulls.get({ ...address(repository), pull_number: number });
    const body = data.body ?? '';
    if (data.user.login !== repository.login || readPullState(body) === undefined) return false;
    const decisions = readDecisions(body);
    const isThere = decisions.some(
      ({ kind, by, at }) => kind === decision.kind && by === decision.by && at === decision.at,
    );
    if (isThere) return true;
    const changed = withDecisions(body, [...decisions, decision]);
    await pulls.update({ ...address(repository), pull_number: number, body: changed });
    return true;
  });
}

import { type Decision, type EpochMs, epochMs } from '../../../domain/index.ts';
import { readDecisions } from '../../decisions.ts';
import { branchPrefix } from '../../slug.ts';
import { type PullState, readPullState } from './pull-state.ts';
import { type GitHubRepository, address } from './repository.ts';

/** A pull request that the App wrote. */
export interface OwnPull {
  readonly number: number;
  readonly url: string;
  readonly branch: string;
  readonly head: string;
  readonly status: 'open' | 'closed' | 'merged';
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly createdAt: EpochMs;
  readonly closedAt: EpochMs | undefined;
  readonly state: PullState;
  readonly decisions: readonly Decision[];
}

/** Every pull request for proposals that the App ever opened, newest first. A fork's branch of the same name is none. */
export async function listOwnPulls(repository: GitHubRepository): Promise<readonly OwnPull[]> {
  const { octokit, owner, name, login } = repository;
  const found: OwnPull[] = [];
  const query = { ...address(repository), state: 'all', per_page: 100 } as const;
  for await (const { data } of octokit.paginate.iterator(octokit.rest.pulls.list, query)) {
    for (const pull of data) {
      const isOwn = pull.user?.login === login && pull.head.ref.startsWith(branchPrefix);
      // The repository of a fork that was deleted is null, against the description.
      const from: { readonly full_name: string } | null = pull.head.repo;
      if (!isOwn || from?.full_name.toLowerCase() !== `${owner}/${name}`.toLowerCase()) continue;
      const body = pull.body ?? '';
      const state = readPullState(body);
      if (state === undefined) continue;
      found.push({
        number: pull.number,
        url: pull.html_url,
        branch: pull.head.ref,
        head: pull.head.sha,
        status: pull.merged_at !== null ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
        title: pull.title,
        body,
        labels: pull.labels.map((label) => label.name),
        createdAt: epochMs(Date.parse(pull.created_at)),
        closedAt: pull.closed_at === null ? undefined : epochMs(Date.parse(pull.closed_at)),
        state,
        decisions: readDecisions(body),
      });
    }
  }
  return found.toSorted((left, right) => right.number - left.number);
}

import { aheadBehind, mergeBase } from '../git/commits.ts';
import { readBranch } from '../git/refs.ts';
import { runGit } from '../git/run-git.ts';
import { findRepository } from '../http/access.ts';
import { type Answer, checkBodyLength, checkLength, created, validationFailed } from '../http/answer.ts';
import { type RepositoryExchange, accountOf, appOf } from '../http/exchange.ts';
import { addIssue, describePull, keepHead, notifyPull } from '../state/pulls.ts';
import type { Issue, Repository } from '../state/world.ts';

interface WantedPull {
  readonly title?: string;
  readonly head: string;
  readonly base: string;
  readonly body?: string | null;
  readonly draft?: boolean;
  readonly maintainer_can_modify?: boolean;
}

/** Opens a pull request. Throws 422 for what GitHub refuses. */
export async function createPull(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor } = exchange;
  const wanted = exchange.body as unknown as WantedPull;
  checkBodyLength('PullRequest', wanted.body);
  if (wanted.title === undefined || wanted.title.trim() === '') {
    throw validationFailed({ resource: 'PullRequest', code: 'missing_field', field: 'title' });
  }
  checkLength('PullRequest', 'title', wanted.title, 256);
  const head = findHead(exchange, wanted.head);
  const headSha = head === undefined ? undefined : await readBranch(head.repository.directory, head.ref);
  if (head === undefined || headSha === undefined)
    throw validationFailed({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  const baseSha = await readBranch(repository.directory, wanted.base);
  if (baseSha === undefined) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const label = `${head.repository.owner.login}:${head.ref}`;
  const isDuplicate = [...repository.issues.values()].some(
    ({ state, pull }) =>
      state === 'open' &&
      pull?.head.repository === head.repository &&
      pull.head.ref === head.ref &&
      pull.base.ref === wanted.base,
  );
  if (isDuplicate) throw customError(`A pull request already exists for ${label}.`);
  const pull = {
    head: { ...head, sha: headSha },
    base: { ref: wanted.base, sha: baseSha },
    isDraft: wanted.draft ?? false,
    maintainerCanModify: wanted.maintainer_can_modify ?? false,
    merged: undefined,
    mergeable: undefined,
    requestedReviewers: [],
    requestedTeams: [],
  };
  await checkCommits(repository, pull);
  const author = accountOf(actor);
  const issue = addIssue(world, repository, {
    author,
    viaApp: appOf(actor),
    title: wanted.title,
    body: wanted.body ?? null,
    pull,
  });
  await keepHead(repository, issue);
  await notifyPull(world, repository, issue, { action: 'opened', sender: author });
  const body = await describePull(world, repository, issue);
  return created(body, String(body['url']));
}

async function checkCommits(repository: Repository, pull: NonNullable<Issue['pull']>): Promise<void> {
  const { head, base } = pull;
  if (head.repository !== repository) {
    const from = `refs/heads/${head.ref}`;
    await runGit(repository.directory, ['fetch', '--quiet', head.repository.directory, from]);
  }
  const common = await mergeBase(repository.directory, base.sha, head.sha);
  if (common === undefined) throw customError(`The ${head.ref} branch has no history in common with ${base.ref}`);
  const { ahead } = await aheadBehind(repository.directory, base.sha, head.sha);
  if (ahead === 0) throw customError(`No commits between ${base.ref} and ${head.ref}`);
}

/** 422 with a sentence. */
export function customError(message: string) {
  return validationFailed({ resource: 'PullRequest', code: 'custom', message });
}

function findHead(
  { world, repository }: RepositoryExchange,
  head: string,
): { repository: Repository; ref: string } | undefined {
  const [login, ref] = head.includes(':') ? head.split(':', 2) : [repository.owner.login, head];
  if (login === undefined || ref === undefined) return undefined;
  if (login.toLowerCase() === repository.owner.login.toLowerCase()) return { repository, ref };
  const fork = [...world.repositories.values()].find(
    ({ owner, parent }) => parent === repository && owner.login.toLowerCase() === login.toLowerCase(),
  );
  const other = fork ?? findRepository(world, login, repository.name);
  return other === undefined ? undefined : { repository: other, ref };
}

import { aheadBehind, mergeBase, mergeTrees, readCommit, readCommits, resolveCommit } from '../git/commits.ts';
import { changedFiles, readDiff } from '../git/diffs.ts';
import { readBranch, readRefs } from '../git/refs.ts';
import { runGit } from '../git/run-git.ts';
import { findRepository, onRepository } from '../http/access.ts';
import { type Answer, ApiError, checkLength, conflict, created, notFound, ok, unprocessable } from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { statusJson } from '../json/checks.ts';
import { changedFileJson, commitJson } from '../json/commits.ts';
import { repositoryApiUrl, repositoryHtmlUrl, repositoryJson } from '../json/repository.ts';
import type { CommitStatus } from '../state/world.ts';
import { makeCommit, signature } from './git-data.ts';
import { moveRef } from './refs.ts';

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export const commitRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/branches', 'contents:read', async (exchange) => {
    const { world, repository } = exchange;
    const branches = await readRefs(repository.directory, 'refs/heads/');
    const api = repositoryApiUrl(world, repository);
    return pageOf(exchange, branches, {
      toJson: ({ name, sha }) => ({
        name: name.slice('refs/heads/'.length),
        commit: { sha, url: `${api}/commits/${sha}` },
        protected: false,
      }),
    });
  }),
  onRepository('GET /repos/{owner}/{repo}/branches/{branch}', 'contents:read', getBranch),
  onRepository('GET /repos/{owner}/{repo}/commits', 'contents:read', listCommits),
  onRepository('GET /repos/{owner}/{repo}/commits/{ref}', 'contents:read', getCommit),
  onRepository('GET /repos/{owner}/{repo}/compare/{basehead}', 'contents:read', compare),
  onRepository('POST /repos/{owner}/{repo}/merges', 'contents:write', mergeBranches),
  onRepository('POST /repos/{owner}/{repo}/statuses/{sha}', 'statuses:write', async (exchange) => {
    const { world, repository, actor, params, body } = exchange;
    const sha = await commitNamed(exchange, params['sha'] ?? '');
    const wanted = body as {
      readonly state: string;
      readonly context?: string;
      readonly description?: string;
      readonly target_url?: string;
    };
    checkLength('Status', 'description', wanted.description, 140);
    const status = {
      id: world.nextId(),
      sha,
      state: wanted.state,
      context: wanted.context ?? 'default',
      description: wanted.description ?? null,
      targetUrl: wanted.target_url ?? null,
      creator: accountOf(actor),
      createdAt: world.clock(),
    };
    repository.statuses.push(status);
    return created(statusJson(world, repository, status));
  }),
  onRepository('GET /repos/{owner}/{repo}/commits/{ref}/statuses', 'statuses:read', async (exchange) => {
    const { world, repository, params } = exchange;
    const sha = await commitNamed(exchange, params['ref'] ?? '');
    const statuses = repository.statuses.filter((status) => status.sha === sha).toReversed();
    return pageOf(exchange, statuses, { toJson: (status) => statusJson(world, repository, status) });
  }),
  onRepository('GET /repos/{owner}/{repo}/commits/{ref}/status', 'statuses:read', combinedStatus),
];

/** The commit of a branch, a tag or a SHA. Throws 422 as GitHub does. */
async function commitNamed({ repository }: RepositoryExchange, name: string): Promise<string> {
  const sha =
    (await resolveCommit(repository.directory, `refs/heads/${name}`)) ??
    (await resolveCommit(repository.directory, name));
  if (sha === undefined) throw unprocessable(`No commit found for SHA: ${name}`);
  return sha;
}

async function getBranch({ world, repository, params }: RepositoryExchange): Promise<Answer> {
  const branch = params['branch'] ?? '';
  const sha = await readBranch(repository.directory, branch);
  if (sha === undefined) throw new ApiError(404, 'Branch not found');
  const self = `${repositoryApiUrl(world, repository)}/branches/${encodeURIComponent(branch)}`;
  return ok({
    name: branch,
    commit: commitJson(world, repository, await readCommit(repository.directory, sha)),
    _links: { self, html: `${repositoryHtmlUrl(world, repository)}/tree/${branch}` },
    protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
    protection_url: `${self}/protection`,
  });
}

async function listCommits(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, query } = exchange;
  const start = query.get('sha') ?? repository.defaultBranch;
  const sha =
    (await resolveCommit(repository.directory, `refs/heads/${start}`)) ??
    (await resolveCommit(repository.directory, start));
  if (sha === undefined) throw notFound();
  const [since, until, author, path] = ['since', 'until', 'author', 'path'].map((name) => query.get(name));
  const commits = await readCommits(repository.directory, [
    ...(since ? [`--since=${new Date(since).toISOString()}`] : []),
    ...(until ? [`--until=${new Date(until).toISOString()}`] : []),
    ...(author ? ['--fixed-strings', `--author=${author}`] : []),
    sha,
    '--',
    ...(path ? [`:(literal)${path}`] : []),
  ]);
  return pageOf(exchange, commits, { toJson: (commit) => commitJson(world, repository, commit) });
}

async function getCommit(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, params, accept } = exchange;
  const { directory } = repository;
  const sha = await commitNamed(exchange, params['ref'] ?? '');
  if (accept.includes('sha')) return { status: 200, text: { contentType: 'application/vnd.github.sha', data: sha } };
  const commit = await readCommit(directory, sha);
  const before = commit.parents[0] ?? emptyTree;
  if (accept.includes('diff')) {
    return {
      status: 200,
      text: { contentType: 'application/vnd.github.diff', data: await readDiff(directory, before, sha) },
    };
  }
  const files = await changedFiles(directory, before, sha);
  const [additions, deletions] = [sum(files.map((file) => file.additions)), sum(files.map((file) => file.deletions))];
  return ok({
    ...commitJson(world, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: files.map((file) => changedFileJson(world, repository, sha, file)),
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

async function compare(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, params, accept } = exchange;
  const { directory } = repository;
  const [baseName = '', headName = ''] = (params['basehead'] ?? '').split('...', 2);
  const base = await sideOf(exchange, baseName);
  const head = await sideOf(exchange, headName);
  const common = await mergeBase(directory, base, head);
  if (common === undefined) throw notFound();
  if (accept.includes('diff')) {
    return {
      status: 200,
      text: { contentType: 'application/vnd.github.diff', data: await readDiff(directory, common, head) },
    };
  }
  const { ahead, behind } = await aheadBehind(directory, base, head);
  const commits = await readCommits(directory, ['--reverse', `${base}..${head}`, '--']);
  const files = await changedFiles(directory, common, head);
  const html = `${repositoryHtmlUrl(world, repository)}/compare/${params['basehead']}`;
  const page = pageOf(exchange, commits, { toJson: (commit) => commitJson(world, repository, commit) });
  return {
    ...page,
    body: {
      url: `${repositoryApiUrl(world, repository)}/compare/${params['basehead']}`,
      html_url: html,
      permalink_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: commitJson(world, repository, await readCommit(directory, base)),
      merge_base_commit: commitJson(world, repository, await readCommit(directory, common)),
      status: comparisonStatus(ahead, behind),
      ahead_by: ahead,
      behind_by: behind,
      total_commits: commits.length,
      commits: page.body,
      files: files.slice(0, 300).map((file) => changedFileJson(world, repository, head, file)),
    },
  };
}

function comparisonStatus(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

// `owner:branch` is a branch of a fork.
async function sideOf({ world, repository }: RepositoryExchange, name: string): Promise<string> {
  const [login, ref] = name.includes(':') ? name.split(':', 2) : [repository.owner.login, name];
  const other = findRepository(world, login, repository.name);
  if (other === undefined || ref === undefined) throw notFound();
  if (other !== repository)
    await runGit(repository.directory, ['fetch', '--quiet', other.directory, `refs/heads/${ref}`]);
  const sha =
    (await resolveCommit(other.directory, `refs/heads/${ref}`)) ?? (await resolveCommit(other.directory, ref));
  if (sha === undefined) throw notFound();
  return sha;
}

async function mergeBranches(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, actor, body } = exchange;
  const wanted = body as { readonly base: string; readonly head: string; readonly commit_message?: string };
  const { directory } = repository;
  const base = await readBranch(directory, wanted.base);
  if (base === undefined) throw new ApiError(404, 'Base does not exist');
  const head = (await readBranch(directory, wanted.head)) ?? (await resolveCommit(directory, wanted.head));
  if (head === undefined) throw new ApiError(404, 'Head does not exist');
  if ((await aheadBehind(directory, base, head)).ahead === 0) return { status: 204 };
  const tree = await mergeTrees(directory, base, head);
  if (tree === undefined) throw conflict('Merge conflict');
  const author = signature(world, actor);
  const sha = await makeCommit(repository, {
    tree,
    parents: [base, head],
    message: wanted.commit_message ?? `Merge ${wanted.head} into ${wanted.base}`,
    author,
    committer: author,
    isSigned: true,
  });
  await moveRef(world, repository, { ref: `refs/heads/${wanted.base}`, before: base, after: sha }, accountOf(actor));
  return created(commitJson(world, repository, await readCommit(directory, sha)));
}

async function combinedStatus(exchange: RepositoryExchange): Promise<Answer> {
  const { world, repository, params } = exchange;
  const sha = await commitNamed(exchange, params['ref'] ?? '');
  const latest = new Map<string, CommitStatus>();
  for (const status of repository.statuses.filter((one) => one.sha === sha)) latest.set(status.context, status);
  const states = [...latest.values()].map(({ state }) => state);
  const isBad = states.some((state) => state === 'failure' || state === 'error');
  const isPending = states.length === 0 || states.includes('pending');
  const api = repositoryApiUrl(world, repository);
  return ok({
    state: isBad ? 'failure' : isPending ? 'pending' : 'success',
    statuses: [...latest.values()].map((status) => statusJson(world, repository, status)),
    sha,
    total_count: latest.size,
    repository: repositoryJson(world, repository),
    commit_url: `${api}/commits/${sha}`,
    url: `${api}/commits/${sha}/status`,
  });
}

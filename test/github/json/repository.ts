import { type Repository, type World, nodeId, timestamp } from '../state/world.ts';
import { accountJson } from './accounts.ts';

/** `https://…/repos/OWNER/NAME` */
export function repositoryApiUrl({ apiUrl }: World, { owner, name }: Repository): string {
  return `${apiUrl}/repos/${owner.login}/${name}`;
}

export function repositoryHtmlUrl({ url }: World, { owner, name }: Repository): string {
  return `${url}/${owner.login}/${name}`;
}

// What GitHub appends to a repository's address in each of its fields that end in `_url`.
const links = {
  archive: '/{archive_format}{/ref}',
  assignees: '/assignees{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '/branches{/branch}',
  collaborators: '/collaborators{/collaborator}',
  comments: '/comments{/number}',
  commits: '/commits{/sha}',
  compare: '/compare/{base}...{head}',
  contents: '/contents/{+path}',
  contributors: '/contributors',
  deployments: '/deployments',
  downloads: '/downloads',
  events: '/events',
  forks: '/forks',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  hooks: '/hooks',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '/issues{/number}',
  keys: '/keys{/key_id}',
  labels: '/labels{/name}',
  languages: '/languages',
  merges: '/merges',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  pulls: '/pulls{/number}',
  releases: '/releases{/id}',
  stargazers: '/stargazers',
  statuses: '/statuses/{sha}',
  subscribers: '/subscribers',
  subscription: '/subscription',
  tags: '/tags',
  teams: '/teams',
  trees: '/git/trees{/sha}',
} as const;

/** The fullest form; every shorter form of the description is a part of it. */
export function repositoryJson(world: World, repository: Repository): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  const html = repositoryHtmlUrl(world, repository);
  const open = [...repository.issues.values()].filter(({ state }) => state === 'open').length;
  const { id, owner, name, parent, isPrivate } = repository;
  return {
    id,
    node_id: nodeId('R', id),
    name,
    full_name: `${owner.login}/${name}`,
    private: isPrivate,
    owner: accountJson(world, owner),
    html_url: html,
    description: null,
    fork: parent !== undefined,
    url: api,
    ...Object.fromEntries(Object.entries(links).map(([link, path]) => [`${link}_url`, `${api}${path}`])),
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(repository.pushedAt),
    pushed_at: timestamp(repository.pushedAt),
    git_url: `git://${new URL(world.url).host}/${owner.login}/${name}.git`,
    ssh_url: `git@${new URL(world.url).hostname}:${owner.login}/${name}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: repository.isArchived,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: isPrivate ? 'private' : 'public',
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** As `GET /repos/{owner}/{repo}` answers. */
export function fullRepositoryJson(world: World, repository: Repository): Record<string, unknown> {
  const { parent } = repository;
  return {
    ...repositoryJson(world, repository),
    network_count: 0,
    subscribers_count: 0,
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
    ...(parent === undefined ? {} : { parent: repositoryJson(world, parent), source: repositoryJson(world, parent) }),
  };
}

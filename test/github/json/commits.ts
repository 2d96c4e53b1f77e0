import type { ChangedFile } from '../git/diffs.ts';
import type { Commit, Person } from '../git/commits.ts';
import { type Account, type Repository, type World, nodeId, timestamp } from '../state/world.ts';
import { accountJson } from './accounts.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repository.ts';

export function verificationJson(repository: Repository, sha: string) {
  return repository.verifiedCommits.has(sha)
    ? {
        verified: true,
        reason: 'valid',
        signature: '-----BEGIN PGP SIGNATURE-----',
        payload: 'tree',
        verified_at: null,
      }
    : { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };
}

function personJson({ name, email, at }: Person) {
  return { name, email, date: timestamp(at) };
}

/** The account behind an address of the form `ID+LOGIN@users.noreply.github.com`, or a person's own. */
export function accountOfEmail(world: World, email: string): Account | undefined {
  const login = email.split('@', 1)[0]?.replace(/^\d+\+/, '') ?? '';
  return world.accounts.get(login.toLowerCase());
}

export function emailOf({ id, login }: Account): string {
  return `${id}+${login}@users.noreply.github.com`;
}

/** As the REST API lists commits. */
export function commitJson(world: World, repository: Repository, commit: Commit): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  const html = `${repositoryHtmlUrl(world, repository)}/commit`;
  const [author, committer] = [commit.author, commit.committer].map(({ email }) => accountOfEmail(world, email));
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      message: commit.message,
      author: personJson(commit.author),
      committer: personJson(commit.committer),
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      comment_count: 0,
      verification: verificationJson(repository, commit.sha),
    },
    author: author === undefined ? null : accountJson(world, author),
    committer: committer === undefined ? null : accountJson(world, committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/${sha}` })),
  };
}

/** As the git data part of the API shows commits. */
export function gitCommitJson(world: World, repository: Repository, commit: Commit): Record<string, unknown> {
  const api = `${repositoryApiUrl(world, repository)}/git`;
  const html = `${repositoryHtmlUrl(world, repository)}/commit`;
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/${commit.sha}`,
    author: personJson(commit.author),
    committer: personJson(commit.committer),
    tree: { sha: commit.tree, url: `${api}/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/${sha}` })),
    verification: verificationJson(repository, commit.sha),
  };
}

/** As webhooks show commits. */
export function simpleCommitJson(commit: Commit) {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: timestamp(commit.committer.at),
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}

export function changedFileJson(world: World, repository: Repository, head: string, file: ChangedFile) {
  const api = repositoryApiUrl(world, repository);
  const html = repositoryHtmlUrl(world, repository);
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/blob/${head}/${path}`,
    raw_url: `${html}/raw/${head}/${path}`,
    contents_url: `${api}/contents/${path}?ref=${head}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}

/** As references are shown. */
export function refJson(
  world: World,
  repository: Repository,
  { name, sha, type }: { readonly name: string; readonly sha: string; readonly type: string },
) {
  const api = `${repositoryApiUrl(world, repository)}/git`;
  return {
    ref: name,
    node_id: nodeId('REF', repository.id) + Buffer.from(name).toString('base64url'),
    url: `${api}/${name}`,
    object: { sha, type, url: `${api}/${type}s/${sha}` },
  };
}

import { readCommit, resolveCommit } from '../git/commits.ts';
import { readBranch } from '../git/refs.ts';
import { type TreeChange, type TreeEntry, readBlob, readTree, writeBlob, writeTree } from '../git/trees.ts';
import { onRepository } from '../http/access.ts';
import { type Answer, conflict, created, notFound, ok, unprocessable, validationFailed } from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf } from '../http/exchange.ts';
import { gitCommitJson } from '../json/commits.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from '../json/repository.ts';
import type { Repository, World } from '../state/world.ts';
import { base64Lines, checkWorkflows, makeCommit, malformedPath, signature } from './git-data.ts';
import { moveRef } from './refs.ts';

export const contentRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/contents/{path}', 'contents:read', getContents),
  onRepository('PUT /repos/{owner}/{repo}/contents/{path}', 'contents:write', (exchange) =>
    changeFile(exchange, 'write'),
  ),
  onRepository('DELETE /repos/{owner}/{repo}/contents/{path}', 'contents:write', (exchange) =>
    changeFile(exchange, 'delete'),
  ),
];

async function getContents({ world, repository, params, query, accept }: RepositoryExchange): Promise<Answer> {
  const { directory } = repository;
  const ref = query.get('ref') ?? repository.defaultBranch;
  const commit = (await resolveCommit(directory, `refs/heads/${ref}`)) ?? (await resolveCommit(directory, ref));
  if (commit === undefined) throw notFound();
  const path = (params['path'] ?? '').replaceAll(/^\/+|\/+$/g, '');
  if (path.split('/').some((part) => part === '..' || part === '.git')) throw notFound();
  const json = (entry: TreeEntry, at: string) => entryJson(world, repository, { ...entry, path: at }, ref);
  if (path === '') {
    const entries = await readTree(directory, commit, { isRecursive: false });
    return ok(entries.map((entry) => json(entry, entry.path)));
  }
  const [entry] = await readTree(directory, commit, { isRecursive: false, path });
  if (entry === undefined) throw notFound();
  if (entry.type === 'tree') {
    const entries = await readTree(directory, entry.sha, { isRecursive: false });
    return ok(entries.map((inner) => json(inner, `${path}/${inner.path}`)));
  }
  if (entry.type === 'commit') return ok({ ...json(entry, path), submodule_git_url: null });
  const content = await readBlob(directory, entry.sha);
  if (/\braw\b/.test(accept)) {
    return { status: 200, text: { contentType: 'application/vnd.github.raw; charset=utf-8', data: content } };
  }
  if (entry.mode === '120000') return ok({ ...json(entry, path), target: content.toString() });
  // Over 1 MB the API says that there is a file, and not what is in it.
  const isLarge = content.length > 1_000_000;
  return ok({
    ...json(entry, path),
    content: isLarge ? '' : base64Lines(content),
    encoding: isLarge ? 'none' : 'base64',
  });
}

function entryJson(world: World, repository: Repository, entry: TreeEntry, ref: string) {
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  const self = `${repositoryApiUrl(world, repository)}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${repositoryApiUrl(world, repository)}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`;
  const html = `${repositoryHtmlUrl(world, repository)}/${entry.type === 'tree' ? 'tree' : 'blob'}/${ref}/${path}`;
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'blob' ? `${repositoryHtmlUrl(world, repository)}/raw/${ref}/${path}` : null,
    type: entryType(entry),
    _links: { self, git, html },
  };
}

function entryType({ mode, type }: TreeEntry): string {
  if (mode === '120000') return 'symlink';
  if (type === 'tree') return 'dir';
  return type === 'commit' ? 'submodule' : 'file';
}

interface WantedFile {
  readonly message: string;
  readonly content?: string;
  readonly sha?: string;
  readonly branch?: string;
  readonly author?: { readonly name: string; readonly email: string; readonly date?: string };
  readonly committer?: { readonly name: string; readonly email: string; readonly date?: string };
}

async function changeFile(exchange: RepositoryExchange, what: 'write' | 'delete'): Promise<Answer> {
  const { world, repository, params, actor } = exchange;
  const { directory } = repository;
  const wanted = exchange.body as unknown as WantedFile;
  const path = params['path'] ?? '';
  const branch = wanted.branch ?? repository.defaultBranch;
  const head = await readBranch(directory, branch);
  if (head === undefined) throw notFound();
  const [existing] = await readTree(directory, head, { isRecursive: false, path });
  checkExpected(path, existing, wanted.sha, what);
  const blob = what === 'delete' ? undefined : await writeBlob(directory, Buffer.from(wanted.content ?? '', 'base64'));
  const change: TreeChange = { path, mode: existing?.mode === '100755' ? '100755' : '100644', sha: blob };
  const tree = await writeTree(directory, head, [change]).catch(malformedPath);
  const author = signature(world, actor, wanted.author ?? wanted.committer);
  const sha = await makeCommit(repository, {
    tree,
    parents: [head],
    message: wanted.message,
    author,
    committer: wanted.committer === undefined ? author : signature(world, actor, wanted.committer),
    isSigned: wanted.author === undefined && wanted.committer === undefined,
  });
  await checkWorkflows(actor, repository, head, sha);
  await moveRef(world, repository, { ref: `refs/heads/${branch}`, before: head, after: sha }, accountOf(actor));
  const [entry] = await readTree(directory, sha, { isRecursive: false, path });
  const body = {
    content: entry === undefined ? null : entryJson(world, repository, entry, branch),
    commit: gitCommitJson(world, repository, await readCommit(directory, sha)),
  };
  return existing === undefined ? created(body) : ok(body);
}

function checkExpected(
  path: string,
  existing: TreeEntry | undefined,
  sha: string | undefined,
  what: 'write' | 'delete',
): void {
  if (existing === undefined) {
    if (what === 'delete') throw notFound();
    if (sha !== undefined) throw conflict(`${path} does not match ${sha}`);
    return;
  }
  if (existing.type !== 'blob') throw unprocessable(`${path} is a directory`);
  if (sha === undefined) throw unprocessable(`Invalid request.\n\n"sha" wasn't supplied.`);
  if (!/^[0-9a-f]{40}$/.test(sha)) throw validationFailed({ resource: 'Contents', field: 'sha', code: 'invalid' });
  if (sha !== existing.sha) throw conflict(`${path} does not match ${sha}`);
}

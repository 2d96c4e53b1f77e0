import { type Commit, readCommit, resolveCommit, writeCommit } from '../git/commits.ts';
import { runGit, tryGit } from '../git/run-git.ts';
import {
  MalformedPathError,
  type TreeChange,
  type TreeEntry,
  type TreeMode,
  readBlob,
  readTree,
  writeBlob,
  writeTree,
} from '../git/trees.ts';
import { onRepository } from '../http/access.ts';
import { type Answer, ApiError, created, notFound, ok, unprocessable } from '../http/answer.ts';
import { type Actor, type RepositoryExchange, type Route, accountOf } from '../http/exchange.ts';
import { emailOf, gitCommitJson } from '../json/commits.ts';
import { repositoryApiUrl } from '../json/repository.ts';
import type { Repository, World } from '../state/world.ts';

export const gitDataRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', 'contents:read', async (exchange) => {
    const { world, repository, params } = exchange;
    const sha = await objectOf(repository, params['file_sha'] ?? '', 'blob');
    const content = await readBlob(repository.directory, sha);
    if (exchange.accept.includes('raw')) {
      return { status: 200, text: { contentType: 'application/octet-stream', data: content } };
    }
    return ok({
      ...objectNames(world, repository, 'blobs', sha),
      size: content.length,
      content: base64Lines(content),
      encoding: 'base64',
    });
  }),
  onRepository('POST /repos/{owner}/{repo}/git/blobs', 'contents:write', async ({ world, repository, body }) => {
    const { content, encoding } = body as { readonly content: string; readonly encoding?: string };
    const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
    const sha = await writeBlob(repository.directory, bytes);
    return created({ sha, url: `${repositoryApiUrl(world, repository)}/git/blobs/${sha}` });
  }),
  onRepository('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', 'contents:read', async (exchange) => {
    const { world, repository, params, query } = exchange;
    const sha = await objectOf(repository, params['tree_sha'] ?? '', 'tree');
    const entries = await readTree(repository.directory, sha, { isRecursive: query.has('recursive') });
    return ok(treeJson(world, repository, sha, entries));
  }),
  onRepository('POST /repos/{owner}/{repo}/git/trees', 'contents:write', postTree),
  onRepository('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', 'contents:read', async (exchange) => {
    const { world, repository, params } = exchange;
    const sha = await objectOf(repository, params['commit_sha'] ?? '', 'commit');
    return ok(gitCommitJson(world, repository, await readCommit(repository.directory, sha)));
  }),
  onRepository('POST /repos/{owner}/{repo}/git/commits', 'contents:write', postCommit),
];

async function objectOf(repository: Repository, name: string, type: 'blob' | 'tree' | 'commit'): Promise<string> {
  if (name.startsWith('-')) throw notFound();
  const sha = await tryGit(repository.directory, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${name}^{${type}}`,
  ]);
  if (sha === undefined) throw notFound();
  return sha;
}

function objectNames(world: World, repository: Repository, kind: string, sha: string) {
  return { sha, node_id: `O_${sha}`, url: `${repositoryApiUrl(world, repository)}/git/${kind}/${sha}` };
}

/** Base64 in lines of sixty characters, as GitHub wraps it. */
export function base64Lines(content: Buffer): string {
  return content.toString('base64').replaceAll(/.{1,60}/g, '$&\n');
}

function treeJson(world: World, repository: Repository, sha: string, entries: readonly TreeEntry[]) {
  const api = `${repositoryApiUrl(world, repository)}/git`;
  return {
    sha,
    url: `${api}/trees/${sha}`,
    tree: entries.map((entry) => ({
      path: entry.path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.sha,
      ...(entry.size === undefined ? {} : { size: entry.size }),
      ...(entry.type === 'commit' ? {} : { url: `${api}/${entry.type}s/${entry.sha}` }),
    })),
    truncated: false,
  };
}

interface WantedEntry {
  readonly path?: string;
  readonly mode?: TreeMode;
  readonly sha?: string | null;
  readonly content?: string;
}

async function postTree({ world, repository, body }: RepositoryExchange): Promise<Answer> {
  const wanted = body as { readonly tree: readonly WantedEntry[]; readonly base_tree?: string };
  const { directory } = repository;
  const base =
    wanted.base_tree === undefined
      ? undefined
      : await tryGit(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${wanted.base_tree}^{tree}`]);
  if (wanted.base_tree !== undefined && base === undefined) throw unprocessable('base_tree is not a valid tree oid');
  const changes: TreeChange[] = [];
  for (const { path = '', mode = '100644', sha, content } of wanted.tree) {
    if (content !== undefined) changes.push({ path, mode, sha: await writeBlob(directory, content) });
    else if (sha === undefined) throw unprocessable('Must supply either tree.sha or tree.content.');
    else changes.push({ path, mode, sha: sha === null ? undefined : await knownObject(repository, sha) });
  }
  const tree = await writeTree(directory, base, changes).catch(malformedPath);
  const entries = await readTree(directory, tree, { isRecursive: false });
  return created(treeJson(world, repository, tree, entries));
}

async function knownObject({ directory }: Repository, sha: string): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(sha) && (await tryGit(directory, ['cat-file', '-e', sha])) !== undefined) return sha;
  throw unprocessable(`tree.sha ${sha} is not a valid blob`);
}

/** For `catch`: says what GitHub says of paths out of the tree and into `.git`. */
export function malformedPath(error: unknown): never {
  if (error instanceof MalformedPathError) throw unprocessable('tree.path contains a malformed path component');
  throw error;
}

interface WantedPerson {
  readonly name: string;
  readonly email: string;
  readonly date?: string;
}

async function postCommit({ world, repository, actor, body }: RepositoryExchange): Promise<Answer> {
  const wanted = body as {
    readonly message: string;
    readonly tree: string;
    readonly parents?: readonly string[];
    readonly author?: WantedPerson;
    readonly committer?: WantedPerson;
  };
  const { directory } = repository;
  const type = await tryGit(directory, ['cat-file', '-t', wanted.tree]);
  if (type !== 'tree') throw unprocessable('Tree SHA does not exist');
  for (const parent of wanted.parents ?? []) {
    if ((await resolveCommit(directory, parent)) !== parent) {
      throw unprocessable('Parent SHA does not exist or is not a commit object');
    }
  }
  const author = signature(world, actor, wanted.author);
  const sha = await makeCommit(repository, {
    tree: wanted.tree,
    parents: wanted.parents ?? [],
    message: wanted.message,
    author,
    committer: wanted.committer === undefined ? author : signature(world, actor, wanted.committer),
    isSigned: actor.kind === 'installation' && wanted.author === undefined && wanted.committer === undefined,
  });
  return created(gitCommitJson(world, repository, await readCommit(directory, sha)));
}

/** Who signs a commit: whom the request names, else who asks, now. */
export function signature(world: World, actor: Actor, wanted?: WantedPerson): Commit['author'] {
  const account = accountOf(actor);
  return {
    name: wanted?.name ?? account.login,
    email: wanted?.email ?? emailOf(account),
    at: wanted?.date === undefined ? world.clock() : Date.parse(wanted.date),
  };
}

/** A commit made by the server itself; one that it signs shows as verified. */
export async function makeCommit(
  repository: Repository,
  { isSigned, ...commit }: Omit<Commit, 'sha'> & { readonly isSigned: boolean },
): Promise<string> {
  const sha = await writeCommit(repository.directory, commit);
  if (isSigned) repository.verifiedCommits.add(sha);
  return sha;
}

/** Throws 403 when an App without the permission `workflows` would change a workflow of GitHub Actions. */
export async function checkWorkflows(
  actor: Actor,
  repository: Repository,
  before: string | undefined,
  after: string,
): Promise<void> {
  if (actor.kind !== 'installation' || actor.token.permissions['workflows'] === 'write') return;
  const range = before === undefined ? [after] : [before, after];
  const list = before === undefined ? ['ls-tree', '-r', '--name-only', ...range] : ['diff', '--name-only', ...range];
  const [workflow] = (await runGit(repository.directory, [...list, '--', '.github/workflows'])).split('\n');
  if (workflow === undefined || workflow === '') return;
  throw new ApiError(
    403,
    `refusing to allow a GitHub App to create or update workflow \`${workflow}\` without \`workflows\` permission`,
  );
}

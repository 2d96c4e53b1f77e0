import { isAncestor } from '../git/commits.ts';
import { isRefName, noCommit, readRef, readRefs, updateRef } from '../git/refs.ts';
import { tryGit } from '../git/run-git.ts';
import { onRepository } from '../http/access.ts';
import { type Answer, created, noContent, notFound, ok, unprocessable } from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { refJson } from '../json/commits.ts';
import type { Account, Repository, World } from '../state/world.ts';
import { checkWorkflows } from './git-data.ts';

export const refRoutes: readonly Route[] = [
  onRepository('GET /repos/{owner}/{repo}/git/ref/{ref}', 'contents:read', async ({ world, repository, params }) => {
    const ref = await readRef(repository.directory, `refs/${params['ref']}`);
    if (ref === undefined) throw notFound();
    return ok(refJson(world, repository, ref));
  }),
  onRepository('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', 'contents:read', async (exchange) => {
    const { world, repository, params } = exchange;
    const refs = await readRefs(repository.directory, `refs/${params['ref']}`);
    return pageOf(exchange, refs, { toJson: (ref) => refJson(world, repository, ref) });
  }),
  onRepository('POST /repos/{owner}/{repo}/git/refs', 'contents:write', createRef),
  onRepository('PATCH /repos/{owner}/{repo}/git/refs/{ref}', 'contents:write', changeRef),
  onRepository('DELETE /repos/{owner}/{repo}/git/refs/{ref}', 'contents:write', async (exchange) => {
    const { world, repository, params, actor } = exchange;
    const name = `refs/${params['ref']}`;
    const ref = await readRef(repository.directory, name);
    if (ref === undefined) throw unprocessable('Reference does not exist');
    if (name === `refs/heads/${repository.defaultBranch}`) throw unprocessable('Cannot delete the default branch');
    await moveRef(world, repository, { ref: name, before: ref.sha, after: noCommit }, accountOf(actor));
    return noContent;
  }),
];

/** Moves a reference and tells everybody who watches it. */
export async function moveRef(
  world: World,
  repository: Repository,
  move: { readonly ref: string; readonly before: string; readonly after: string },
  sender: Account,
): Promise<void> {
  await updateRef(repository.directory, move.ref, move.after, move.before);
  await world.refsMoved(repository, [move], sender);
}

async function createRef({ world, repository, actor, body }: RepositoryExchange): Promise<Answer> {
  const { ref, sha } = body as { readonly ref: string; readonly sha: string };
  if (!/^refs\/[^/]+\/./.test(ref) || !(await isRefName(repository.directory, ref))) {
    throw unprocessable(`Reference name must start with 'refs/' and contain at least two slashes.`);
  }
  const type = await objectType(repository, sha);
  if ((await readRef(repository.directory, ref)) !== undefined) throw unprocessable('Reference already exists');
  const others = await readRefs(repository.directory, 'refs/');
  if (others.some(({ name }) => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`))) {
    throw unprocessable('Reference update failed');
  }
  await moveRef(world, repository, { ref, before: noCommit, after: sha }, accountOf(actor));
  return created(refJson(world, repository, { name: ref, sha, type }));
}

async function changeRef({ world, repository, actor, params, body }: RepositoryExchange): Promise<Answer> {
  const { sha, force } = body as { readonly sha: string; readonly force?: boolean };
  const name = `refs/${params['ref']}`;
  const ref = await readRef(repository.directory, name);
  if (ref === undefined) throw unprocessable('Reference does not exist');
  const type = await objectType(repository, sha);
  if (force !== true && !(await isAncestor(repository.directory, ref.sha, sha))) {
    throw unprocessable('Update is not a fast forward');
  }
  await checkWorkflows(actor, repository, ref.sha, sha);
  if (ref.sha !== sha) {
    await moveRef(world, repository, { ref: name, before: ref.sha, after: sha }, accountOf(actor));
  }
  return ok(refJson(world, repository, { name, sha, type }));
}

async function objectType(repository: Repository, sha: string): Promise<string> {
  const type = /^[0-9a-f]{40}$/.test(sha) ? await tryGit(repository.directory, ['cat-file', '-t', sha]) : undefined;
  if (type === undefined) throw unprocessable('Object does not exist');
  return type;
}

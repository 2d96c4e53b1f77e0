import type { Proposal } from '../../../domain/index.ts';
import type { RenderedPullRequest } from '../../context.ts';
import { readDecisions, withDecisions } from '../../decisions.ts';
import { proseText } from '../../escape.ts';
import { hiddenMarker, withTailMarker } from '../../marker.ts';
import { noCommit, moveBranches } from './branches.ts';
import type { OwnPull } from './own-pulls.ts';
import { type CloseReason, stateData } from './pull-state.ts';
import { type GitHubRepository, address, once, statusOf } from './repository.ts';

/** A longer title is refused. */
const titleLengthMax = 256;

/** The body with what the next scan reads back. */
export function bodyWithState(
  rendered: RenderedPullRequest,
  { head, proposal, decisions }: { readonly head: string; readonly proposal: Proposal } & Pick<OwnPull, 'decisions'>,
): string {
  const state = stateData({ head, saving: proposal.saving.likely, closed: undefined });
  return withDecisions(withTailMarker('state', rendered.body, state), decisions);
}

export interface OpenedPull {
  readonly number: number;
  readonly url: string;
  readonly labels: readonly string[];
}

/** Opens a pull request; one that is already open for the branch, as when an answer was lost, is taken for it. */
export async function openPull(
  repository: GitHubRepository,
  wanted: {
    readonly title: string;
    readonly branch: string;
    readonly base: string;
    readonly body: string;
    readonly isDraft: boolean;
  },
): Promise<OpenedPull> {
  const { pulls } = repository.octokit.rest;
  const { title, branch: head, base, body, isDraft: draft } = wanted;
  try {
    const { data } = await pulls.create({
      ...address(repository),
      title: title.slice(0, titleLengthMax),
      head,
      base,
      body,
      draft,
    });
    return { number: data.number, url: data.html_url, labels: [] };
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
    const { data } = await pulls.list({ ...address(repository), head: `${repository.owner}:${head}`, state: 'open' });
    const open = data.find(({ user }) => user?.login === repository.login);
    if (open === undefined) throw error;
    return { number: open.number, url: open.html_url, labels: open.labels.map(({ name }) => name) };
  }
}

/** Gives a pull request its text, when it has another one. What a person decided since it was read stays. */
export async function updatePull(
  repository: GitHubRepository,
  pull: OwnPull,
  wanted: { readonly title: string; readonly body: string },
): Promise<void> {
  const title = wanted.title.slice(0, titleLengthMax);
  const plain = (body: string): string => body.replaceAll('\r\n', '\n').trimEnd();
  if (pull.title === title && plain(pull.body) === plain(wanted.body)) return;
  const { pulls } = repository.octokit.rest;
  const body = withDecisions(wanted.body, readDecisions(await currentBody(repository, pull)));
  await pulls.update({ ...address(repository), pull_number: pull.number, title, body });
}

/**
 * Says why, closes, and removes the branch if it still is what Flyball made. Done again after a failure, it does only
 * what is left.
 */
export async function closePull(
  repository: GitHubRepository,
  repositoryId: string,
  closing: {
    readonly pull: OwnPull;
    readonly reason: CloseReason;
    readonly detail: string;
  },
): Promise<void> {
  const { pull, reason, detail } = closing;
  const { octokit } = repository;
  await commentOnce(repository, pull.number, {
    text: `${proseText(detail)}.`,
    marker: hiddenMarker('closed', { reason, head: pull.head }),
  });
  const saving = pull.state.savingMicros;
  const state = { head: pull.head, savingMicros: saving === undefined ? undefined : String(saving), closed: reason };
  const body = withTailMarker('state', await currentBody(repository, pull), state);
  await octokit.rest.pulls.update({ ...address(repository), pull_number: pull.number, body, state: 'closed' });
  await moveBranches(repository, repositoryId, [{ branch: pull.branch, from: pull.head, to: noCommit }]);
}

async function currentBody(repository: GitHubRepository, { number }: OwnPull): Promise<string> {
  const { data } = await repository.octokit.rest.pulls.get({ ...address(repository), pull_number: number });
  return data.body ?? '';
}

async function commentOnce(
  repository: GitHubRepository,
  number: number,
  { text, marker }: { readonly text: string; readonly marker: string },
): Promise<void> {
  const { octokit, login } = repository;
  const query = { ...address(repository), issue_number: number, per_page: 100 };
  const comments = await octokit.paginate(octokit.rest.issues.listComments, query);
  const isThere = comments.some(({ user, body }) => user?.login === login && body?.trimEnd().endsWith(marker) === true);
  if (isThere) return;
  const body = `${text}\n\n${marker}\n`;
  await octokit.rest.issues.createComment({ ...address(repository), issue_number: number, body, ...once });
}

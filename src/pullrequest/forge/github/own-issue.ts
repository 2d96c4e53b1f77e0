import { type MarkerName, hiddenMarker, readTailMarker, splitTail } from '../../marker.ts';
import { type GitHubRepository, address, onGitHub, once } from './repository.ts';

/** An issue that a scan keeps up to date, of which there is one a repository. */
export interface WantedIssue {
  /** What it is found by, with {@link GitHubRepository.login} as its author. */
  readonly marker: MarkerName;
  readonly title: string;
  /** Without the marker; undefined when there is nothing to tell. */
  readonly text: string | undefined;
  /** When the scan was: what a later one wrote is left as it is. */
  readonly asOf: number;
  readonly commit: string;
  /** What happens to a closed issue when there is something to tell. */
  readonly whenClosed: 'reopen' | 'leave';
}

export interface KeptIssue {
  readonly kind: 'created' | 'updated' | 'unchanged' | 'closed' | 'left-closed' | 'newer' | 'none';
  readonly number: number | undefined;
}

/**
 * Creates, updates, opens again or closes the issue. An issue that already says the same is not written to.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function keepIssue(repository: GitHubRepository, wanted: WantedIssue): Promise<KeptIssue> {
  return onGitHub(repository, async () => {
    const { issues } = repository.octokit.rest;
    const found = await findIssue(repository, wanted.marker);
    const { title, text } = wanted;
    if (found === undefined) {
      if (text === undefined) return { kind: 'none', number: undefined };
      const { data } = await issues.create({ ...address(repository), title, body: bodyOf(wanted, text), ...once });
      return { kind: 'created', number: data.number };
    }
    const { number } = found;
    const at = { ...address(repository), issue_number: number };
    if (found.asOf > wanted.asOf) return { kind: 'newer', number };
    if (text === undefined) {
      if (!found.isOpen) return { kind: 'none', number };
      await issues.update({ ...at, state: 'closed', state_reason: 'completed' });
      return { kind: 'closed', number };
    }
    if (!found.isOpen && wanted.whenClosed === 'leave') return { kind: 'left-closed', number };
    if (found.isOpen && found.text === text.trimEnd() && found.title === title) return { kind: 'unchanged', number };
    await issues.update({ ...at, title, body: bodyOf(wanted, text), state: 'open' });
    return { kind: 'updated', number };
  });
}

function bodyOf({ marker, asOf, commit }: WantedIssue, text: string): string {
  return `${text.trimEnd()}\n\n${hiddenMarker(marker, { asOf, commit })}\n`;
}

async function findIssue(repository: GitHubRepository, marker: MarkerName) {
  const { octokit, login } = repository;
  const query = { ...address(repository), creator: login, state: 'all', per_page: 100 } as const;
  for await (const { data } of octokit.paginate.iterator(octokit.rest.issues.listForRepo, query)) {
    for (const { number, title, state, body, user, pull_request: pull } of data) {
      if (user?.login !== login || pull !== undefined) continue;
      const known = readTailMarker(marker, body ?? '');
      if (typeof known !== 'object' || known === null) continue;
      const asOf = 'asOf' in known && typeof known.asOf === 'number' ? known.asOf : 0;
      return { number, title, isOpen: state === 'open', text: splitTail(body ?? '').text, asOf };
    }
  }
  return undefined;
}

/** The number and the text of an open issue that the App keeps; undefined where there is none. */
export async function readOwnIssue(
  repository: GitHubRepository,
  marker: MarkerName,
): Promise<{ readonly number: number; readonly text: string } | undefined> {
  return onGitHub(repository, async () => {
    const found = await findIssue(repository, marker);
    return found?.isOpen === true ? { number: found.number, text: found.text } : undefined;
  });
}

import { address, once, readTailMarker, type GitHubRepository } from '../../pullrequest/index.ts';
import type { CheckReport } from '../check-report.ts';
import { renderCheckComment, type CheckMarker } from '../render-comment.ts';

/** The one comment of checks below a pull request. */
export interface KnownComment {
  readonly id: number;
  readonly body: string;
  readonly marker: CheckMarker;
}

export async function findCheckComment(repository: GitHubRepository, pull: number): Promise<KnownComment | undefined> {
  const { octokit, login } = repository;
  const query = { ...address(repository), issue_number: pull, per_page: 100 } as const;
  for await (const { data } of octokit.paginate.iterator(octokit.rest.issues.listComments, query)) {
    for (const { id, body = '', user } of data) {
      if (user?.login !== login) continue;
      const marker = readMarker(body);
      if (marker !== undefined) return { id, body, marker };
    }
  }
  return undefined;
}

/** Writes the comment, or brings it up to date. Where nothing was said before, what is too small to speak of stays unsaid. */
export async function keepCheckComment(
  repository: GitHubRepository,
  wanted: {
    readonly pull: number;
    readonly report: CheckReport;
    readonly known: KnownComment | undefined;
    readonly asked: readonly string[];
  },
): Promise<'created' | 'updated' | 'unchanged' | 'none'> {
  const { pull, report, known, asked } = wanted;
  const { issues } = repository.octokit.rest;
  const body = renderCheckComment(report, asked);
  if (known === undefined) {
    if (report.check.isSilent) return 'none';
    await issues.createComment({ ...address(repository), issue_number: pull, body, ...once });
    return 'created';
  }
  // GitHub may end a body without the last newline.
  if (known.body.trimEnd() === body.trimEnd()) return 'unchanged';
  await issues.updateComment({ ...address(repository), comment_id: known.id, body });
  return 'updated';
}

function readMarker(body: string): CheckMarker | undefined {
  const data = readTailMarker('check', body);
  if (typeof data !== 'object' || data === null || !('head' in data) || typeof data.head !== 'string') return undefined;
  const asOf = 'asOf' in data && typeof data.asOf === 'number' ? data.asOf : 0;
  const asked =
    'asked' in data && Array.isArray(data.asked) ? data.asked.filter((name) => typeof name === 'string') : [];
  return { head: data.head, asOf, asked };
}

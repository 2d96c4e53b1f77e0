import {
  address,
  hiddenMarker,
  once,
  proseText,
  readTailMarker,
  statusOf,
  visibleText,
} from '../../pullrequest/index.ts';
import type { GitHubRepository } from '../../pullrequest/index.ts';
import type { CheaperOption, SuggestedLine } from '../check-report.ts';

/** More remarks than this on one pull request are a nuisance; the comment lists every option. */
const suggestionsMax = 5;

/**
 * Remarks at the lines of a change, with the cheaper line to accept by a click. A suggestion that was made once is not
 * made again, even when somebody deleted nothing but its answer. Returns how many were written.
 */
export async function suggestLines(
  repository: GitHubRepository,
  wanted: { readonly pull: number; readonly headCommit: string; readonly options: readonly CheaperOption[] },
): Promise<number> {
  const { pull, headCommit, options } = wanted;
  const suggested = options.flatMap((option) =>
    option.suggestion !== undefined && isShownAsItIs(option.suggestion.text)
      ? [{ option, suggestion: option.suggestion }]
      : [],
  );
  if (suggested.length === 0) return 0;
  const known = await knownSuggestions(repository, pull);
  const fresh = suggested.filter(({ suggestion }) => !known.has(keyOf(suggestion)));
  let written = 0;
  for (const { option, suggestion } of fresh.slice(0, Math.max(0, suggestionsMax - known.size))) {
    try {
      await repository.octokit.rest.pulls.createReviewComment({
        ...address(repository),
        pull_number: pull,
        commit_id: headCommit,
        path: suggestion.path,
        line: suggestion.line,
        side: 'RIGHT',
        body: bodyOf(option, suggestion),
        ...once,
      });
      written += 1;
    } catch (error) {
      // The line is not in the difference as GitHub draws it; the comment has the option all the same.
      if (statusOf(error) !== 422) throw error;
    }
  }
  return written;
}

/** What a reader cannot see must not be accepted by a click. */
function isShownAsItIs(text: string): boolean {
  return visibleText(text.replaceAll('\t', ' ')) === text.replaceAll('\t', ' ');
}

function bodyOf({ change, reason }: CheaperOption, suggestion: SuggestedLine): string {
  const runs = [...suggestion.text.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return [
    `${proseText(change)}: ${proseText(reason)}.`,
    '',
    `${fence}suggestion`,
    suggestion.text,
    fence,
    '',
    hiddenMarker('suggestion', suggestion),
    '',
  ].join('\n');
}

async function knownSuggestions(repository: GitHubRepository, pull: number): Promise<ReadonlySet<string>> {
  const { octokit, login } = repository;
  const found = new Set<string>();
  const query = { ...address(repository), pull_number: pull, per_page: 100 } as const;
  for await (const { data } of octokit.paginate.iterator(octokit.rest.pulls.listReviewComments, query)) {
    for (const { body, user } of data) {
      if (user?.login !== login) continue;
      const marker = readTailMarker('suggestion', body);
      if (typeof marker !== 'object' || marker === null || !('path' in marker) || !('text' in marker)) continue;
      found.add(keyOf({ path: String(marker.path), text: String(marker.text) }));
    }
  }
  return found;
}

/** Lines move; what is suggested stays the same. */
function keyOf({ path, text }: Pick<SuggestedLine, 'path' | 'text'>): string {
  return JSON.stringify([path, text]);
}

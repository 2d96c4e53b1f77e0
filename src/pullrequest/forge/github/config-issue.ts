import { type EpochMs, type Problem, compareProblems, formatPlace } from '../../../domain/index.ts';
import { clipText, codeSpan, fencedBlock, proseText } from '../../escape.ts';
import { type KeptIssue, keepIssue } from './own-issue.ts';
import type { GitHubRepository } from './repository.ts';

const problemsMax = 40;
const textLengthMax = 400;

/**
 * Keeps the one issue that tells what is wrong in a repository's configuration and policies, and how to correct it. It
 * is closed when nothing is.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function keepConfigIssue(
  repository: GitHubRepository,
  scan: { readonly problems: readonly Problem[]; readonly asOf: EpochMs; readonly commit: string },
): Promise<KeptIssue> {
  const { problems, asOf, commit } = scan;
  return keepIssue(repository, {
    marker: 'problems',
    title: 'Flyball: the configuration needs a correction',
    text: problems.length === 0 ? undefined : configIssueText(problems),
    asOf,
    commit,
    whenClosed: 'reopen',
  });
}

/** GitHub Markdown, below 65,536 characters. */
export function configIssueText(problems: readonly Problem[]): string {
  const sorted = problems.toSorted(compareProblems);
  const shown = sorted.slice(0, problemsMax).map(problemBlock);
  const omitted = sorted.length - shown.length;
  return [
    'What is wrong in the configuration or the policies of this repository. The issue is closed when it is corrected.',
    ...shown,
    ...(omitted === 0 ? [] : [`And ${omitted} more.`]),
  ].join('\n\n');
}

function problemBlock({ code, severity, place, message, remedy, excerpt }: Problem): string {
  const where = formatPlace(place).replace(/: $/, '');
  const heading = `### ${code} (${severity})${where === '' ? '' : ` ${codeSpan(clipText(where, textLengthMax))}`}`;
  const source = excerpt === undefined ? [] : [fencedBlock('text', clipText(excerpt, textLengthMax))];
  const texts = [message, remedy].map((text) => proseText(clipText(text, textLengthMax)));
  return [heading, ...texts.slice(0, 1), ...source, ...texts.slice(1)].join('\n\n');
}

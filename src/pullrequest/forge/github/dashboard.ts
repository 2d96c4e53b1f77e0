import { type EpochMs, type HeldBack, type Problem, formatMoney, formatPlace } from '../../../domain/index.ts';
import { plainWorkloadName } from '../../describe.ts';
import { clipText, codeSpan, proseText } from '../../escape.ts';
import { type BoxAction, emptyBox } from './checked-boxes.ts';
import type { PullOutcome } from './outcome.ts';
import { type KeptIssue, keepIssue } from './own-issue.ts';
import type { GitHubRepository } from './repository.ts';

/** What the dashboard tells of one scan. */
export interface DashboardContent {
  readonly outcomes: readonly PullOutcome[];
  readonly heldBack: readonly HeldBack[];
  readonly problems: readonly Problem[];
  readonly asOf: EpochMs;
  readonly commit: string;
}

/** GitHub refuses a body above 65,536 characters; the marker and the counts need room. */
const textLengthMax = 60_000;
const detailLengthMax = 300;

interface Section {
  readonly title: string;
  readonly outcomes: readonly PullOutcome['outcome'][];
  readonly box: BoxAction | undefined;
}

const sections: readonly Section[] = [
  { title: 'Open', outcomes: ['created', 'unchanged', 'updated', 'newer'], box: 'rebase' },
  { title: 'Left alone', outcomes: ['edited', 'held', 'paused'], box: undefined },
  { title: 'Over the limit', outcomes: ['limited'], box: 'open-now' },
  { title: 'Snoozed, ignored or declined', outcomes: ['snoozed', 'ignored', 'declined'], box: 'reopen' },
  { title: 'Cannot be made', outcomes: ['refused'], box: undefined },
];

const boxWords: Readonly<Record<BoxAction, string>> = {
  rebase: 'make it anew',
  reopen: 'propose it again',
  'open-now': 'open it now',
};

/**
 * Keeps the one issue that lists everything. An issue that a person closed stays closed.
 * @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function keepDashboard(repository: GitHubRepository, content: DashboardContent): Promise<KeptIssue> {
  return keepIssue(repository, {
    marker: 'dashboard',
    title: 'Flyball dashboard',
    text: dashboardText(content),
    asOf: content.asOf,
    commit: content.commit,
    whenClosed: 'leave',
  });
}

/** GitHub Markdown; lists that are too long end with how many lines are left out. */
export function dashboardText({ outcomes, heldBack, problems }: DashboardContent): string {
  const blocks = [
    ...sections.map(({ title, outcomes: kinds, box }) => ({
      title,
      lines: outcomes.filter(({ outcome }) => kinds.includes(outcome)).map((one) => outcomeLine(one, box)),
    })),
    { title: 'Held back', lines: heldBack.map(heldBackLine) },
    { title: 'Problems', lines: problems.map(problemLine) },
  ].filter(({ lines }) => lines.length > 0);
  const intro = 'What Flyball proposes in this repository, and what it does not and why. A checked box is acted on.';
  const parts = [intro, `${emptyBox('rescan')}Scan again now`];
  let left = textLengthMax - parts.join('\n\n').length;
  for (const { title, lines } of blocks) {
    const shown: string[] = [];
    // Every list gets its share, so that a long one does not hide the problems below it.
    let share = Math.floor(left / (blocks.length - blocks.findIndex((block) => block.title === title)));
    for (const line of lines) {
      share -= line.length + 1;
      if (share < 200) break;
      shown.push(line);
    }
    const omitted = lines.length - shown.length;
    const more = omitted === 0 ? '' : `\n- and ${omitted} more`;
    const block = `### ${title} (${lines.length})\n\n${shown.join('\n')}${more}`;
    left -= block.length + 2;
    parts.push(block);
  }
  if (blocks.length === 0) parts.push('Nothing is proposed, and nothing is wrong.');
  return parts.join('\n\n');
}

function outcomeLine({ proposal, branch, pull, detail }: PullOutcome, box: BoxAction | undefined): string {
  const start = box === undefined ? '- ' : emptyBox({ action: box, branch });
  const number = pull === undefined ? '' : `#${pull.number} `;
  const saving = `likely ${formatMoney(proposal.saving.likely)} a month`;
  const workload = codeSpan(clipText(plainWorkloadName(proposal.workload), detailLengthMax));
  const why = detail === undefined ? '' : `: ${proseText(clipText(detail, detailLengthMax))}`;
  const asks = box === undefined ? '' : ` (check to ${boxWords[box]})`;
  return `${start}${number}${workload} ${proposal.action}, ${saving}${why}${asks}`;
}

function heldBackLine({ workload, change, reason, detail }: HeldBack): string {
  const name = codeSpan(clipText(plainWorkloadName(workload), detailLengthMax));
  const what = proseText(clipText(change, detailLengthMax));
  return `- ${name} ${what}: ${reason}, ${proseText(clipText(detail, detailLengthMax))}`;
}

function problemLine({ code, place, message }: Problem): string {
  const where = formatPlace(place).replace(/: $/, '');
  const at = where === '' ? '' : `${codeSpan(clipText(where, detailLengthMax))} `;
  return `- ${code} ${at}${proseText(clipText(message, detailLengthMax))}`;
}

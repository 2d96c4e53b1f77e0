import { clipText, codeSpan, markdownTable, proseText } from '../pullrequest/index.ts';
import { commandHelp, type Command } from './command.ts';
import type { CommandFacts } from './facts.ts';

/** What was said to one line of a comment. */
export interface LineAnswer {
  /** The line as it was written. */
  readonly quoted: string;
  readonly isDone: boolean;
  /** Markdown. */
  readonly text: string;
}

const textCharactersMax = 1_500;

/** The answer to a command that only asks; undefined for the others. */
export function answerQuestion(
  command: Command,
  facts: CommandFacts,
  branch: string | undefined,
): { readonly isDone: boolean; readonly text: string } | undefined {
  const tell = (lines: readonly string[] | undefined): { readonly isDone: boolean; readonly text: string } =>
    lines === undefined || lines.length === 0
      ? { isDone: false, text: 'The last scan knows nothing of it.' }
      : { isDone: true, text: lines.map((line) => `- ${proseText(clipText(line, textCharactersMax))}`).join('\n') };
  switch (command.name) {
    case 'help':
      return {
        isDone: true,
        text: markdownTable(
          ['Command', 'What it does'],
          commandHelp.map(({ usage, does }) => [codeSpan(`/flyball ${usage}`), proseText(does)]),
        ),
      };
    case 'status':
      return tell([facts.status]);
    case 'why':
      return tell(facts.why(command.workload));
    case 'explain':
      return tell(branch === undefined ? undefined : facts.explain(branch));
    case 'cost': {
      const cost = branch === undefined ? undefined : facts.cost(branch);
      return tell(cost === undefined ? undefined : [cost]);
    }
    case 'budget':
    case 'replay':
    case 'undo':
      return { isDone: false, text: 'This version does not carry it out yet.' };
    case 'feedback':
    case 'hold':
    case 'ignore':
    case 'pause':
    case 'rebase':
    case 'recreate':
    case 'rescan':
    case 'resume':
    case 'set':
    case 'snooze':
    case 'unhold':
    case 'unignore':
    case 'waive':
      return undefined;
  }
}

/** One comment for all lines of another; GitHub Markdown below its limit. */
export function replyText(by: string, answers: readonly LineAnswer[], leftOut: number): string {
  const blocks = answers.map(({ quoted, text }) => `${codeSpan(clipText(quoted, 200))}\n\n${text}`);
  const more =
    leftOut === 0 ? [] : [`${leftOut} more commands of the comment were left out: ten are carried out at most.`];
  return [`To ${codeSpan(by)}:`, ...blocks, ...more].join('\n\n');
}

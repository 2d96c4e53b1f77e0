import { visibleText } from '../pullrequest/index.ts';

/** The commands that show a proposal's branch and merge it, for a POSIX shell in a clone of the repository. */
export function applyCommands(forgeDirectory: string, branch: string): string {
  return [
    `git fetch ${shellWord(forgeDirectory)} ${shellWord(branch)}`,
    'git diff HEAD...FETCH_HEAD',
    'git merge --no-ff FETCH_HEAD',
  ].join('\n');
}

/** One word of a shell command: as it is when plain, else in single quotes. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${visibleText(text).replaceAll("'", String.raw`'\''`)}'`;
}

import { assertObjectId } from './names.ts';
import { GitError, runGit } from './run-git.ts';

/** Lines of a file, from 1, both ends included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** Lines around a change that forges show with it, and take remarks on. */
const contextLines = 3;

/** The lines of one file of the second commit that a diff between two commits shows; all of them where it is new. */
export async function changedLines(
  gitDirectory: string,
  of: { readonly from: string; readonly to: string; readonly path: string },
): Promise<readonly LineRange[]> {
  assertObjectId(of.from);
  assertObjectId(of.to);
  const diff = await runGit({
    gitDirectory,
    verb: 'diff-tree',
    args: [
      '-r',
      '-p',
      `--unified=${contextLines}`,
      '--no-color',
      '--no-ext-diff',
      '--no-textconv',
      '--no-renames',
      of.from,
      of.to,
      '--',
      of.path,
    ],
    environment: { GIT_LITERAL_PATHSPECS: '1' },
  });
  return [...diff.matchAll(/^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/gm)].map(([, start, count]) => ({
    first: Number(start),
    last: Number(start) + Number(count ?? '1') - 1,
  }));
}

/** The commit that two histories have in common, as a forge compares a branch with its base; undefined without one. */
export async function mergeBase(gitDirectory: string, left: string, right: string): Promise<string | undefined> {
  assertObjectId(left);
  assertObjectId(right);
  try {
    return (await runGit({ gitDirectory, verb: 'merge-base', args: [left, right] })).trim();
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

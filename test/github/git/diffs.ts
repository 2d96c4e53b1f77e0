import { runGit, runGitBytes } from './run-git.ts';

/** One file of a comparison, in GitHub's terms. */
export interface ChangedFile {
  readonly path: string;
  readonly previousPath: string | undefined;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** The hunks; undefined for binary files. */
  readonly patch: string | undefined;
}

const statuses = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', T: 'changed' } as const;

/** Text of `git diff`, as GitHub's `application/vnd.github.diff` answers it. */
export async function readDiff(directory: string, base: string, head: string): Promise<string> {
  return (await runGitBytes(directory, ['diff', '--find-renames', base, head, '--'])).toString();
}

export async function changedFiles(directory: string, base: string, head: string): Promise<readonly ChangedFile[]> {
  const range = ['--find-renames', base, head, '--'];
  const [raw, counts, diff] = await Promise.all([
    runGit(directory, ['diff', '--raw', '--no-abbrev', '-z', ...range]),
    runGit(directory, ['diff', '--numstat', '-z', ...range]),
    readDiff(directory, base, head),
  ]);
  const patches = diff.split(/^(?=diff --git )/m).filter(Boolean);
  const numbers = numstat(counts);
  return rawEntries(raw).map((entry, index) => {
    const [additions, deletions] = numbers[index] ?? [0, 0];
    const hunks = patches[index]?.search(/^@@ /m) ?? -1;
    return Object.assign(entry, {
      additions,
      deletions,
      patch: hunks < 0 ? undefined : patches[index]?.slice(hunks).replace(/\n$/, ''),
    });
  });
}

function rawEntries(raw: string): readonly Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'sha'>[] {
  const parts = raw.split('\0');
  const entries: Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'sha'>[] = [];
  for (let at = 0; at < parts.length - 1; ) {
    const [, , before, after, letter] = (parts[at] ?? '').split(' ');
    const status = statuses[(letter?.[0] ?? 'M') as keyof typeof statuses];
    const isRename = status === 'renamed';
    entries.push({
      path: parts[at + (isRename ? 2 : 1)] ?? '',
      previousPath: isRename ? parts[at + 1] : undefined,
      status,
      sha: (status === 'removed' ? before : after) ?? '',
    });
    at += isRename ? 3 : 2;
  }
  return entries;
}

// With -z a rename has an empty path, then both paths as fields of their own.
function numstat(text: string): readonly (readonly [number, number])[] {
  return text
    .split('\0')
    .filter((field) => /^(\d+|-)\t(\d+|-)\t/.test(field))
    .map((field) => {
      const [additions, deletions] = field.split('\t');
      return [Number(additions) || 0, Number(deletions) || 0] as const;
    });
}

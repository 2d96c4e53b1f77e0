import { assert } from '../../domain/index.ts';
import { runGit } from './run-git.ts';

/** Whether a text is a full object id, SHA-1 or SHA-256. */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

export function assertObjectId(text: string): void {
  assert(isObjectId(text), `"${text.slice(0, 80)}" is not a full git object id`);
}

/** Checks a branch name before it becomes an argument: no leading dash, no `..`, no `@{`, and what git itself demands. */
export async function isBranchName(name: string): Promise<boolean> {
  const isPlain = /^(?![-.])[A-Za-z0-9._/+-]{1,200}$/.test(name) && !name.includes('..') && !name.includes('@{');
  if (!isPlain) return false;
  try {
    await runGit({ verb: 'check-ref-format', args: [`refs/heads/${name}`] });
    return true;
  } catch {
    return false;
  }
}

/** The full name of a branch. @throws Error when it is not a branch name. */
export async function branchRef(name: string): Promise<string> {
  assert(await isBranchName(name), `"${name.slice(0, 80)}" is not a branch name`);
  return `refs/heads/${name}`;
}

/** Whether a path may be written into a tree: relative, normal, and outside of anything git treats as its own. */
export function isTreePath(path: string): boolean {
  const segments = path.split('/');
  return (
    path !== '' &&
    path.length <= 4_096 &&
    !/[\p{Cc}\ufffd\\]/u.test(path) &&
    segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..' && !/^\.git$/i.test(segment))
  );
}

import type { WorkloadKey } from '../domain/index.ts';
import type { RepositoryConfig } from './repository-config.ts';

/** The glob by which the repository's owners want a workload left alone; undefined when none does. */
export function findIgnoreGlob(config: RepositoryConfig, workload: WorkloadKey): string | undefined {
  const parts = [workload.cluster, workload.namespace, workload.kind, workload.name];
  return config.ignore.find((glob) => {
    const patterns = glob.split('/');
    return patterns.length === parts.length && patterns.every((pattern, index) => matches(pattern, parts[index] ?? ''));
  });
}

/**
 * Matches `*` (any text) and `?` (one character) without a regular expression: a hostile one would backtrack.
 * O(pattern × text).
 */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let textAt = 0;
  let star = -1;
  let starText = 0;
  while (textAt < text.length) {
    const symbol = pattern[at];
    if (symbol === '*') {
      star = at;
      starText = textAt;
      at += 1;
    } else if (symbol === '?' || symbol === text[textAt]) {
      at += 1;
      textAt += 1;
    } else if (star !== -1) {
      starText += 1;
      textAt = starText;
      at = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

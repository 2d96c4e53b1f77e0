import type { Problem } from '../../src/domain/index.ts';

/** What is wrong with the problems themselves: no text, or a place that is not in the file. Empty when all is well. */
export function misplaced(problems: readonly Problem[], text: string): readonly string[] {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  return problems.flatMap((problem) => {
    const { place, message, remedy } = problem;
    const line = place.kind === 'file' ? (place.line ?? 0) : 0;
    const column = place.kind === 'file' ? (place.column ?? 0) : 0;
    const isInside = line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1;
    return isInside && message !== '' && remedy !== '' ? [] : [JSON.stringify(problem)];
  });
}

/** `line:column` of an offset, a byte order mark not counted. */
export function lineColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).replace(/^\ufeff/, '');
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`;
}

/** `line:column` of a problem. */
export function placeOf(problem: Problem): string {
  return problem.place.kind === 'file' ? `${problem.place.line}:${problem.place.column}` : problem.place.kind;
}

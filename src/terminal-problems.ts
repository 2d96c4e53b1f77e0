import { formatProblem, type Place, type Problem } from './domain/index.ts';
import { visibleText } from './pullrequest/index.ts';
import type { ProgressStream } from './terminal-progress.ts';

/** Writes problems for people; nothing in them can move the cursor, colour the text or forge another line. */
export function writeProblems(problems: readonly Problem[], stream: ProgressStream): void {
  for (const problem of problems) {
    const safe = {
      ...problem,
      place: safePlace(problem.place),
      message: visibleText(problem.message),
      remedy: visibleText(problem.remedy),
    };
    stream.write(`${formatProblem(safe)}\n`);
  }
}

function safePlace(place: Place): Place {
  switch (place.kind) {
    case 'file':
      return { ...place, path: visibleText(place.path) };
    case 'query':
      return { ...place, url: visibleText(place.url), query: visibleText(place.query) };
    case 'workload':
      return { ...place, workload: visibleText(place.workload) };
    case 'none':
      return place;
  }
}

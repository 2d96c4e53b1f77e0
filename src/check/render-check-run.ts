import { clipText, visibleText } from '../pullrequest/index.ts';
import type { CheckConclusion, WorkloadChange } from './change-check.ts';
import type { CheckReport } from './check-report.ts';
import { deltaWords, estimateWords, fieldWords, headline } from './check-words.ts';
import { bodyCharactersMax, renderCheckText } from './render-comment.ts';

/** A remark on one line, as GitHub's check runs take it. */
export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

export interface RenderedCheckRun {
  readonly conclusion: CheckConclusion;
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  /** All of them; a request takes 50. */
  readonly annotations: readonly CheckAnnotation[];
}

const titleCharactersMax = 250;
const messageCharactersMax = 2_000;
/** More remarks than this on one pull request nobody reads. */
const annotationsMax = 500;

/**
 * The report as a check run, neutral where nothing applies. Outsiders learn of no policy, and so of no conclusion that one
 * draws.
 */
export function renderCheckRun(report: CheckReport): RenderedCheckRun {
  const { check, audience } = report;
  const isJudged = audience === 'team' && check.changes.length > 0;
  return {
    conclusion: isJudged ? check.conclusion : 'neutral',
    title: clipText(visibleText(headline(check)), titleCharactersMax),
    summary: renderCheckText(report, bodyCharactersMax - 1),
    annotations: check.isSilent ? [] : check.changes.flatMap(annotation).slice(0, annotationsMax),
  };
}

/** GitHub shows these texts as they are; a removed workload has no line in the head. */
function annotation(change: WorkloadChange): readonly CheckAnnotation[] {
  const { workload, kind, place, after, delta, budgets } = change;
  if (kind === 'removed') return [];
  const exceeded = budgets.filter(({ outcome }) => outcome === 'exceeds');
  const reason = after.kind === 'unknown' ? `: ${after.reason}` : '';
  const lines = [
    `${fieldWords(change)}: ${estimateWords(after)} a month, difference ${deltaWords(delta)}${reason}.`,
    ...exceeded.map(({ policy, summary }) => `Policy ${policy.name}: ${summary}.`),
  ];
  const isMore = delta === undefined || delta.likely.micros > 0n;
  return [
    {
      path: place.path,
      start_line: place.line,
      end_line: place.line,
      annotation_level: exceeded.length > 0 && isMore ? 'warning' : 'notice',
      title: clipText(
        visibleText(`${workload.namespace}/${workload.name}: ${deltaWords(delta)} a month`),
        titleCharactersMax,
      ),
      message: clipText(lines.map(visibleText).join('\n'), messageCharactersMax),
    },
  ];
}

/** Every way in which a user's input can be wrong; each has a heading of the same name in docs/errors.md. */
export const problemCodes = [
  'BILLING_FILE_UNREADABLE',
  'BILLING_FILE_TRUNCATED',
  'BILLING_ROW_INVALID',
  'BILLING_FORMAT_UNKNOWN',
  'BILLING_CURRENCY_MIXED',
  'BILLING_EXPORTS_OVERLAP',
  'BILLING_QUERY_FAILED',
  'PRICES_OLD',
  'RATE_CARD_INVALID',
  'RATE_CARD_MODEL_UNPRICED',
  'METRICS_FILE_UNREADABLE',
  'METRICS_LINE_INVALID',
  'METRICS_FORMAT_UNKNOWN',
  'METRICS_LABELS_MISSING',
  'METRICS_QUERY_FAILED',
  'METRICS_ANSWER_PARTIAL',
  'WORKLOAD_WITHOUT_METRICS',
  'METRICS_WITHOUT_WORKLOAD',
  'CONFIG_UNREADABLE',
  'CONFIG_INVALID',
  'POLICY_INVALID',
  'POLICY_UNQUOTED_HASH',
  'POLICY_SELECTOR_MATCHES_NOTHING',
  'POLICY_THRESHOLDS_CONTRADICT',
  'POLICIES_CONFLICT',
  'MANIFEST_UNREADABLE',
  'MANIFEST_PATH_ESCAPES',
  'MANIFEST_REFERENCE_MISSING',
  'REPOSITORY_UNREADABLE',
  'CACHE_UNWRITABLE',
  'LEDGER_LOCKED',
  'QUEUE_LOCKED',
  'LEDGER_UNREADABLE',
  'LEDGER_QUERY_FAILED',
  'MODEL_UNREADABLE',
  'MODEL_FEATURES_DIFFER',
  'SOURCE_UNREACHABLE',
  'GITHUB_REQUEST_FAILED',
  'REVIEWER_NOT_REQUESTED',
  'USAGE',
] as const;

export type ProblemCode = (typeof problemCodes)[number];

/** Where a problem stands; `line` and `column` count from 1. */
export type Place =
  | { readonly kind: 'file'; readonly path: string; readonly line?: number; readonly column?: number }
  | { readonly kind: 'query'; readonly url: string; readonly query: string }
  | { readonly kind: 'workload'; readonly workload: string }
  | { readonly kind: 'none' };

/**
 * Something wrong in what was read. `error`: part of the input was left out. `warning`: everything was read, but a
 * person should look. The texts may hold hostile input: escape them before they reach Markdown or HTML.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  readonly place: Place;
  /** What is wrong and what it means, one or two sentences. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The source line and a caret below the column, when the place is in a text file. */
  readonly excerpt?: string;
}

/** Thrown when nothing of a source can be used; the caller turns it into a reported {@link Problem}. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(`${formatPlace(problem.place)}${problem.message}`, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** `path:line:column: `, or the empty string when the place is unknown. */
export function formatPlace(place: Place): string {
  switch (place.kind) {
    case 'file':
      return `${[place.path, place.line, place.column].filter((part) => part !== undefined).join(':')}: `;
    case 'query':
      return `${place.url} (${place.query}): `;
    case 'workload':
      return `${place.workload}: `;
    case 'none':
      return '';
  }
}

/** One problem as text for a terminal: place, message, excerpt, remedy, code. */
export function formatProblem(problem: Problem): string {
  const excerpt = problem.excerpt === undefined ? '' : `\n${problem.excerpt.replace(/^/gm, '    ')}`;
  return `${problem.severity}[${problem.code}] ${formatPlace(problem.place)}${problem.message}${excerpt}\n    ${problem.remedy}`;
}

/** Orders by place, then code, so that the same problems always print in the same order. */
export function compareProblems(left: Problem, right: Problem): number {
  const key = (problem: Problem): string =>
    [
      problem.place.kind === 'file'
        ? `${problem.place.path}\u0000${String(problem.place.line ?? 0).padStart(9, '0')}\u0000${String(problem.place.column ?? 0).padStart(9, '0')}`
        : formatPlace(problem.place),
      problem.code,
      problem.message,
    ].join('\u0000');
  return key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0;
}

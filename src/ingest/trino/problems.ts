import { ProblemError, type Problem } from '../../domain/index.ts';

export interface StatementPlace {
  /** Without credentials. */
  readonly url: string;
  /** What was asked, in words. */
  readonly query: string;
}

/** Nothing more can be asked of the server in this run. */
export class TrinoUnreachable extends ProblemError {}

/** One statement failed; others may not. */
export class StatementFailed extends ProblemError {}

const kept =
  'Months that were fetched before still count; what is newer is missing, so that the cost shown is too low.';

export function unreachable(place: StatementPlace, what: string, attempts: number): TrinoUnreachable {
  return new TrinoUnreachable({
    code: 'SOURCE_UNREACHABLE',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `Trino gives no answer: ${what}${attempts > 1 ? ` (${attempts} attempts)` : ''}. ${kept}`,
    remedy: 'Check trino.url, that the coordinator runs, and that this machine may connect to it.',
  });
}

export function refused(place: StatementPlace, status: number, text: string): TrinoUnreachable {
  const isCredential = status === 401 || status === 403;
  return new TrinoUnreachable({
    code: 'SOURCE_UNREACHABLE',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `Trino refuses the request: HTTP ${status}${text === '' ? '' : ` (${text})`}. ${kept}`,
    remedy: isCredential
      ? 'Check trino.user and its password or token; a password is only taken over https.'
      : 'Check trino.url: /v1/statement is appended to it, and redirects are not followed.',
  });
}

export function statementFailed(place: StatementPlace, what: string): StatementFailed {
  return new StatementFailed({
    code: 'BILLING_QUERY_FAILED',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `Trino cannot answer: ${what}. ${kept}`,
    remedy: 'Correct trino.tables, the rights of trino.user or the table; its query history shows the statement.',
  });
}

export function columnsMissing(place: StatementPlace, table: string, missing: readonly string[]): StatementFailed {
  return new StatementFailed({
    code: 'BILLING_QUERY_FAILED',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `The table ${table} is not a FOCUS table: it lacks ${missing.join(', ')}. Nothing of it is read.`,
    remedy:
      'Name a table or view in trino.tables whose columns have the names of the FOCUS specification, in any case.',
  });
}

export function nothingBilled(place: StatementPlace, table: string): Problem {
  return {
    code: 'BILLING_QUERY_FAILED',
    severity: 'warning',
    place: { kind: 'query', ...place },
    message: `The table ${table} has no charges in the months that were asked for.`,
    remedy: 'Check that the table is filled for these months, and that trino.user may see its rows.',
  };
}

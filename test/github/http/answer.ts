/** What a route answers. `text` stands for answers that are no JSON: raw files and diffs. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: { readonly contentType: string; readonly data: string | Uint8Array };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FieldError {
  readonly resource: string;
  readonly field?: string;
  /** `missing`, `missing_field`, `invalid`, `already_exists`, `unprocessable`, `custom`. */
  readonly code: string;
  readonly message?: string;
  readonly value?: string;
}

/** Thrown by routes: an answer that says no, in the shape of GitHub's errors. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly answer: Answer;

  constructor(
    status: number,
    message: string,
    extra: { readonly errors?: readonly unknown[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    const { errors, headers } = extra;
    const body = {
      message,
      ...(errors === undefined ? {} : { errors }),
      documentation_url: documentation,
      status: String(status),
    };
    this.answer = { status, body, ...(headers === undefined ? {} : { headers }) };
  }
}

const documentation = 'https://docs.github.com/rest';

export function ok(body: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return { status: 200, body, ...(headers === undefined ? {} : { headers }) };
}

export function created(body: unknown, location?: string): Answer {
  return { status: 201, body, ...(location === undefined ? {} : { headers: { location } }) };
}

export const noContent: Answer = { status: 204 };

export function notFound(): ApiError {
  return new ApiError(404, 'Not Found');
}

export function validationFailed(...errors: readonly FieldError[]): ApiError {
  return new ApiError(422, 'Validation Failed', { errors });
}

export function unprocessable(message: string): ApiError {
  return new ApiError(422, message);
}

export function conflict(message: string): ApiError {
  return new ApiError(409, message);
}

/** Throws 422 when a text is longer than GitHub takes. */
export function checkLength(resource: string, field: string, text: string | null | undefined, maximum: number): void {
  if (text === null || text === undefined || characterCount(text) <= maximum) return;
  const message = `${field} is too long (maximum is ${maximum} characters)`;
  throw validationFailed({ resource, code: 'custom', field, message });
}

/** Throws 422 when the text of an issue, a pull request or a comment is longer than 65,536 characters. */
export function checkBodyLength(resource: string, text: string | null | undefined): void {
  if (!resource.endsWith('Comment')) {
    checkLength(resource, 'body', text, 65_536);
    return;
  }
  // Comments have an error of their own.
  if (text === null || text === undefined || characterCount(text) <= 65_536) return;
  const message = 'Body is too long (maximum is 65536 characters)';
  throw validationFailed({ resource, code: 'unprocessable', field: 'data', message });
}

// Characters outside of the basic plane are one each, and two units of a string.
function characterCount(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}

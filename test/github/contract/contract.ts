import { type MatchedOperation, type OpenApiSchema, openApiDescription, resolveReference } from './description.ts';
import { isKnownDefect } from './known-defects.ts';
import { schemaErrors } from './validators.ts';

/** Something that GitHub's description does not allow: a mistake of the client, of this server, or of a test. */
export interface Violation {
  readonly kind: 'unknown-route' | 'not-implemented' | 'request' | 'response' | 'webhook';
  /** `POST /repos/{owner}/{repo}/pulls`, or `pull_request.opened`. */
  readonly route: string;
  readonly problems: readonly string[];
}

export interface CheckedRequest {
  readonly query: URLSearchParams;
  /** Undefined when the request had none. */
  readonly body: unknown;
}

const json = 'application/json';
const basicError: OpenApiSchema = { $ref: '#/components/schemas/basic-error' };
const validationErrors: OpenApiSchema = {
  anyOf: [
    { $ref: '#/components/schemas/validation-error' },
    { $ref: '#/components/schemas/validation-error-simple' },
    basicError,
  ],
};

// Every operation may answer these; the description names them for only some.
const universalStatuses = new Set([304, 400, 401, 403, 404, 415, 422, 429, 451, 500, 501, 502, 503, 504]);

/** What is wrong with a request for an operation; empty when nothing is. */
export function requestProblems({ operation, params }: MatchedOperation, request: CheckedRequest): readonly string[] {
  const parameters = (operation.parameters ?? []).map((parameter) => resolveReference(parameter));
  const known = new Map(parameters.filter((one) => one.in === 'query').map((one) => [one.name, one]));
  const problems: string[] = [];
  for (const parameter of parameters.filter((one) => one.in === 'path')) {
    const value = params[parameter.name] ?? '';
    problems.push(...parameterProblems(`path parameter ${parameter.name}`, parameter.schema, value));
  }
  for (const [name, value] of request.query) {
    const parameter = known.get(name.replace(/\[\]$/, ''));
    if (parameter === undefined) problems.push(`no query parameter ${name}`);
    else problems.push(...parameterProblems(`query parameter ${name}`, parameter.schema, value));
  }
  for (const { name, required } of known.values()) {
    if (required === true && !request.query.has(name)) problems.push(`query parameter ${name} is missing`);
  }
  return [...problems, ...bodyProblems(operation.requestBody, request.body)];
}

function bodyProblems(declared: MatchedOperation['operation']['requestBody'], body: unknown): readonly string[] {
  if (declared === undefined) {
    const isEmpty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
    return isEmpty ? [] : ['this operation takes no body'];
  }
  const { content, required } = resolveReference(declared);
  if (body === undefined) return required === true ? ['the body is missing'] : [];
  const schema = content?.[json]?.schema;
  if (schema === undefined) return [];
  return [...schemaErrors(schema, body).map((error) => `body ${error}`), ...unknownProperties(schema, body)];
}

// GitHub ignores what it does not know: a name that is spelled wrong would go unnoticed for ever.
function unknownProperties(schema: OpenApiSchema, body: unknown): readonly string[] {
  const resolved = resolveReference(schema);
  const isOpen =
    resolved['properties'] === undefined || ['oneOf', 'anyOf', 'allOf'].some((keyword) => keyword in resolved);
  if (isOpen || typeof body !== 'object' || body === null || resolved['additionalProperties'] === true) return [];
  const known = resolved['properties'] as OpenApiSchema;
  return Object.keys(body)
    .filter((name) => !(name in known))
    .map((name) => `body has no property ${name}`);
}

function parameterProblems(what: string, schema: OpenApiSchema, text: string): readonly string[] {
  const { type } = resolveReference(schema);
  return schemaErrors(schema, parameterValue(type, text)).map((error) => `${what} ${error.replace('(whole) ', '')}`);
}

function parameterValue(type: unknown, text: string): unknown {
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' || text === 'false' ? text === 'true' : text;
  return type === 'array' ? text.split(',') : text;
}

/** What is wrong with an answer of an operation; empty when nothing is. */
export function responseProblems(
  { route, operation }: MatchedOperation,
  { status, body }: { readonly status: number; readonly body: unknown },
): readonly string[] {
  const declared = operation.responses[String(status)];
  const problems =
    declared === undefined ? undeclaredProblems(status, body) : declaredProblems(resolveReference(declared), body);
  return problems.filter((problem) => !isKnownDefect(route, problem));
}

function declaredProblems(
  declared: { readonly content?: Readonly<Record<string, { readonly schema?: OpenApiSchema }>> },
  body: unknown,
): readonly string[] {
  const schema = declared.content?.[json]?.schema;
  if (schema === undefined) return [];
  return body === undefined ? ['the answer has no body'] : schemaErrors(schema, body);
}

function undeclaredProblems(status: number, body: unknown): readonly string[] {
  if (!universalStatuses.has(status)) return [`status ${status} is not documented`];
  if (status === 304) return [];
  return schemaErrors(status === 422 ? validationErrors : basicError, body);
}

/** What is wrong with a webhook's payload; empty when nothing is. */
export function webhookProblems(event: string, payload: Readonly<Record<string, unknown>>): readonly string[] {
  const webhooks = openApiDescription()['x-webhooks'];
  const { action } = payload;
  const name = event.replaceAll('_', '-');
  // The action of a repository_dispatch is whatever its sender says; the description has one for an example.
  const wanted = event === 'repository_dispatch' ? 'sample.collected' : action;
  const key = typeof wanted === 'string' ? `${name}-${wanted.replaceAll('_', '-')}` : name;
  const body = webhooks[key]?.post.requestBody;
  if (body === undefined) return [`GitHub has no webhook ${key}`];
  const schema = resolveReference(body).content?.[json]?.schema;
  if (schema === undefined) throw new Error(`the description of webhook ${key} has no schema`);
  return schemaErrors(schema, payload).filter((problem) => !isKnownDefect(`webhook ${event}`, problem));
}

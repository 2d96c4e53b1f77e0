import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A JSON Schema of the OpenAPI 3.0 dialect, or a reference to one. */
export type OpenApiSchema = { readonly [keyword: string]: unknown };

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: OpenApiSchema }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: OpenApiSchema;
}

export interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: (Content & { readonly required?: boolean }) | { readonly $ref: string };
  readonly responses: Readonly<Record<string, Content | { readonly $ref: string }>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly 'x-webhooks': Readonly<Record<string, { readonly post: Operation }>>;
}

/** An operation of the description, with the parameters of its path as they stand in the URL, decoded. */
export interface MatchedOperation {
  /** `GET /repos/{owner}/{repo}`: how routes are named everywhere in this folder. */
  readonly route: string;
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

// Made by scripts/make-github-description.mjs.
const file = new URL('api.github.com.json.gz', import.meta.url);

let description: Description | undefined;
let templates: readonly PathTemplate[] | undefined;

/** GitHub's published description of its REST API and webhooks (`@octokit/openapi`), read once in a process. */
export function openApiDescription(): Description {
  description ??= JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Description;
  return description;
}

/** What a local reference (`#/components/…`) points to; a value without a reference is given back. */
export function resolveReference<T extends object>(value: T | { readonly $ref: string }): T {
  let current: unknown = value;
  for (let hops = 0; hops < 10; hops += 1) {
    const reference = (current as { readonly $ref?: unknown }).$ref;
    if (typeof reference !== 'string') return current as T;
    current = lookUp(reference);
  }
  throw new Error(`the description refers in a circle: ${JSON.stringify(value)}`);
}

/** The value at `#/a/b/c` in the description. */
export function lookUp(reference: string): unknown {
  const names = reference
    .slice(2)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  let value: unknown = openApiDescription();
  for (const name of names) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  if (value === undefined) throw new Error(`the description has no ${reference}`);
  return value;
}

/** The operation that GitHub documents for a method and a path without its query; undefined when there is none. */
export function matchOperation(method: string, pathname: string): MatchedOperation | undefined {
  templates ??= Object.keys(openApiDescription().paths)
    .map(pathTemplate)
    .toSorted((left, right) => right.literals - left.literals);
  const verb = method.toLowerCase();
  for (const { path, expression, names } of templates) {
    const operation = openApiDescription().paths[path]?.[verb];
    if (operation === undefined) continue;
    const match = expression.exec(pathname);
    if (match === null) continue;
    const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]));
    return { route: `${method.toUpperCase()} ${path}`, operation, params };
  }
  return undefined;
}

interface PathTemplate {
  readonly path: string;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly literals: number;
}

// Parameters that GitHub takes with slashes in them.
const spanning = new Set(['ref', 'path', 'basehead']);

function pathTemplate(path: string): PathTemplate {
  const names: string[] = [];
  let literals = 0;
  const pattern = path
    .split('/')
    .map((segment) => {
      if (!segment.includes('{')) literals += 1;
      return segment
        .split(/(\{[^}]+\})/)
        .map((part) => {
          if (!part.startsWith('{')) return part.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
          const name = part.slice(1, -1);
          names.push(name);
          if (name === 'path') return '(.*)';
          return spanning.has(name) ? '(.+)' : '([^/]+)';
        })
        .join('');
    })
    .join('/');
  // The folder at the top has no path, and no slash either.
  const expression = new RegExp(`^${pattern.replace(/\/\(\.\*\)$/, '(?:/(.*))?')}$`);
  return { path, expression, names, literals };
}

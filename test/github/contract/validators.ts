import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type OpenApiSchema, lookUp } from './description.ts';

// One compiled function for each named schema, shared by all that refer to it: nothing is compiled before it is needed.
// Most validators run a few times only: making them fast takes longer than running them.
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  logger: false,
  inlineRefs: false,
  validateSchema: false,
  code: { optimize: false },
});
formats.default(ajv, { mode: 'fast' });
// Bots have addresses that no standard allows: `123+flyball[bot]@users.noreply.github.com`.
ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);

const compiled = new WeakMap<OpenApiSchema, ValidateFunction>();
const namedSchemas = new Set<string>();

/** What is wrong with a value, in one line for each place; empty when it is as the schema says. */
export function schemaErrors(schema: OpenApiSchema, value: unknown): readonly string[] {
  const validate = validator(schema);
  if (validate(value)) return [];
  return describeErrors(validate.errors ?? []);
}

function validator(schema: OpenApiSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const validate = ajv.compile(toJsonSchema(schema));
  compiled.set(schema, validate);
  return validate;
}

function describeErrors(errors: readonly ErrorObject[]): readonly string[] {
  const lines = errors
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ instancePath, message, params }) => {
      const allowed = 'allowedValues' in params ? `: ${JSON.stringify(params['allowedValues'])}` : '';
      return `${instancePath === '' ? '(whole)' : instancePath} ${message ?? 'is wrong'}${allowed}`;
    });
  const shown = [...new Set(lines)];
  return shown.length > 12 ? [...shown.slice(0, 12), `and ${shown.length - 12} more`] : shown;
}

/** From OpenAPI 3.0 to JSON Schema: `nullable`, and references by name. */
function toJsonSchema(schema: OpenApiSchema): OpenApiSchema {
  return convert(schema) as OpenApiSchema;
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value;
  const source = value as OpenApiSchema;
  const reference = source['$ref'];
  if (typeof reference === 'string') return { $ref: nameSchema(reference) };
  const converted: Record<string, unknown> = {};
  for (const [keyword, inner] of Object.entries(source)) {
    if (annotations.has(keyword)) continue;
    // "Exactly one of" is more than is meant: the shapes overlap, a plain error is also an error about rules.
    const name = keyword === 'oneOf' ? 'anyOf' : keyword;
    converted[name] = keyword === 'properties' ? convertProperties(inner as OpenApiSchema) : convert(inner);
  }
  return source['nullable'] === true ? orNull(converted) : converted;
}

// A property may be called `example` or `description`: the names under `properties` are no keywords.
function convertProperties(properties: OpenApiSchema): OpenApiSchema {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, convert(schema)]));
}

const annotations = new Set(['example', 'examples', 'description', 'title', 'nullable', 'deprecated', 'externalDocs']);

function orNull(schema: Record<string, unknown>): OpenApiSchema {
  const { type } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema['enum'];
  return {
    ...schema,
    type: [type, 'null'],
    ...(Array.isArray(values) ? { enum: [...(values as unknown[]), null] } : {}),
  };
}

function nameSchema(reference: string): string {
  const id = `github:${reference.slice(2)}`;
  if (!namedSchemas.has(id)) {
    namedSchemas.add(id);
    ajv.addSchema({ ...toJsonSchema(lookUp(reference) as OpenApiSchema), $id: id });
  }
  return id;
}

import { splitPath } from '../../src/gitops/field-path.ts';

/** The part of an OpenAPI v3 schema that says which fields there are, and of what type. */
export interface Schema {
  readonly type?: string | undefined;
  readonly default?: unknown;
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly items?: Schema | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
}

/** One kind as its project defines it: a custom resource definition, or a generated model of one. */
export interface Definition {
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly { readonly name: string; readonly openAPIV3Schema: Schema }[];
}

const texts: Schema = { type: 'object', additionalProperties: { type: 'string' } };

/** Definitions leave metadata open, because the API server has a definition of its own for it. */
const objectMeta: Schema = { type: 'object', properties: { annotations: texts, labels: texts } };

/** The schema of a field; undefined where the definition has no such field. */
export function schemaAt(root: Schema, field: string): Schema | undefined {
  let schema: Schema | undefined = root;
  let parent = '';
  for (const step of splitPath(field)) {
    if (parent === 'metadata' && schema?.properties?.[step] === undefined) schema = objectMeta;
    schema = schema === undefined ? undefined : childAt(schema, step);
    parent = step;
  }
  return schema;
}

function childAt(schema: Schema, step: string): Schema | undefined {
  const { properties, items, additionalProperties } = schema;
  const ofAnyKey = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  if (step.startsWith('[')) return items;
  return step === '*' ? (items ?? ofAnyKey) : (properties?.[step] ?? ofAnyKey);
}

/** A schema with what lies on some paths in full and with everything beside them cut to its name and type. */
export function trimSchema(schema: Schema, fields: readonly string[]): Schema {
  return trim(
    schema,
    fields.map((field) => splitPath(field)),
  );
}

function trim(schema: Schema, paths: readonly (readonly string[])[]): Schema {
  const { properties, items, additionalProperties } = schema;
  const below = (isWanted: (step: string) => boolean): readonly (readonly string[])[] =>
    paths.flatMap(([step, ...rest]) => (step !== undefined && isWanted(step) ? [rest] : []));
  const child = (name: string, value: Schema): Schema => {
    const rest = below((step) => step === name);
    return rest.length === 0 ? outline(value) : trim(value, rest);
  };
  const ofItems = below((step) => step === '*' || step.startsWith('['));
  const ofAnyKey = below((step) => properties?.[step] === undefined && !step.startsWith('['));
  return {
    ...outline(schema),
    ...(isScalar(schema.default) ? { default: schema.default } : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties)
              .toSorted(([one], [other]) => (one < other ? -1 : 1))
              .map(([name, value]) => [name, child(name, value)]),
          ),
        }),
    ...(items === undefined || ofItems.length === 0 ? {} : { items: trim(items, ofItems) }),
    ...(typeof additionalProperties === 'object' && ofAnyKey.length > 0
      ? { additionalProperties: trim(additionalProperties, ofAnyKey) }
      : {}),
  };
}

function outline(schema: Schema): Schema {
  return {
    ...(schema.type === undefined ? {} : { type: schema.type }),
    ...(schema['x-kubernetes-int-or-string'] === true ? { 'x-kubernetes-int-or-string': true } : {}),
  };
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

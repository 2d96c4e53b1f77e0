/** The keywords of JSON Schema 2020-12 that our schemas use, and our annotations. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly if?: JsonSchema;
  readonly then?: JsonSchema;
  /** On the root: the page that explains every field under a heading of its dotted path. */
  readonly 'x-docs'?: string;
  /** What a value must be, in words, where the other keywords say it badly: `a path on this machine`. */
  readonly 'x-expected'?: string;
  /** Unit of a number, such as `USD` or `days`. */
  readonly 'x-unit'?: string;
  /** Names that users write here although they belong elsewhere, and where that is. */
  readonly 'x-elsewhere'?: Readonly<Record<string, string>>;
  readonly [keyword: string]: unknown;
}

/** Keys and indices from a document's root to a value. */
export type ValuePath = readonly (string | number)[];

/** The schema of the value at a path, as far as `properties`, `items` and `additionalProperties` tell. */
export function schemaAt(root: JsonSchema, path: ValuePath): JsonSchema | undefined {
  let schema: JsonSchema | undefined = root;
  for (const step of path) {
    if (schema === undefined) return undefined;
    schema = typeof step === 'number' ? schema.items : fieldSchema(schema, step);
  }
  return schema;
}

function fieldSchema({ properties, additionalProperties }: JsonSchema, field: string): JsonSchema | undefined {
  if (properties !== undefined && Object.hasOwn(properties, field)) return properties[field];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** Every object of the schema that has a field of this name, as paths; list items stand as index 0. */
export function parentsOfField(root: JsonSchema, name: string): readonly ValuePath[] {
  const found: ValuePath[] = [];
  const visit = (schema: JsonSchema, path: ValuePath): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      if (key === name) found.push(path);
      visit(child, [...path, key]);
    }
    if (schema.items !== undefined) visit(schema.items, [...path, 0]);
  };
  visit(root, []);
  return found;
}

export function hasType(schema: JsonSchema | undefined, type: string): boolean {
  return schema?.type === type || (Array.isArray(schema?.type) && schema.type.includes(type));
}

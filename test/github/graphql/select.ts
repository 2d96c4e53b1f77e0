import type { Field } from './parse.ts';

/** An object of the GraphQL API: its type, and its fields; a field with arguments is a function of them. */
export interface GraphqlObject {
  readonly typeName: string;
  readonly [field: string]: unknown;
}

/** Thrown to answer in the shape of GraphQL's errors. */
export class GraphqlError extends Error {
  override readonly name = 'GraphqlError';
  readonly type: string | undefined;

  constructor(message: string, type?: string) {
    super(message);
    this.type = type;
  }
}

/** The fields that a query asks for, of an object. Throws for fields that the object has not. */
export async function selectFields(object: GraphqlObject, fields: readonly Field[]): Promise<Record<string, unknown>> {
  const selected: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.onType !== undefined && field.onType !== object.typeName) continue;
    selected[field.key] = await selectField(object, field);
  }
  return selected;
}

async function selectField(object: GraphqlObject, field: Field): Promise<unknown> {
  if (field.name === '__typename') return object.typeName;
  if (!Object.hasOwn(object, field.name)) {
    throw new GraphqlError(`Field '${field.name}' doesn't exist on type '${object.typeName}'`, 'undefinedField');
  }
  const raw = object[field.name];
  const value: unknown = await (typeof raw === 'function'
    ? (raw as (args: Readonly<Record<string, unknown>>) => unknown)(field.args)
    : raw);
  return selectValue(value, field);
}

async function selectValue(value: unknown, field: Field): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all((value as unknown[]).map((one) => selectValue(one, field)));
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (field.fields.length === 0) {
    throw new GraphqlError(`Field must have selections (field '${field.name}' has none)`, 'selectionMismatch');
  }
  return selectFields(value as GraphqlObject, field.fields);
}

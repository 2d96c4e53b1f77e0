import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { JsonSchema } from './json-schema.ts';

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  verbose: true,
  useDefaults: true,
  ownProperties: true,
});
formats.default(ajv, { mode: 'fast', formats: ['date-time', 'email'] });
ajv.addVocabulary(['x-docs', 'x-expected', 'x-unit', 'x-elsewhere', 'x-kubernetes-validations']);

const compiled = new WeakMap<JsonSchema, ValidateFunction>();

/** The validator of a schema, compiled once. It fills defaults into the value it is given. */
export function compileSchema(schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

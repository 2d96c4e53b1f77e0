import type { ErrorObject } from 'ajv/dist/2020.js';
import { stringify } from 'yaml';
import { nearestWord, type ProblemCode } from '../domain/index.ts';
import { describeExpectation, displayValue, listAllowed } from './expectation.ts';
import { hasType, parentsOfField, schemaAt, type JsonSchema, type ValuePath } from './json-schema.ts';
import { keyOffsetOf, locate } from './locate.ts';
import type { YamlDocument } from './parse-yaml.ts';
import { fieldName, quoted } from './quoted.ts';
import { seeDocs } from './see-docs.ts';
import { rewriteValue } from './rewrite-value.ts';
import type { Complaint } from './source-text.ts';

export interface ExplainContext {
  readonly yaml: YamlDocument;
  readonly schema: JsonSchema;
  /** The document's value, to tell list indices from keys. */
  readonly value: unknown;
  readonly code: ProblemCode;
}

/** Turns what ajv found into one complaint for each field, in the words of the schema's descriptions. */
export function explainErrors(errors: readonly ErrorObject[], context: ExplainContext): readonly Complaint[] {
  const complaints = new Map<string, Complaint>();
  const keep = (key: string, complaint: Complaint): void => {
    if (!complaints.has(key)) complaints.set(key, complaint);
  };
  const alternatives = errors.filter((error) => error.keyword === 'anyOf').map((error) => `${error.schemaPath}/`);
  const misspelt = misspeltFields(errors);
  for (const error of errors) {
    const isPartOfAlternative = alternatives.some((prefix) => error.schemaPath.startsWith(prefix));
    if (error.keyword === 'if' || error.propertyName !== undefined || isPartOfAlternative) continue;
    const path = toPath(error.instancePath, context.value);
    switch (error.keyword) {
      case 'additionalProperties': {
        const field = String(error.params['additionalProperty']);
        keep(`unknown ${error.instancePath}/${field}`, explainUnknown(error, [...path, field], context));
        break;
      }
      case 'required': {
        const field = String(error.params['missingProperty']);
        if (!misspelt.has(`${error.instancePath}/${field}`)) {
          keep(`missing ${error.instancePath}/${field}`, explainMissing(error, [...path, field], context));
        }
        break;
      }
      case 'propertyNames': {
        const name = String(error.params['propertyName']);
        keep(`name ${error.instancePath}/${name}`, explainName(error, [...path, name], context));
        break;
      }
      case 'anyOf':
        keep(`any ${error.instancePath}`, explainAlternatives(error, path, context));
        break;
      default:
        keep(`value ${error.instancePath}`, explainValue(error, path, context));
    }
  }
  return [...complaints.values()];
}

function toPath(pointer: string, root: unknown): ValuePath {
  let value = root;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(value) ? Number(key) : key;
      value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
      return step;
    });
}

/** Required fields that are there under a misspelt name: the unknown name is complaint enough. */
function misspeltFields(errors: readonly ErrorObject[]): ReadonlySet<string> {
  return new Set(
    errors.flatMap((error) => {
      if (error.keyword !== 'additionalProperties') return [];
      const near = nearestField(String(error.params['additionalProperty']), error.parentSchema ?? {});
      return near === undefined ? [] : [`${error.instancePath}/${near}`];
    }),
  );
}

function nearestField(field: string, parent: JsonSchema): string | undefined {
  return nearestWord(field.slice(0, 100), Object.keys(parent.properties ?? {}));
}

function explainUnknown(error: ErrorObject, path: ValuePath, context: ExplainContext): Complaint {
  const { yaml, schema, code } = context;
  const field = String(path.at(-1));
  const parentPath = path.slice(0, -1);
  const parent: JsonSchema = error.parentSchema ?? {};
  const offset = keyOffsetOf(yaml.document, parentPath, field);
  const elsewhere = parent['x-elsewhere'] ?? {};
  if (Object.hasOwn(elsewhere, field)) {
    const message = `${fieldName(path)} belongs to ${elsewhere[field]} and is not read here`;
    return { offset, code, message, remedy: `Remove it from this file.${seeDocs(schema, parentPath)}` };
  }
  const message = `${fieldName(path)} is not a known field`;
  const homes = parentsOfField(schema, field);
  const home = homes.length === 1 ? homes[0] : undefined;
  const near = nearestField(field, parent);
  const known = listAllowed(Object.keys(parent.properties ?? {})).join(', ');
  const hint =
    near !== undefined
      ? `Did you mean ${near}?`
      : home !== undefined
        ? `It belongs under ${fieldName(home)}.`
        : 'Remove it, or correct its name.';
  const remedy = `${hint} Known fields here: ${known}.${seeDocs(schema, [...parentPath, near ?? field])}`;
  return { offset, code, message, remedy };
}

function explainMissing(error: ErrorObject, path: ValuePath, { yaml, schema, code }: ExplainContext): Complaint {
  const field = String(path.at(-1));
  const parentPath = path.slice(0, -1);
  const described = schemaAt(schema, path);
  const what = described?.description?.split(/\.(?:\s|$)/)[0];
  const example = described?.examples?.[0];
  const line = example === undefined ? field : `${field}: ${inOneLine(example)}`;
  const under = parentPath.length === 0 ? '' : ` under ${fieldName(parentPath)}`;
  const because = error.schemaPath.includes('/then/') ? conditionOf(schema, parentPath) : '';
  return {
    offset: keyOffsetOf(yaml.document, parentPath, field),
    code,
    message: `${fieldName(path)} is missing${because}${what === undefined ? '' : `: ${lowerFirst(what)}`}`,
    remedy: `Write ${line}${under}.${seeDocs(schema, path)}`,
  };
}

/** ` although spec.actionOnExceed.type is scaleDown`: the condition of the nearest `if` above a path. */
function conditionOf(schema: JsonSchema, path: ValuePath): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const above = path.slice(0, length);
    const conditions = Object.entries(schemaAt(schema, above)?.if?.properties ?? {});
    const [first] = conditions;
    if (first !== undefined) return ` although ${fieldName([...above, first[0]])} is ${String(first[1].const)}`;
  }
  return '';
}

function inOneLine(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function explainName(error: ErrorObject, path: ValuePath, { yaml, schema, code }: ExplainContext): Complaint {
  const names: JsonSchema = error.parentSchema?.['propertyNames'] ?? {};
  return {
    offset: keyOffsetOf(yaml.document, path.slice(0, -1), String(path.at(-1))),
    code,
    message: `The key ${quoted(String(path.at(-1)))} is not ${describeExpectation({ type: 'string', ...names })}`,
    remedy: `Correct the key.${seeDocs(schema, path)}`,
  };
}

function explainAlternatives(error: ErrorObject, path: ValuePath, { yaml, schema, code }: ExplainContext): Complaint {
  const options: readonly JsonSchema[] = error.parentSchema?.['anyOf'] ?? [];
  const fields = options.flatMap((option) => option.required ?? []);
  return {
    offset: locate(yaml.document, path).keyOffset,
    code,
    message: `${fieldName(path)} has none of ${fields.join(', ')}`,
    remedy: `Write at least one of them.${seeDocs(schema, path)}`,
  };
}

function explainValue(error: ErrorObject, path: ValuePath, { yaml, schema, code }: ExplainContext): Complaint {
  const expected: JsonSchema = error.parentSchema ?? {};
  const { valueOffset, scalar } = locate(yaml.document, path);
  const value: unknown = error.data;
  const isQuotedNumber = typeof value === 'string' && (hasType(expected, 'number') || hasType(expected, 'integer'));
  const shown = displayValue(value, scalar?.source);
  const kind = isQuotedNumber && scalar?.type?.startsWith('QUOTE') === true ? 'the text ' : '';
  const field = path.at(-1);
  const rewrite = rewriteValue({ value, source: scalar?.source, type: scalar?.type, expected });
  const write = typeof field === 'string' ? `${field}: ` : '';
  const remedy =
    rewrite === undefined
      ? `Write ${describeExpectation(expected)}.`
      : `${rewrite.why}Write ${write}${rewrite.text}${rewrite.rest}`;
  return {
    offset: valueOffset,
    code,
    message: `${fieldName(path)} is ${kind}${shown}, expected ${describeExpectation(expected)}`,
    remedy: `${remedy}${seeDocs(schema, path)}`,
  };
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

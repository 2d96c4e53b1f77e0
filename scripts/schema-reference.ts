import { stringify } from 'yaml';
import { operatorConfigSchema, repositoryConfigSchema } from '../src/config/index.ts';
import { costPolicySchema } from '../src/policy/index.ts';
import { describeExpectation, type JsonSchema } from '../src/schema/index.ts';

/** Every field of a schema as a Markdown section of its dotted path: the headings that messages point to. */
function renderReference(schema: JsonSchema): string {
  return sections(schema, '').join('\n');
}

function sections(schema: JsonSchema, prefix: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([field, child]) => {
    const path = prefix === '' ? field : `${prefix}.${field}`;
    const isRequired = schema.required?.includes(field) === true;
    return [section(path, child, isRequired)].concat(sections(child.items ?? child, path));
  });
}

function section(path: string, schema: JsonSchema, isRequired: boolean): string {
  const facts = [
    `- Value: ${describeValue(schema)}${schema['x-unit'] === undefined ? '' : ` (${schema['x-unit']})`}`,
    isRequired ? '- Required' : undefined,
    isShown(schema.default) ? `- Default: \`${inOneLine(schema.default)}\`` : undefined,
    schema.examples?.[0] === undefined || schema.const !== undefined
      ? undefined
      : `- Example: \`${path.split('.').at(-1)}: ${inOneLine(schema.examples[0])}\``,
  ].filter((fact) => fact !== undefined);
  return `### ${path}\n\n${schema.description ?? ''}\n\n${facts.join('\n')}\n`;
}

function describeValue(schema: JsonSchema): string {
  const own = describeExpectation(schema);
  if (schema.type === 'array' && schema.items?.type === 'string')
    return `${own}, each ${describeExpectation(schema.items)}`;
  const values = schema.additionalProperties;
  if (typeof values === 'object' && schema.properties === undefined) {
    return `${own}, each value ${describeExpectation(values)}`;
  }
  return own;
}

/** An object that defaults to `{}` defaults to its fields' defaults. */
function isShown(value: unknown): boolean {
  return value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function inOneLine(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** What stands between `<!-- reference: NAME -->` and `<!-- end of reference -->` in which page. */
export const references: readonly { readonly page: string; readonly name: string; readonly schema: JsonSchema }[] = [
  { page: 'docs/configuration.md', name: 'flyball.yml', schema: operatorConfigSchema },
  { page: 'docs/configuration.md', name: '.github/flyball.yml', schema: repositoryConfigSchema },
  { page: 'docs/policies.md', name: 'CostPolicy', schema: costPolicySchema },
];

/** The page with its reference of that name written anew. @throws Error when the page has no such place. */
export function replaceReference(page: string, name: string, schema: JsonSchema): string {
  const begin = `<!-- reference: ${name} -->\n`;
  const end = '<!-- end of reference -->';
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`no place for the reference of ${name}`);
  return `${page.slice(0, from)}${begin}\n${renderReference(schema)}\n${page.slice(to)}`;
}

/** The schemas as published for editors: file → JSON text. */
export const publishedSchemas: readonly { readonly file: string; readonly schema: JsonSchema }[] = [
  { file: 'docs/schema/flyball.schema.json', schema: operatorConfigSchema },
  { file: 'docs/schema/repository-flyball.schema.json', schema: repositoryConfigSchema },
];

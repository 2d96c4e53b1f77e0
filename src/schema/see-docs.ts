import { schemaAt, type JsonSchema, type ValuePath } from './json-schema.ts';

/** ` See docs/policies.md, "spec.costThreshold.daily".`: each field has a heading of its dotted path there. */
export function seeDocs(schema: JsonSchema, path: ValuePath): string {
  const known: (string | number)[] = [];
  for (const step of path) {
    const parent = schemaAt(schema, known);
    const isNamed = typeof step === 'number' || Object.hasOwn(parent?.properties ?? {}, step);
    if (!isNamed) break;
    known.push(step);
  }
  const heading = known.filter((step) => typeof step === 'string').join('.');
  const page = schema['x-docs'];
  if (page === undefined) return '';
  return heading === '' ? ` See ${page}.` : ` See ${page}, "${heading}".`;
}

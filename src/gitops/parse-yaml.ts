import { isAlias, isMap, isScalar, parseAllDocuments, visit, type Document, type ParsedNode } from 'yaml';

export type YamlDocument = Document.Parsed<ParsedNode>;

/**
 * How manifests are read: YAML 1.2's core schema with merge keys, as kubectl and Kustomize resolve the fields Flyball
 * edits. `uniqueKeys` is off because the library's check takes quadratic time; duplicates are found by
 * {@link duplicateKeys}.
 */
const parseOptions = {
  version: '1.2',
  schema: 'core',
  merge: true,
  uniqueKeys: false,
  strict: true,
  logLevel: 'silent',
} as const;

/** The documents of a file, with their errors in them; an empty file has none. */
export function parseDocuments(text: string): readonly YamlDocument[] {
  const documents = parseAllDocuments(text, parseOptions);
  return Array.isArray(documents) ? documents : [];
}

/** More aliases than this in one document are an attack or a generated file; nothing is resolved then. */
const aliasesMax = 100;

export function hasTooManyAliases(document: YamlDocument): boolean {
  let count = 0;
  visit(document, { Alias: () => (++count > aliasesMax ? visit.BREAK : undefined) });
  return count > aliasesMax;
}

/** Names of the anchors that some alias of the document points to. */
export function usedAnchors(document: YamlDocument): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, { Alias: (_, node) => void names.add(node.source) });
  return names;
}

/** The plain value of every document, for comparing before and after an edit; undefined when it cannot be had. */
export function plainValues(documents: readonly YamlDocument[]): readonly unknown[] | undefined {
  if (documents.some((document) => document.errors.length > 0 || hasTooManyAliases(document))) return undefined;
  return documents.map((document) => document.toJS({ maxAliasCount: aliasesMax * 10 }) as unknown);
}

/** Whether a mapping holds a key twice. */
export function isDuplicateKey(map: ParsedNode, key: string): boolean {
  return isMap(map) && map.items.filter((pair) => isScalar(pair.key) && String(pair.key.value) === key).length > 1;
}

/** The scalar node at a path, following no alias. */
export function scalarAt(document: YamlDocument, yamlPath: readonly (string | number)[]): ParsedNode | undefined {
  const node = yamlPath.length === 0 ? document.contents : document.getIn(yamlPath, true);
  return isScalar(node) || isAlias(node) ? (node as ParsedNode) : undefined;
}

/** A file whose text holds template actions is a Helm or Go template, not a manifest. */
export function looksLikeTemplate(text: string): boolean {
  return text.includes('{{');
}

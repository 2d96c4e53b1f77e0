import { Composer, Parser, isMap, isScalar, isSeq, type Document } from 'yaml';

export type YamlDocument = Document.Parsed;

/** Longer texts are not parsed: for some inputs the parser's time grows faster than the text. */
export const yamlCharactersMax = 1_048_576;

export type YamlOutcome =
  | { readonly kind: 'parsed'; readonly documents: readonly YamlDocument[] }
  | {
      readonly kind: 'invalid';
      readonly reason: 'parse-error' | 'helm-template' | 'file-too-large';
      /** Where the text goes wrong. */
      readonly offset: number;
      readonly message: string;
    };

/**
 * How manifests are read: YAML 1.2's core schema with merge keys, as kubectl and Kustomize resolve the fields Flyball
 * edits. `uniqueKeys` is off because the library's check takes time quadratic in the number of keys.
 */
const parseOptions = {
  version: '1.2',
  schema: 'core',
  merge: true,
  uniqueKeys: false,
  strict: true,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** Parses all documents of a text, JSON included; an error in one of them makes the text invalid. */
export function parseYaml(text: string): YamlOutcome {
  if (text.length > yamlCharactersMax) {
    return invalid('file-too-large', 0, `it has ${text.length} characters, more than ${yamlCharactersMax}`);
  }
  try {
    const documents = [...new Composer(parseOptions).compose(new Parser().parse(text))];
    const error = documents.flatMap((document) => document.errors)[0];
    if (error !== undefined) {
      const reason = text.includes('{{') ? 'helm-template' : 'parse-error';
      return invalid(reason, Math.min(error.pos[0], text.length), error.message.split('\n')[0] ?? error.code);
    }
    // `replicas: {{ .Values.n }}` is valid YAML: a map whose key is a map. No manifest has such keys.
    if (text.includes('{{') && documents.some((document) => hasCollectionKey(document.contents))) {
      return invalid('helm-template', text.indexOf('{{'), 'it is a template, not a manifest');
    }
    return { kind: 'parsed', documents };
  } catch (error) {
    // The parser recurses: a text nested ten thousands deep ends its stack.
    if (error instanceof RangeError) return invalid('parse-error', 0, 'it is nested too deeply');
    throw error;
  }
}

function invalid(
  reason: 'parse-error' | 'helm-template' | 'file-too-large',
  offset: number,
  message: string,
): YamlOutcome {
  return { kind: 'invalid', reason, offset, message };
}

function hasCollectionKey(root: unknown): boolean {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isScalar(pair.key)) return true;
        waiting.push(pair.value);
      }
    }
    if (isSeq(node)) for (const item of node.items) waiting.push(item);
  }
  return false;
}

import { Composer, Parser, isMap, isScalar, type Document, type ParsedNode } from 'yaml';

/** Larger texts are not parsed; the parser's time grows faster than the text for some inputs. */
export const yamlCharactersMax = 1_048_576;

export type YamlOutcome =
  | { readonly kind: 'parsed'; readonly documents: readonly Document.Parsed[] }
  | {
      readonly kind: 'invalid';
      readonly reason: 'parse-error' | 'helm-template' | 'file-too-large';
      /** Offset of the first error in the text. */
      readonly offset: number;
      readonly message: string;
    };

/**
 * Options of every parse: the core schema is what YAML 1.2 readers use, merge keys are honoured as kubectl does, and
 * the library's own check of unique keys is off because it takes time quadratic in the number of keys.
 */
const parseOptions = {
  keepSourceTokens: false,
  version: '1.2',
  schema: 'core',
  merge: true,
  uniqueKeys: false,
  strict: true,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** Parses all documents of a text, JSON included; any error in one makes the whole text invalid. */
export function parseYaml(text: string): YamlOutcome {
  if (text.length > yamlCharactersMax) {
    return invalid('file-too-large', 0, `it has ${text.length} characters, more than ${yamlCharactersMax}`);
  }
  try {
    const documents = [...new Composer<ParsedNode>(parseOptions).compose(new Parser().parse(text))];
    const error = documents.flatMap((document) => document.errors)[0];
    if (error !== undefined) return invalid(templateOr('parse-error', text), error.pos[0], firstLine(error.message));
    // `replicas: {{ .Values.n }}` is valid YAML: a map whose key is a map. No manifest has such keys.
    if (text.includes('{{') && documents.some((document) => hasCollectionKey(document.contents))) {
      return invalid('helm-template', text.indexOf('{{'), 'it is a template, not a manifest');
    }
    return { kind: 'parsed', documents };
  } catch (error) {
    // The parser recurses: a text nested tens of thousands deep ends its stack.
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

function templateOr(reason: 'parse-error', text: string): 'parse-error' | 'helm-template' {
  return text.includes('{{') ? 'helm-template' : reason;
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
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
    } else if (typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items)) {
      for (const item of node.items) waiting.push(item);
    }
  }
  return false;
}

import { isDeepStrictEqual } from 'node:util';
import { isScalar, parseDocument } from 'yaml';
import type { DecidingField, LeverValue, NotEditableReason } from '../domain/index.ts';
import { looksLikeTemplate, parseDocuments, plainValues, scalarAt } from './parse-yaml.ts';

export type EditResult =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: NotEditableReason; readonly detail: string };

/**
 * Replaces the bytes of one scalar and nothing else: same quotes, comments, spacing and line endings. The result is
 * parsed again, and refused unless every document is as before but for this one value.
 */
export function editScalar(text: string, field: DecidingField, value: LeverValue): EditResult {
  if (looksLikeTemplate(text)) return refused('helm-template', 'the file holds template actions');
  const documents = parseDocuments(text);
  const document = documents[field.documentIndex];
  const before = plainValues(documents);
  if (document === undefined || before === undefined) return refused('parse-error', 'the file does not parse');
  if (document.has('sops')) return refused('encrypted', 'SOPS signs all values of the file');
  const node = scalarAt(document, field.yamlPath);
  if (node === undefined || node.range[0] !== field.start || node.range[1] !== field.end) {
    return refused('field-absent', 'the value is not where it was when the file was read');
  }
  if (!isScalar(node)) return refused('alias', 'the value is an alias');
  if (node.anchor !== undefined && text.includes(`*${node.anchor}`))
    return refused('anchor-shared', `the anchor &${node.anchor} is used elsewhere`);
  const rendered = renderScalar(value, node.type);
  if (rendered === undefined) return refused('unsupported-value', 'a block of text cannot be replaced by one value');
  const edited = `${text.slice(0, field.start)}${rendered}${text.slice(field.end)}`;
  const after = plainValues(parseDocuments(edited));
  const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
  const wanted = replaceAt(before, [field.documentIndex, ...field.yamlPath], quoted ? String(value) : value);
  if (after === undefined || !isDeepStrictEqual(after, wanted)) {
    return refused('unsupported-value', 'the edit would change more than this value');
  }
  return { kind: 'edited', text: edited };
}

function refused(reason: NotEditableReason, detail: string): EditResult {
  return { kind: 'refused', reason, detail };
}

/** The value in the style of the scalar it replaces; undefined for blocks. */
function renderScalar(value: LeverValue, style: string | undefined): string | undefined {
  switch (style) {
    case 'QUOTE_DOUBLE':
      return JSON.stringify(String(value));
    case 'QUOTE_SINGLE':
      return `'${String(value).replaceAll("'", "''")}'`;
    case 'PLAIN':
      return typeof value === 'string' ? renderPlainText(value) : String(value);
    default:
      return undefined;
  }
}

/** Unquoted where YAML 1.1 and 1.2 both read the same text back, quoted otherwise. */
function renderPlainText(value: string): string {
  const isPlain =
    /^[A-Za-z][A-Za-z0-9._/-]*$/.test(value) &&
    (['1.1', '1.2'] as const).every(
      (version) => parseDocument(value, { version, logLevel: 'silent' }).toJS() === value,
    );
  return isPlain ? value : JSON.stringify(value);
}

function replaceAt(value: unknown, path: readonly (string | number)[], replacement: LeverValue): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === step ? replaceAt(item, rest, replacement) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === String(step) ? replaceAt(item, rest, replacement) : (item as unknown),
    ]),
  );
}

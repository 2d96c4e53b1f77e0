import type { DecidingField, LeverValue, NotEditableReason } from '../../domain/index.ts';
import { traceEmbedded } from './embedded.ts';
import { parseYaml } from './parse-yaml.ts';
import { scalarText } from './scalar-text.ts';
import { ExpansionError, traceDocument } from './trace-document.ts';
import { child, isSameData, type TracedScalar, type TracedValue } from './traced.ts';

export type EditResult =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: NotEditableReason; readonly detail: string };

type Refusal = Extract<EditResult, { readonly kind: 'refused' }>;

/**
 * Replaces the bytes of one scalar, and nothing else. The field is found again by its path, so the text must be the one
 * that was read, apart from edits behind the field. The result is parsed again and compared: if anything but this
 * scalar means something else, the edit is refused. Takes as long as parsing the text twice.
 */
export function editScalar(text: string, field: DecidingField, value: LeverValue): EditResult {
  const before = readDocuments(text, field);
  if (before.kind === 'refused') return before;
  const target = locate(before.documents[field.documentIndex], field.yamlPath);
  if (target === undefined || target.origin.start !== field.start) {
    return refused('unsupported-value', 'the file is not the one that was read: the value is no longer where it was');
  }
  const replacement = replacementFor(target, text, value);
  if (typeof replacement !== 'string') return replacement;
  const edited = `${text.slice(0, target.origin.start)}${replacement}${text.slice(target.origin.end)}`;
  const after = readDocuments(edited, field);
  if (after.kind === 'refused') return after;
  const expected = target.style === 'plain' ? value : String(value);
  const isOnlyChange =
    after.documents.length === before.documents.length &&
    before.documents.every((document, index) =>
      isSameExcept(
        document,
        after.documents[index],
        index === field.documentIndex ? field.yamlPath : undefined,
        expected,
      ),
    );
  if (!isOnlyChange) return refused('unsupported-value', 'the edit would change more than this value');
  return { kind: 'edited', text: edited };
}

function refused(reason: NotEditableReason, detail: string): Refusal {
  return { kind: 'refused', reason, detail };
}

function readDocuments(
  text: string,
  field: DecidingField,
): { readonly kind: 'read'; readonly documents: readonly (TracedValue | undefined)[] } | Refusal {
  const outcome = parseYaml(text);
  if (outcome.kind === 'invalid') return refused(outcome.reason, outcome.message);
  const source = { path: field.path, blobId: field.blobId, text };
  try {
    const documents = outcome.documents.map((document, documentIndex) =>
      traceDocument(document, { source, role: 'resource', documentIndex, block: undefined }),
    );
    if (documents.some((document) => child(document, 'sops') !== undefined)) {
      return refused('encrypted', 'SOPS signs the whole file: any edit makes it undecryptable');
    }
    return { kind: 'read', documents };
  } catch (error) {
    if (error instanceof ExpansionError) return refused('alias', error.message);
    throw error;
  }
}

function locate(root: TracedValue | undefined, path: readonly (string | number)[]): TracedScalar | undefined {
  let value = root;
  for (const segment of path) {
    if (value?.kind === 'scalar') value = traceEmbedded(value, 'resource');
    if (value?.kind === 'map') value = value.entries.get(String(segment));
    else if (value?.kind === 'list' && typeof segment === 'number') value = value.items[segment];
    else return undefined;
  }
  return value?.kind === 'scalar' ? value : undefined;
}

function replacementFor(target: TracedScalar, text: string, value: LeverValue): string | Refusal {
  const { block, start, end } = target.origin;
  if (block !== undefined) return refused(block.reason, block.detail);
  if (target.value === null) return refused('field-absent', 'the key is there without a value');
  if (target.style === 'literal' || target.style === 'folded' || text.slice(start, end).includes('\n')) {
    return refused('unsupported-value', 'the value is written over several lines');
  }
  const replacement = scalarText(value, target.style);
  return replacement ?? refused('unsupported-value', 'the new value cannot be written on one line');
}

/** Whether two documents mean the same, apart from the value at a path, which must be the expected one. */
function isSameExcept(
  before: TracedValue | undefined,
  after: TracedValue | undefined,
  path: readonly (string | number)[] | undefined,
  expected: LeverValue,
): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (path === undefined) return isSameData(before, after);
  const [segment, ...rest] = path;
  if (segment === undefined) return after.kind === 'scalar' && Object.is(after.value, expected);
  if (before.kind === 'scalar') {
    if (after.kind !== 'scalar') return false;
    return isSameExcept(traceEmbedded(before, 'resource'), traceEmbedded(after, 'resource'), path, expected);
  }
  if (before.kind === 'list') {
    return (
      after.kind === 'list' &&
      before.items.length === after.items.length &&
      before.items.every((item, index) =>
        isSameExcept(item, after.items[index], index === segment ? rest : undefined, expected),
      )
    );
  }
  return (
    after.kind === 'map' &&
    before.entries.size === after.entries.size &&
    [...before.entries].every(([key, item]) =>
      isSameExcept(item, after.entries.get(key), key === String(segment) ? rest : undefined, expected),
    )
  );
}

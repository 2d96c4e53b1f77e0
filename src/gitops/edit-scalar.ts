import type { DecidingField, LeverValue, NotEditableReason } from '../domain/index.ts';
import { trackEmbedded } from './embedded-yaml.ts';
import { parseYaml } from './parse-yaml.ts';
import { doVersionsDisagree, scalarText } from './scalar-text.ts';
import { ExpansionError, trackDocument } from './track-document.ts';
import { isSameData, valueAt, type Tracked, type TrackedScalar } from './tracked.ts';

export type EditResult =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: NotEditableReason; readonly detail: string };

type Refusal = Extract<EditResult, { readonly kind: 'refused' }>;

/**
 * Replaces the bytes of one scalar and nothing else: same quotes, comments, spacing and line endings. The result is
 * parsed again, and refused unless every document means what it meant but for this one value. The field is found again
 * by its path and must begin where it did, so several fields of one file are edited from its end to its beginning.
 * Takes as long as parsing the text twice.
 */
export function editScalar(text: string, field: DecidingField, value: LeverValue): EditResult {
  const before = readDocuments(text, field);
  if (before.kind === 'refused') return before;
  const target = locate(before.documents[field.documentIndex], field.yamlPath);
  if (target === undefined || target.origin.start !== field.start) {
    return refused('field-absent', 'the value is not where it was when the file was read');
  }
  const replacement = replacementFor(target, text, value);
  if (typeof replacement !== 'string') return replacement;
  const edited = `${text.slice(0, target.origin.start)}${replacement}${text.slice(target.origin.end)}`;
  const after = readDocuments(edited, field);
  if (after.kind === 'refused') return after;
  const wanted = target.style === 'plain' ? value : String(value);
  const isOnlyChange =
    after.documents.length === before.documents.length &&
    before.documents.every((document, index) => {
      const yamlPath = index === field.documentIndex ? field.yamlPath : undefined;
      return isSameExcept(document, after.documents[index], yamlPath, wanted);
    });
  if (!isOnlyChange) return refused('unsupported-value', 'the edit would change more than this value');
  return { kind: 'edited', text: edited };
}

function refused(reason: NotEditableReason, detail: string): Refusal {
  return { kind: 'refused', reason, detail };
}

function readDocuments(
  text: string,
  field: DecidingField,
): { readonly kind: 'read'; readonly documents: readonly (Tracked | undefined)[] } | Refusal {
  const outcome = parseYaml(text);
  if (outcome.kind === 'invalid') return refused(outcome.reason, outcome.message);
  const file = { path: field.path, blobId: field.blobId, text, obstacle: undefined };
  const { mechanism } = field;
  try {
    const documents = outcome.documents.map((document, documentIndex) =>
      trackDocument(document, { file, documentIndex, mechanism }),
    );
    if (documents.some((document) => valueAt(document, ['sops']) !== undefined)) {
      return refused('encrypted', 'SOPS signs all values of the file: any edit makes it undecryptable');
    }
    return { kind: 'read', documents };
  } catch (error) {
    if (error instanceof ExpansionError) return refused('alias', error.message);
    throw error;
  }
}

/** The scalar at a path, going on into a string that holds one YAML document. */
function locate(root: Tracked | undefined, yamlPath: readonly (string | number)[]): TrackedScalar | undefined {
  let value = root;
  for (const step of yamlPath) value = valueAt(value?.kind === 'scalar' ? inside(value) : value, [step]);
  return value?.kind === 'scalar' ? value : undefined;
}

function inside(scalar: TrackedScalar): Tracked | undefined {
  const documents = trackEmbedded(scalar, scalar.origin.mechanism);
  return documents?.length === 1 ? documents[0] : undefined;
}

function replacementFor(target: TrackedScalar, text: string, value: LeverValue): string | Refusal {
  const { obstacle, start, end } = target.origin;
  const source = text.slice(start, end);
  if (obstacle !== undefined) return refused(obstacle.reason, obstacle.detail);
  if (target.value === null) return refused('field-absent', 'the key is there without a value');
  if (target.style === 'literal' || target.style === 'folded' || source.includes('\n')) {
    return refused('unsupported-value', 'the value is written over several lines');
  }
  if (target.style === 'plain' && doVersionsDisagree(source)) {
    return refused('yaml-versions-disagree', `YAML 1.1 and 1.2 readers take ${source} for different values`);
  }
  return scalarText(value, target.style) ?? refused('unsupported-value', 'the new value cannot be written on one line');
}

/** Whether two documents mean the same, apart from the value at a path, which must be the wanted one. */
function isSameExcept(
  before: Tracked | undefined,
  after: Tracked | undefined,
  yamlPath: readonly (string | number)[] | undefined,
  wanted: LeverValue,
): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (yamlPath === undefined) return isSameData(before, after);
  const [step, ...rest] = yamlPath;
  if (step === undefined) return after.kind === 'scalar' && Object.is(after.value, wanted);
  if (before.kind === 'scalar') {
    return after.kind === 'scalar' && isSameExcept(inside(before), inside(after), yamlPath, wanted);
  }
  if (before.kind === 'list') {
    return (
      after.kind === 'list' &&
      before.items.length === after.items.length &&
      before.items.every((item, index) =>
        isSameExcept(item, after.items[index], index === step ? rest : undefined, wanted),
      )
    );
  }
  return (
    after.kind === 'map' &&
    before.entries.size === after.entries.size &&
    [...before.entries].every(([key, item]) =>
      isSameExcept(item, after.entries.get(key), key === String(step) ? rest : undefined, wanted),
    )
  );
}

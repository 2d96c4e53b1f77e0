import type { DecidingField, NotEditableReason } from '../../domain/index.ts';
import { trackEmbedded } from '../embedded-yaml.ts';
import { parseYaml, type YamlDocument } from '../parse-yaml.ts';
import { ExpansionError, trackDocument } from '../track-document.ts';
import { valueAt, type Tracked, type TrackedScalar } from '../tracked.ts';

export type EditResult =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: NotEditableReason; readonly detail: string };

export type Refusal = Extract<EditResult, { readonly kind: 'refused' }>;

export function refused(reason: NotEditableReason, detail: string): Refusal {
  return { kind: 'refused', reason, detail };
}

/** A file's documents, as the parser sees them and as values; one of each for every document. */
export interface ReadDocuments {
  readonly kind: 'read';
  readonly parsed: readonly YamlDocument[];
  readonly tracked: readonly (Tracked | undefined)[];
}

/** Reads the text that an edit starts from, or that it made. Refuses what is never edited. */
export function readDocuments(text: string, field: DecidingField): ReadDocuments | Refusal {
  const outcome = parseYaml(text);
  if (outcome.kind === 'invalid') return refused(outcome.reason, outcome.message);
  const file = { path: field.path, blobId: field.blobId, text, obstacle: undefined };
  const { mechanism } = field;
  try {
    const tracked = outcome.documents.map((document, documentIndex) =>
      trackDocument(document, { file, documentIndex, mechanism }),
    );
    if (tracked.some((document) => valueAt(document, ['sops']) !== undefined)) {
      return refused('encrypted', 'SOPS signs all values of the file: any edit makes it undecryptable');
    }
    return { kind: 'read', parsed: outcome.documents, tracked };
  } catch (error) {
    if (error instanceof ExpansionError) return refused('alias', error.message);
    throw error;
  }
}

/** The value at a path, going on into a string that holds one YAML document. */
export function locate(root: Tracked | undefined, yamlPath: readonly (string | number)[]): Tracked | undefined {
  let value = root;
  for (const step of yamlPath) value = valueAt(value?.kind === 'scalar' ? inside(value) : value, [step]);
  return value;
}

/** The one document that a string holds. */
export function inside(scalar: TrackedScalar): Tracked | undefined {
  const documents = trackEmbedded(scalar, scalar.origin.mechanism);
  return documents?.length === 1 ? documents[0] : undefined;
}

import type { DecidingField, LeverValue } from '../../domain/index.ts';
import { insertField } from './insert-field.ts';
import type { EditResult } from './read-documents.ts';
import { replaceScalar } from './replace-scalar.ts';

export type { EditResult } from './read-documents.ts';
export { doVersionsDisagree } from './scalar-text.ts';

/**
 * Gives a field a value: the bytes of its scalar are replaced, or, where nothing writes it yet, the fewest lines are
 * added. Refuses unless the result, parsed again, means what the text meant but for this one field.
 */
export function editField(text: string, field: DecidingField, value: LeverValue): EditResult {
  return field.kind === 'present' ? replaceScalar(text, field, value) : insertField(text, field, value);
}

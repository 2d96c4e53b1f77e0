import type { LeverValue, PresentField } from '../../domain/index.ts';
import type { Tracked, TrackedScalar } from '../tracked.ts';
import { isSameExceptAt } from './compare-documents.ts';
import { locate, readDocuments, refused, type EditResult, type Refusal } from './read-documents.ts';
import { doVersionsDisagree, scalarText } from './scalar-text.ts';

/**
 * Replaces the bytes of one scalar and nothing else: same quotes, comments, spacing and line endings. The result is
 * parsed again, and refused unless every document means what it meant but for this one value. The field is found again
 * by its path and must begin where it did, so several fields of one file are edited from its end to its beginning.
 * Takes as long as parsing the text twice.
 */
export function replaceScalar(text: string, field: PresentField, value: LeverValue): EditResult {
  const before = readDocuments(text, field);
  if (before.kind === 'refused') return before;
  const target = locate(before.tracked[field.documentIndex], field.yamlPath);
  if (target?.kind !== 'scalar' || target.origin.start !== field.start) {
    return refused('field-absent', 'the value is not where it was when the file was read');
  }
  const replacement = replacementFor(target, text, value);
  if (typeof replacement !== 'string') return replacement;
  const edited = `${text.slice(0, target.origin.start)}${replacement}${text.slice(target.origin.end)}`;
  const after = readDocuments(edited, field);
  if (after.kind === 'refused') return after;
  const wanted = target.style === 'plain' ? value : String(value);
  const isWanted = (_: Tracked | undefined, found: Tracked | undefined): boolean =>
    found?.kind === 'scalar' && Object.is(found.value, wanted);
  if (!isSameExceptAt(before, after, field, isWanted)) {
    return refused('unsupported-value', 'the edit would change more than this value');
  }
  return { kind: 'edited', text: edited };
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

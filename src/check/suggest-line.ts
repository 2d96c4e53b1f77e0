import type { LeverChange } from '../domain/index.ts';
import { editField } from '../gitops/index.ts';
import type { SuggestedLine } from './check-report.ts';

/** The files of a change's head, and which of their lines a reviewer can remark on. */
export interface HeadFiles {
  /** Undefined where there is no such text. */
  readText(path: string): Promise<string | undefined>;
  isShown(path: string, line: number): Promise<boolean>;
}

/**
 * The line that an edit of one field changes, as it would be. Undefined where the edit is refused, changes more than a
 * line, or is at a place that the change does not show: nobody is asked to accept what they cannot see.
 */
export async function suggestLine({ field, to }: LeverChange, files: HeadFiles): Promise<SuggestedLine | undefined> {
  const text = await files.readText(field.path);
  if (text === undefined) return undefined;
  const edited = editField(text, field, to);
  if (edited.kind === 'refused') return undefined;
  const before = text.split('\n');
  const after = edited.text.split('\n');
  if (before.length !== after.length) return undefined;
  const differing = before.flatMap((line, index) => (line === after[index] ? [] : [index]));
  const [index] = differing;
  if (index === undefined || differing.length > 1) return undefined;
  const line = after[index] ?? '';
  // GitHub writes the lines of a suggestion in its own way, so that a carriage return might be lost or doubled.
  if (line.endsWith('\r') || before[index]?.endsWith('\r') === true) return undefined;
  if (!(await files.isShown(field.path, index + 1))) return undefined;
  return { path: field.path, line: index + 1, text: line };
}

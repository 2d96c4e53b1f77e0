import type { DecidingField, LeverValue, Proposal } from '../../domain/index.ts';

/** Gives one field of a file's text a value, or says why not. */
export type FieldEditor = (
  text: string,
  field: DecidingField,
  value: LeverValue,
) =>
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

export type EditedFiles =
  | { readonly kind: 'edited'; readonly files: readonly { readonly path: string; readonly text: string }[] }
  | { readonly kind: 'refused'; readonly detail: string };

/** The files of a proposal after its changes; files that stay as they are left out. */
export async function editFiles(
  proposal: Proposal,
  readText: (path: string) => Promise<string>,
  edit: FieldEditor,
): Promise<EditedFiles> {
  const files: { path: string; text: string }[] = [];
  const paths = [...new Set(proposal.changes.map(({ field }) => field.path))].toSorted();
  for (const path of paths) {
    const before = await readText(path);
    let text = before;
    // From the end of the file: a later edit must not move the offsets of an earlier one.
    const changes = proposal.changes
      .filter(({ field }) => field.path === path)
      .toSorted((left, right) => right.field.start - left.field.start);
    for (const { field, to } of changes) {
      const result = edit(text, field, to);
      if (result.kind === 'refused')
        return { kind: 'refused', detail: `${path}:${field.line}: ${result.reason}: ${result.detail}` };
      text = result.text;
    }
    if (text !== before) files.push({ path, text });
  }
  return { kind: 'edited', files };
}

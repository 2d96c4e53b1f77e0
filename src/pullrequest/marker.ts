/**
 * A hidden HTML comment `<!-- flyball:NAME {json} -->` that holds data for the next scan. Only ASCII and no `<`, `>`, `&`
 * or `--` gets into it, so that nothing in the data can end the comment.
 */
export function hiddenMarker(name: 'proposal', data: object): string {
  const json = JSON.stringify(data).replace(
    /[^\x20-\x7e]|[<>&]|-(?=-|$)|(?<=-)-/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `<!-- flyball:${name} ${json} -->`;
}

/** The data of the last line's marker; undefined when the last line is no marker, or not JSON. */
export function readHiddenMarker(name: 'proposal', body: string): unknown {
  const lastLine = body.trimEnd().split('\n').at(-1) ?? '';
  const prefix = `<!-- flyball:${name} `;
  if (!lastLine.startsWith(prefix) || !lastLine.endsWith(' -->')) return undefined;
  try {
    return JSON.parse(lastLine.slice(prefix.length, -' -->'.length));
  } catch {
    return undefined;
  }
}

/** What hidden markers there are. */
export type MarkerName =
  | 'proposal'
  | 'decisions'
  | 'state'
  | 'closed'
  | 'onboarding'
  | 'dashboard'
  | 'problems'
  | 'reply'
  | 'check'
  | 'suggestion';

/**
 * A hidden HTML comment `<!-- flyball:NAME {json} -->` that holds data for the next scan. Only ASCII and no `<`, `>`, `&`
 * or `--` gets into it, so that nothing in the data can end the comment.
 */
export function hiddenMarker(name: MarkerName, data: object): string {
  const json = JSON.stringify(data).replace(
    /[^\x20-\x7e]|[<>&]|-(?=-|$)|(?<=-)-/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `<!-- flyball:${name} ${json} -->`;
}

/** The data of the last line's marker; undefined when the last line is no marker, or not JSON. */
export function readHiddenMarker(name: MarkerName, body: string): unknown {
  return parseMarker(name, body.trimEnd().split('\n').at(-1) ?? '');
}

/**
 * The data of a marker among the markers that end a body, in any order. What stands above the first line that is no
 * marker is text, and may be a quotation.
 */
export function readTailMarker(name: MarkerName, body: string): unknown {
  const { markers } = splitTail(body);
  return markers.map((line) => parseMarker(name, line)).find((data) => data !== undefined);
}

/** A body's text, and the markers that end it. Forms in a browser end lines with CRLF. */
export function splitTail(body: string): { readonly text: string; readonly markers: readonly string[] } {
  const lines = body.replaceAll('\r\n', '\n').trimEnd().split('\n');
  const last = lines.findLastIndex((line) => !/^<!-- flyball:[a-z]+ .* -->$/.test(line));
  return {
    text: lines
      .slice(0, last + 1)
      .join('\n')
      .trimEnd(),
    markers: lines.slice(last + 1),
  };
}

/** A body with a marker directly above its last one; a marker of that name that was there is replaced. */
export function withTailMarker(name: MarkerName, body: string, data: object | undefined): string {
  const { text, markers } = splitTail(body);
  const others = markers.filter((line) => !line.startsWith(`<!-- flyball:${name} `));
  const added = data === undefined ? [] : [hiddenMarker(name, data)];
  return `${[text, '', ...others.slice(0, -1), ...added, ...others.slice(-1)].join('\n')}\n`;
}

function parseMarker(name: MarkerName, line: string): unknown {
  const prefix = `<!-- flyball:${name} `;
  if (!line.startsWith(prefix) || !line.endsWith(' -->')) return undefined;
  try {
    return JSON.parse(line.slice(prefix.length, -' -->'.length));
  } catch {
    return undefined;
  }
}

/** The comment that a comment of the App's answers. Only comments that the App wrote may be given. */
export function readHiddenReply(body: string): number | undefined {
  const data = readTailMarker('reply', body);
  const isReply = typeof data === 'object' && data !== null && 'comment' in data && typeof data.comment === 'number';
  return isReply ? Number(data.comment) : undefined;
}

export function withHiddenReply(text: string, comment: number): string {
  return `${text.trimEnd()}\n\n${hiddenMarker('reply', { comment })}\n`;
}

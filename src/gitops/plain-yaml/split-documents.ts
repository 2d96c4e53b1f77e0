/** A document of a text, without the marker before it. */
export interface DocumentSlice {
  readonly documentIndex: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The documents of a text, cut at its markers: `---` at a line's beginning ends a document whatever stands around it
 * (YAML 1.2.2, section 9.1.2). Undefined for texts with directives, `...` or content behind a marker, which need a
 * parser. Line ends are `\n`.
 */
export function splitDocuments(text: string): readonly DocumentSlice[] | undefined {
  if (/^(?:%|\.\.\.)/m.test(text)) return undefined;
  const slices: DocumentSlice[] = [];
  let start = 0;
  // Comments before the first marker belong to the document behind it.
  let documentIndex = 0;
  for (const { 0: marker, index } of text.matchAll(/^---.*$/gm)) {
    if (!/^---(?: *| +#.*)$/.test(marker)) return undefined;
    const isHead = start === 0 && /^(?: *(?:#[^\n\t]*)?\n)*$/.test(text.slice(start, index));
    if (!isHead) {
      slices.push({ documentIndex, start, end: index });
      documentIndex += 1;
    }
    start = Math.min(index + marker.length + 1, text.length);
  }
  return [...slices, { documentIndex, start, end: text.length }];
}

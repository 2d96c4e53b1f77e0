import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt('commonmark', { html: true });

/** GitHub's own limit of a comment's body. */
const bodyCharactersMax = 65_536;

/**
 * The lines of a comment that its author says himself, with their number from 1: paragraphs of the comment's own level.
 * Quoted text, code, lists, headings and HTML are left out, so that quoting a command never runs it.
 */
export function ownLines(body: string): readonly { readonly line: number; readonly text: string }[] {
  const text = body.slice(0, bodyCharactersMax).replaceAll('\r\n', '\n');
  const lines = text.split('\n');
  const found: { readonly line: number; readonly text: string }[] = [];
  let depth = 0;
  for (const token of markdown.parse(text, {})) {
    if (token.type === 'paragraph_open' && depth === 0 && token.map !== null) {
      const [start, end] = token.map;
      for (let line = start; line < end; line += 1) found.push({ line: line + 1, text: lines[line] ?? '' });
    }
    depth += token.nesting;
  }
  return found;
}

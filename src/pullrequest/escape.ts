/**
 * Makes text from outside (names, labels, tags, file paths, messages) inert in GitHub Markdown, HTML and commit
 * messages. GitHub turns `@name`, `#1`, commit ids and addresses into links after Markdown is rendered, so a backslash
 * does not stop it; inside a code span it leaves them alone. Hence the one rule here: a word that is not plainly
 * harmless becomes a code span.
 */

const invisible =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/**
 * The text with every control, bidirectional and zero-width character, and every space but U+0020, shown by a visible
 * stand-in: `␊` for a newline, `⟨U+202E⟩` for a right-to-left override.
 */
export function visibleText(text: string): string {
  return text.replace(invisible, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '␡';
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** The first `charactersMax` characters, the last of them `…` when some were cut. */
export function clipText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const characters = Array.from(text.slice(0, charactersMax * 2 + 2));
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`;
}

/** Longest text from outside that one cell or sentence shows; a Kubernetes name has at most 253 characters. */
const shownCharactersMax = 300;

/** A Markdown code span, or `(empty)`. In a table, pass the row through {@link tableRow}. */
export function codeSpan(text: string): string {
  if (text === '') return '(empty)';
  // Renderers strip spaces at the ends of a code span; they may be what is wrong, so they are shown.
  const shown = clipText(visibleText(clipText(text, shownCharactersMax)), shownCharactersMax).replace(
    /^ +| +$/g,
    (spaces) => '␠'.repeat(spaces.length),
  );
  const fence = '`'.repeat(longestRunOfBackticks(shown) + 1);
  const padding = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${shown}${padding}${fence}`;
}

function longestRunOfBackticks(text: string): number {
  let longest = 0;
  for (const run of text.matchAll(/`+/g)) longest = Math.max(longest, run[0].length);
  return longest;
}

const harmlessCharacters = /^[\p{L}\p{N}\p{M}.,;:%()'"/+$!?=×÷≥≤≈±·…→−–—-]+$/u;

// Web addresses; emoji codes such as :x:; GH-1 and commit ids, which GitHub links; $…$, which it reads as mathematics;
// a lone sign, which begins a list or underlines a heading.
const activeWords = /www\.|:(?!\d|$)|:.*:|^:|gh-\d|(?<![\p{L}\p{N}])[\da-f]{7,}(?![\p{L}\p{N}])|\$(?!\d)|^[-+=]+$/iu;

function isHarmlessWord(word: string): boolean {
  return harmlessCharacters.test(word) && !activeWords.test(word) && visibleText(word) === word;
}

/** A sentence as one line of Markdown: harmless words stay text, every other word becomes a code span. */
export function proseText(text: string): string {
  const words = clipText(visibleText(clipText(text, shownCharactersMax)), shownCharactersMax)
    .split(' ')
    .filter((word) => word !== '');
  if (words.length === 0) return '(empty)';
  return words
    .map((word, index) => (index === 0 && /^\d+[.)]$/.test(word) ? codeSpan(word) : proseWord(word)))
    .join(' ');
}

function proseWord(word: string): string {
  if (isHarmlessWord(word)) return word;
  const [, open = '', core = '', close = ''] = /^([("']*)(.*?)([.,;:!?)"']*)$/su.exec(word) ?? [];
  return core === '' ? codeSpan(word) : `${open}${codeSpan(core)}${close}`;
}

/** One row of a GitHub table from cells of inline Markdown; a `|` in a cell cannot begin a new column. */
export function tableRow(cells: readonly string[]): string {
  // A row is cut at every | that has no backslash before it, code span or not; that backslash is dropped again.
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** A fenced code block; its fence is longer than any run of backticks in the text. Newlines and tabs stay. */
export function fencedBlock(language: 'diff' | 'mermaid' | 'text', text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t').map(visibleText).join('\t'));
  if (lines.at(-1) === '') lines.pop();
  const fence = '`'.repeat(Math.max(3, longestRunOfBackticks(text) + 1));
  return [`${fence}${language}`, ...lines, fence].join('\n');
}

/** HTML text or attribute value (in double or single quotes), invisible characters shown. */
export function escapeHtml(text: string): string {
  return visibleText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/**
 * A name for titles, commit messages and branch names, where no code span is possible: letters, digits, `.`, `_` and
 * `-` stay, everything else is percent-encoded, so two different names never look the same.
 */
export function plainName(text: string): string {
  return clipText(text, 253).replace(/[^A-Za-z0-9._-]/gu, percentEncode);
}

// A line of three dashes would end the message for tools that read patches.
const unusualInPlainWord = new RegExp(`${invisible.source}|[^\\p{L}\\p{N}._/,()+=-]|^-{3,}$`, 'gu');

/** A sentence for commit messages: as {@link proseText}, but the unusual characters of a word are percent-encoded. */
export function plainSentence(text: string): string {
  return clipText(text, shownCharactersMax)
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => (isHarmlessWord(word) ? word : word.replace(unusualInPlainWord, percentEncode)))
    .join(' ');
}

function percentEncode(characters: string): string {
  return [...Buffer.from(characters, 'utf8')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

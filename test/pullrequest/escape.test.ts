import * as fc from 'fast-check';
import MarkdownIt, { type Token } from 'markdown-it';
import { expect, test } from 'vitest';
import {
  codeSpan,
  escapeHtml,
  fencedBlock,
  plainName,
  plainSentence,
  proseText,
  tableRow,
  visibleText,
} from '../../src/pullrequest/escape.ts';
import { hiddenMarker, readHiddenMarker } from '../../src/pullrequest/marker.ts';
import { hostileText } from '../builders.ts';

const markdown = new MarkdownIt({ html: true, linkify: true });

/** Strings that lean towards what breaks Markdown, HTML and forges. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...hostileText.split(' '),
        '`',
        '|',
        '\\|',
        '\n',
        ' ',
        '@a',
        '#1',
        '<!--',
        ']]>',
        '\t',
        '1.',
        '+',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))
  .map((text) => text.slice(0, 250));

/** Short enough to be shown whole. */
const shownWhole = hostile.filter((text) => text !== '' && visibleText(text).length <= 300);

/** Text of tokens of one type, one after the other. */
function contents(tokens: readonly Token[], type: string): string {
  return tokens
    .filter((token) => token.type === type)
    .map(({ content }) => content)
    .join('');
}

function inlineTokens(tokens: readonly Token[]): readonly Token[] {
  return tokens.flatMap((token) => token.children ?? []);
}

test('a code span shows exactly the text, and nothing of the text is Markdown', () => {
  fc.assert(
    fc.property(shownWhole, (text) => {
      const tokens = markdown.parse(`before ${codeSpan(text)} after`, {});

      expect(tokens.map(({ type }) => type)).toEqual(['paragraph_open', 'inline', 'paragraph_close']);
      const inline = inlineTokens(tokens);
      expect(inline.map(({ type }) => type)).toEqual(['text', 'code_inline', 'text']);
      expect(contents(inline, 'code_inline').replaceAll('␠', ' ')).toBe(visibleText(text).replaceAll('␠', ' '));
    }),
    { numRuns: 500 },
  );
});

test('a sentence stays one paragraph of text and code spans', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const tokens = markdown.parse(proseText(text), {});

      expect(tokens.map(({ type }) => type)).toEqual(['paragraph_open', 'inline', 'paragraph_close']);
      for (const { type } of inlineTokens(tokens)) expect(['text', 'code_inline']).toContain(type);
      expect(contents(inlineTokens(tokens), 'text')).not.toMatch(/[@#<>&`|[\]*_~\\]|:\/\/|www\./i);
    }),
    { numRuns: 500 },
  );
});

test('a sentence made of ordinary words has no code span', () => {
  const sentence = 'the p99 hour of 28 days keeps 2.1 of 6 GPUs busy (35 %), $1,762 a month; 6 → 3 since 2026-10-04';

  expect(proseText(sentence)).toBe(sentence);
});

test.each([
  ['ask @everyone now', 'ask `@everyone` now'],
  ['fixes #1.', 'fixes `#1`.'],
  ['see https://evil.example, or www.evil.example', 'see `https://evil.example`, or `www.evil.example`'],
  ['GH-12 and 0b1f6f2c9d', '`GH-12` and `0b1f6f2c9d`'],
  ['1. item', '`1.` item'],
  ['(a|b)', '(`a|b`)'],
  ['$x$ costs $5', '`$x$` costs $5'],
  [':tada: at 12:30', '`:tada`: at 12:30'],
])('the active word of %j becomes a code span', (text, expected) => {
  expect(proseText(text)).toBe(expected);
});

test('a row of hostile cells has as many columns as its head', () => {
  fc.assert(
    fc.property(shownWhole, hostile, (left, right) => {
      const table = [tableRow(['one', 'two']), tableRow(['---', '---']), tableRow([codeSpan(left), proseText(right)])];
      const tokens = markdown.parse(table.join('\n'), {});

      expect(tokens.filter(({ type }) => type === 'td_open')).toHaveLength(2);
      expect(tokens.filter(({ type }) => type === 'tr_open')).toHaveLength(2);
      const inert = new Set(['text', 'code_inline']);
      expect(inlineTokens(tokens).filter(({ type }) => !inert.has(type))).toEqual([]);
      const shown = inlineTokens(tokens).find(({ type }) => type === 'code_inline')?.content ?? '';
      expect(shown.replaceAll('␠', ' ')).toBe(visibleText(left).replaceAll('␠', ' '));
    }),
    { numRuns: 500 },
  );
});

test('nothing in a fenced block can end it', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 5 }), (lines) => {
      const text = lines.join('\n');
      const tokens = markdown.parse(`${fencedBlock('diff', text)}\n\nafter`, {});

      expect(tokens.map(({ type }) => type)).toEqual(['fence', 'paragraph_open', 'inline', 'paragraph_close']);
      expect(tokens[0]?.info).toBe('diff');
      expect(tokens[0]?.content).not.toMatch(/[^\n\t\P{Cc}]|[\u202a-\u202e]/u);
    }),
    { numRuns: 300 },
  );
});

test('a hidden marker stays one comment and gives its data back', () => {
  fc.assert(
    fc.property(fc.dictionary(hostile, fc.oneof(hostile, fc.integer())), (data) => {
      const marker = hiddenMarker('proposal', data);
      const tokens = markdown.parse(`text\n\n${marker}\n`, {});

      expect(tokens.map(({ type }) => type)).toEqual(['paragraph_open', 'inline', 'paragraph_close', 'html_block']);
      expect(marker.slice(4, -3)).not.toMatch(/--|[<>&]/);
      expect(marker).toMatch(/^[\x20-\x7e]*$/);
      expect(readHiddenMarker('proposal', `text\n\n${marker}\n`)).toEqual(JSON.parse(JSON.stringify(data)));
    }),
    { numRuns: 300 },
  );
});

test('a marker that is not the last line is not read', () => {
  expect(readHiddenMarker('proposal', `${hiddenMarker('proposal', { fingerprint: 'x' })}\nmore`)).toBeUndefined();
});

test('escaped HTML holds no tag, no entity of the text and no quote', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const html = escapeHtml(text);

      expect(html).not.toMatch(/[<>"']/);
      expect(html.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      expect(html).not.toMatch(/[\p{Cc}\u202a-\u202e\u200b]/u);
    }),
  );
});

const wellFormed = hostile.filter((text) => Buffer.from(text).toString() === text);

test('names for titles are ASCII without any character that a forge acts on, and differ when the names differ', () => {
  fc.assert(
    fc.property(wellFormed, wellFormed, (left, right) => {
      expect(plainName(left)).toMatch(/^[A-Za-z0-9._%-]*$/);
      expect(plainName(left) === plainName(right)).toBe(left === right);
    }),
  );
});

test('a plain sentence mentions, closes and links nothing', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(plainSentence(text)).not.toMatch(/[@#<>[\]`|\n\r]|:\/\/|(^| )-{3,}( |$)/);
    }),
  );
});

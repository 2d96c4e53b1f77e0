import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { problemCodes } from '../../src/domain/index.ts';

const page = await readFile('docs/errors.md', 'utf8');
const sections = page.split(/^### /m).slice(1);

test('every problem code has one heading, and every heading is a problem code', () => {
  const headings = sections.map((section) => section.split('\n')[0] ?? '');

  expect(headings.toSorted()).toEqual([...problemCodes].toSorted());
});

test.each(sections.map((section) => [section.split('\n')[0] ?? '', section] as const))(
  '%s says what it means, shows a message and what to do',
  (code, section) => {
    const [, meaning = '', example = '', remedy = ''] = section.split('\n\n');

    expect(meaning.length).toBeGreaterThan(30);
    expect(example).toMatch(new RegExp(`^    (error|warning)\\[${code}\\] \\S`));
    expect(remedy.length).toBeGreaterThan(20);
  },
);

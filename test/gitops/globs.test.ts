import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Globs } from '../../src/gitops/globs.ts';

describe('file patterns', () => {
  test.each([
    ['apps/*', 'segments', ['apps/a']],
    ['apps/*', 'across', ['apps/a', 'apps/a/b', 'apps/.c/d']],
    ['apps/**', 'segments', ['apps/a', 'apps/a/b', 'apps/.c/d']],
    ['{apps/a,other}', 'segments', ['apps/a', 'other']],
    ['apps/?', 'segments', ['apps/a']],
    ['', 'segments', []],
  ] as const)('%s with stars for %s', (pattern, stars, expected) => {
    const paths = ['apps/a', 'apps/a/b', 'apps/.c/d', 'other'];

    expect(new Globs().filter(pattern, stars, paths)).toEqual(expected);
  });

  test('any text is a pattern that matches some of the paths, or is not followed', () => {
    const text = fc.string({
      maxLength: 30,
      unit: fc.constantFrom(
        'a',
        'b',
        '/',
        '*',
        '?',
        '[',
        ']',
        '{',
        '}',
        '(',
        ')',
        ',',
        '!',
        '@',
        '+',
        '|',
        '\\',
        '.',
        '^',
        '$',
      ),
    });
    fc.assert(
      fc.property(
        text,
        fc.array(text, { maxLength: 5 }),
        fc.constantFrom('segments', 'across'),
        (pattern, paths, stars) => {
          const found = new Globs().filter(pattern, stars, paths);
          expect(paths).toEqual(expect.arrayContaining([...(found ?? [])]));
        },
      ),
    );
  });

  test('a pattern made to backtrack for ever ends, and is not followed', () => {
    const paths = Array.from({ length: 100_000 }, (_, index) => `${'a'.repeat(300)}${index}`);
    const started = performance.now();

    expect(new Globs().filter(`${'*a'.repeat(10)}b`, 'across', paths)).toBeUndefined();
    expect(new Globs().filter('{a,aa}'.repeat(30), 'segments', paths)).toBeUndefined();
    expect(new Globs().filter('a'.repeat(201), 'segments', paths)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

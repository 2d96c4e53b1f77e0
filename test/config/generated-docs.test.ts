import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { publishedSchemas, references, replaceReference } from '../../scripts/schema-reference.ts';

const howTo = 'npx tsx scripts/generate-config-docs.ts';

test.each(references)(
  `the reference of $name in $page is the one that the schema generates (${howTo})`,
  async ({ page, name, schema }) => {
    const text = await readFile(page, 'utf8');

    expect(text).toBe(replaceReference(text, name, schema));
    expect(text).toContain('### ');
  },
);

test.each(publishedSchemas)(`$file is the schema of the code (${howTo})`, async ({ file, schema }) => {
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(schema);
});

test('a page without a place for its reference is an error, not a silent success', () => {
  expect(() => replaceReference('# Page\n', 'flyball.yml', {})).toThrow('no place');
});

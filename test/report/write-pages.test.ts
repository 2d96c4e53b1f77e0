import { mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { renderPages, writePages } from '../../src/report/index.ts';
import { aReport } from './worlds.ts';

async function aDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'flyball-pages-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test('a second run of the same scan writes nothing and changes no byte', async () => {
  const directory = join(await aDirectory(), 'not', 'yet', 'there');
  const pages = renderPages(aReport());
  await writePages(directory, pages);
  const before = await stat(join(directory, 'index.html'));

  const second = await writePages(directory, renderPages(aReport()));

  expect(second).toEqual({ written: [], removed: [] });
  expect((await stat(join(directory, 'index.html'))).mtimeMs).toBe(before.mtimeMs);
  for (const [name, content] of pages) expect(await readFile(join(directory, name), 'utf8')).toBe(content);
});

test('pages that are gone are removed, and files of others stay', async () => {
  const directory = await aDirectory();
  await writePages(directory, renderPages(aReport()));
  await writeFile(join(directory, 'notes.md'), 'mine\n');

  const second = await writePages(directory, renderPages(aReport({ proposals: aReport().proposals.slice(0, 1) })));

  expect(second.removed).toHaveLength(6);
  expect((await readdir(directory)).toSorted()).toEqual(
    [
      '.flyball-pages.json',
      ...renderPages(aReport({ proposals: aReport().proposals.slice(0, 1) })).keys(),
      'notes.md',
    ].toSorted(),
  );
});

test('a list that names files outside the folder removes none of them', async () => {
  const directory = await aDirectory();
  const outside = join(directory, 'outside.md');
  await writeFile(outside, 'mine\n');
  const pagesDirectory = join(directory, 'pages');
  await writePages(pagesDirectory, new Map([['a.md', 'a\n']]));
  await writeFile(join(pagesDirectory, '.flyball-pages.json'), '{"pages":["../outside.md","/etc/passwd",7]}');

  await writePages(pagesDirectory, new Map([['b.md', 'b\n']]));

  expect(await readFile(outside, 'utf8')).toBe('mine\n');
});

test.each(['not json', '[]', '{"pages":"a.md"}'])('a broken list (%s) is replaced', async (text) => {
  const directory = await aDirectory();
  await writeFile(join(directory, '.flyball-pages.json'), text);

  await writePages(directory, new Map([['b.md', 'b\n']]));

  expect(JSON.parse(await readFile(join(directory, '.flyball-pages.json'), 'utf8'))).toEqual({ pages: ['b.md'] });
});

test('a symbolic link in the folder is replaced, not written through', async () => {
  const directory = await aDirectory();
  const target = join(directory, 'target.txt');
  await writeFile(target, 'mine\n');
  const pagesDirectory = join(directory, 'pages');
  await writePages(pagesDirectory, new Map([['other.md', 'x\n']]));
  await symlink(target, join(pagesDirectory, 'index.md'));

  await writePages(pagesDirectory, new Map([['index.md', 'ours\n']]));

  expect(await readFile(target, 'utf8')).toBe('mine\n');
  expect(await readFile(join(pagesDirectory, 'index.md'), 'utf8')).toBe('ours\n');
});

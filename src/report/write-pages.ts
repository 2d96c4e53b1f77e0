import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { indexMarkdown } from './index-markdown.ts';
import { indexPage } from './index-page.ts';
import { proposalPage } from './proposal-page.ts';
import type { ScanReport } from './scan-report.ts';

/** Lists the pages of the last run, so that a page nobody makes any more can be removed and nothing else is. */
const listName = '.flyball-pages.json';

const pageFileName = /^[A-Za-z0-9][A-Za-z0-9._-]*\.(?:md|html)$/;

/** Every page of a scan by its file name; the same report gives the same bytes. */
export function renderPages(report: ScanReport): ReadonlyMap<string, string> {
  const pages = new Map<string, string>();
  for (const reported of report.proposals) {
    const { page } = reported.publication;
    pages.set(`${page}.md`, reported.pullRequest.body);
    pages.set(`${page}.html`, proposalPage(report, reported));
  }
  pages.set('index.md', indexMarkdown(report));
  pages.set('index.html', indexPage(report));
  return pages;
}

/**
 * Writes the pages and removes those of the last run that are gone. Files that are already right are not touched, and
 * files of others are left alone.
 */
export async function writePages(
  directory: string,
  pages: ReadonlyMap<string, string>,
): Promise<{ readonly written: readonly string[]; readonly removed: readonly string[] }> {
  await mkdir(directory, { recursive: true });
  const before = await readList(directory);
  const names = [...pages.keys()].toSorted();
  // Both lists first: a run that is cut off leaves no page that the next run would not know as its own.
  await writeAtomically(join(directory, listName), listText([...new Set([...before, ...names])].toSorted()));
  const written: string[] = [];
  for (const [name, content] of pages) {
    const path = join(directory, name);
    if ((await readIfPresent(path)) === content) continue;
    await writeAtomically(path, content);
    written.push(name);
  }
  const removed = before.filter((name) => !pages.has(name));
  for (const name of removed) await rm(join(directory, name), { force: true });
  await writeAtomically(join(directory, listName), listText(names));
  return { written, removed };
}

function listText(names: readonly string[]): string {
  return `${JSON.stringify({ pages: names }, null, 2)}\n`;
}

/** Names that could be paths are dropped: the list is a file that anyone may have changed. */
async function readList(directory: string): Promise<readonly string[]> {
  const text = await readIfPresent(join(directory, listName));
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A broken list only means that old pages stay; the new list replaces it.
    return [];
  }
  const pages = typeof value === 'object' && value !== null && 'pages' in value ? value.pages : undefined;
  if (!Array.isArray(pages)) return [];
  return pages.filter((name): name is string => typeof name === 'string' && pageFileName.test(name));
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Other readers see the old content or the new one, never a part; a symbolic link is replaced, not followed. */
async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, content, { flag: 'wx' });
  await rename(temporary, path);
}

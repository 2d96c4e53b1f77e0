import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkRepository } from './check-repository.ts';

/** Folders of manifests: the project's own, and those below FLYBALL_CORPUS, where people keep clones of real repositories. */
const own = ['examples/gitops'];
const extra = process.env['FLYBALL_CORPUS'];
const repositories = [
  ...own,
  ...(extra === undefined
    ? []
    : readdirSync(extra, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => path.join(extra, name))),
];
if (extra === undefined) {
  console.warn(`FLYBALL_CORPUS is not set: only ${own.join(', ')} is checked, and no real repositories`);
}

test.each(repositories)(
  'every editable lever of %s is changed alone, reads as its new value, and comes back byte for byte',
  { timeout: 300_000 },
  async (folder) => {
    const result = await checkRepository(folder);
    console.log(
      `${path.basename(folder)}: ${result.filesListed} files, ${result.filesParsed} parsed, ` +
        `${result.editableWorkloads} of ${result.workloads} workloads editable, ${sum(result.edited)} of ${result.levers} levers edited`,
    );

    expect(result.wrong).toEqual([]);
    expect(sum(result.edited) + sum(result.notEditable) + result.refused.length).toBe(result.levers);
  },
);

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

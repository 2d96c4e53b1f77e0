/**
 * Edits every lever of real repositories and prints, as Markdown, how many are editable, by mechanism, and why others are not.
 * npx tsx bench/corpus.ts FOLDER…
 */
import path from 'node:path';
import { checkRepository, type CorpusResult } from '../test/corpus/check-repository.ts';

const folders = process.argv.slice(2);
if (folders.length === 0) throw new Error('name one folder of manifests, or more');
const results = new Map<string, CorpusResult>();
for (const folder of folders) results.set(path.basename(folder), await checkRepository(folder));

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const shares = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([, left], [, right]) => right - left)
    .map(([name, count]) => `${name} ${count}`)
    .join('; ') || '–';
const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

console.log(
  row([
    'repository',
    'files',
    'parsed',
    'workloads',
    'with an editable lever',
    'levers',
    'edited and back',
    'by mechanism',
    'not editable, by reason',
    'refused by the proof',
    'wrong',
  ]),
);
console.log(row(Array.from({ length: 11 }, () => '---')));
for (const [name, result] of results) {
  console.log(
    row([
      name,
      result.filesListed,
      result.filesParsed,
      result.workloads,
      result.editableWorkloads,
      result.levers,
      total(result.edited),
      shares(result.edited),
      shares(result.notEditable),
      result.refused.length,
      result.wrong.length,
    ]),
  );
}
for (const [name, { refused, wrong }] of results) {
  for (const detail of [...refused, ...wrong]) console.error(`${name}: ${detail}`);
}
process.exitCode = [...results.values()].some(({ wrong }) => wrong.length > 0) ? 1 : 0;

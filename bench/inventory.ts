/**
 * How long the inventory of a repository takes, against the floor: parsing the same YAML files with `yaml` and nothing else.
 * Each measurement is a process of its own. `npx tsx bench/inventory.ts [MANIFESTS=10000 | FOLDER]`
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readBlobs } from '../src/gitops/git/tree.ts';
import { openRepository, takeInventory } from '../src/gitops/index.ts';
import { changeOneInHundred, generateRepository } from './generated-repository.ts';

interface Measured {
  readonly seconds: number;
  readonly files: number;
  readonly megabytes: number;
  readonly peakMib: number;
  readonly note: string;
}

const [first = '10000', repository = '', cacheDirectory = ''] = process.argv.slice(2);
if (first === 'floor' || first === 'inventory') console.log(JSON.stringify(await measure(first)));
else compare(first);

async function measure(what: 'floor' | 'inventory'): Promise<Measured> {
  const snapshot = await openRepository({ location: repository, cacheDirectory: path.join(cacheDirectory, 'clones') });
  const files = snapshot.files.filter((file) => /\.ya?ml$/.test(file.path) && (file.size ?? 0) <= 1_048_576);
  const megabytes = files.reduce((sum, { size }) => sum + (size ?? 0), 0) / 1e6;
  const start = performance.now();
  let note = '';
  if (what === 'floor') {
    for await (const { content } of readBlobs(
      snapshot.gitDirectory,
      files.map(({ blobId }) => blobId),
    )) {
      parseAllDocuments(content.toString('utf8'), { uniqueKeys: false, logLevel: 'silent' });
    }
  } else {
    const { workloads, filesParsed } = await takeInventory(snapshot, {
      cache: { folder: cacheDirectory, programVersion: 'bench' },
    });
    note = `${workloads.length} workloads, ${filesParsed} files parsed`;
  }
  const seconds = (performance.now() - start) / 1000;
  return { seconds, files: files.length, megabytes, peakMib: process.resourceUsage().maxRSS / 1024, note };
}

function compare(given: string): void {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'flyball-bench-inventory-'));
  const isFolder = existsSync(given);
  const folder = isFolder ? given : path.join(scratch, 'fleet');
  const manifests = Number(given);
  try {
    if (!isFolder) {
      execFileSync('mkdir', [folder]);
      generateRepository(folder, manifests);
    }
    const cache = path.join(scratch, 'cache');
    const rows: (readonly [string, Measured])[] = [
      ['raw yaml parse (floor)', run('floor', folder, cache)],
      ['inventory, cold', run('inventory', folder, cache)],
      ['inventory again, same commit', run('inventory', folder, cache)],
    ];
    if (!isFolder) {
      changeOneInHundred(folder, manifests);
      rows.push(['inventory after a commit to 1 % of the files', run('inventory', folder, cache)]);
    }
    const floor = rows[0]?.[1].seconds ?? Number.NaN;
    console.log('| what | s | files/s | MB/s | ÷ floor | peak MiB | |\n|---|---|---|---|---|---|---|');
    for (const [name, { seconds, files, megabytes, peakMib, note }] of rows) {
      const cells = [
        seconds.toFixed(2),
        Math.round(files / seconds),
        (megabytes / seconds).toFixed(1),
        (seconds / floor).toFixed(3),
        Math.round(peakMib),
        note,
      ];
      console.log(`| ${name} | ${cells.join(' | ')} |`);
    }
    console.log(`${rows[0]?.[1].files} YAML files, ${rows[0]?.[1].megabytes.toFixed(1)} MB`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(what: 'floor' | 'inventory', folder: string, cache: string): Measured {
  const command = ['--import', 'tsx', import.meta.filename, what, folder, cache];
  return JSON.parse(
    execFileSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  ) as Measured;
}

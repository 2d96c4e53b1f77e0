import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProblemError } from '../../src/domain/index.ts';
import { openLedger, readRow, readRows, type Ledger } from '../../src/ledger/index.ts';
import { aCharge, focusCsv, temporaryFolder } from './worlds.ts';

let folder = '';
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(name = 'ledger.duckdb'): Promise<Ledger> {
  return openLedger({
    path: path.join(folder, name),
    temporaryDirectory: path.join(folder, 'tmp'),
    memoryLimitMib: 256,
  });
}

async function problemOf(opening: Promise<unknown>): Promise<ProblemError['problem']> {
  return opening.then(
    () => expect.fail('the ledger opened'),
    (error: ProblemError) => error.problem,
  );
}

/** Starts a process that holds the ledger open and ingests without end. */
async function startIngesting(bill: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../fixtures/ledger/ingest-forever.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, path.join(folder, 'ledger.duckdb'), path.join(folder, 'tmp'), bill],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return child;
}

test('SQL reaches no file outside the ledger’s own folder, and no setting can be changed back', async () => {
  await writeFile(path.join(folder, 'secret.csv'), 'a\n1\n');
  const ledger = await open();

  for (const statement of [
    `SELECT * FROM read_csv('${folder}/secret.csv')`,
    `COPY (SELECT 1) TO '${folder}/out.csv'`,
    `ATTACH '${folder}/other.duckdb'`,
    'INSTALL httpfs',
    `LOAD '${folder}/x.duckdb_extension'`,
    'SET enable_external_access = true',
    `SET temp_directory = '${folder}'`,
  ]) {
    await expect(ledger.connection.run(statement)).rejects.toThrow(/disabled|locked|Permission/);
  }
  await ledger.close();
});

test('a second opening in the same process is refused, also through a link, and works after close', async () => {
  const ledger = await open();
  await symlink(folder, path.join(folder, 'link'));

  expect((await problemOf(open())).code).toBe('LEDGER_LOCKED');
  expect((await problemOf(open('link/ledger.duckdb'))).code).toBe('LEDGER_LOCKED');
  await ledger.close();
  await (await open()).close();
});

test('a file that is no database is LEDGER_UNREADABLE and stays as it was', async () => {
  await writeFile(path.join(folder, 'ledger.duckdb'), 'not a database, but long enough to be looked at'.repeat(200));

  const problem = await problemOf(open());

  expect(problem.code).toBe('LEDGER_UNREADABLE');
  expect(problem.place).toEqual({ kind: 'file', path: path.join(folder, 'ledger.duckdb') });
});

test('a ledger of a newer program is LEDGER_UNREADABLE', async () => {
  const ledger = await open();
  await ledger.connection.run('INSERT INTO schema_version VALUES (999)');
  await ledger.close();

  const problem = await problemOf(open());

  expect(problem.code).toBe('LEDGER_UNREADABLE');
  expect(problem.message).toContain('999');
});

test('what a killed process left in the staging folder is cleared when the ledger opens again', async () => {
  const first = await open();
  const { stagingDirectory } = first;
  await first.close();
  await mkdir(stagingDirectory, { recursive: true });
  await writeFile(path.join(stagingDirectory, 'staged'), 'half a file');

  const second = await open();

  expect(await readdir(stagingDirectory)).toEqual([]);
  await second.close();
});

test('a second process gets LEDGER_LOCKED with the pid; kill -9 in mid-ingest leaves only whole files', async () => {
  const bill = path.join(folder, 'bill.csv');
  const rowCount = 20_000;
  await writeFile(bill, focusCsv(Array.from({ length: rowCount }, () => aCharge())));
  const child = await startIngesting(bill);

  const problem = await problemOf(open());
  await once(child.stdout ?? child, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');

  expect(problem.code).toBe('LEDGER_LOCKED');
  expect(problem.message).toContain(`process ${child.pid}`);
  const ledger = await open();
  const files = await readRows(
    ledger.connection,
    `SELECT source_id, row_count, (SELECT count(*) FROM billing_row b WHERE b.source_id = f.source_id) AS held
     FROM source_file f`,
  );
  const total = await readRow(ledger.connection, 'SELECT count(*) AS n FROM billing_row');
  await ledger.close();
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect([file.number('row_count'), file.number('held')]).toEqual([rowCount, rowCount]);
  expect(total.number('n')).toBe(rowCount * files.length);
});

import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createTables, openEmbeddedDatabase, JobQueue } from '../../src/jobs/index.ts';
import { scratchFolder } from '../scan/fleet.ts';

test('a server that is killed has lost none of the webhooks that it answered, and nobody else opens its queue meanwhile', async () => {
  const folder = path.join(scratchFolder(), 'queue');
  const child = spawn(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'test/integration/embedded-queue.ts', folder],
    { stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  );
  const kill = (): boolean => child.pid !== undefined && child.exitCode === null && process.kill(-child.pid, 'SIGKILL');
  onTestFinished(() => void kill());
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  while (!said.includes('\n400\n')) await new Promise((resolve) => setTimeout(resolve, 10));
  await expect(openEmbeddedDatabase(folder)).rejects.toThrow('Another process');
  const ended = new Promise((resolve) => child.on('close', resolve));
  kill();
  await ended;
  const kept = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));

  const database = await openEmbeddedDatabase(folder);
  await createTables(database);
  const queue = new JobQueue(database, { now: () => Date.now(), leaseSeconds: 60, attemptsMax: 5 });
  const { waiting } = await queue.counts();
  await database.close();

  expect(kept).toBeGreaterThanOrEqual(400);
  // The last one may have been kept before it could be said.
  expect([kept, kept + 1]).toContain(waiting);
}, 60_000);

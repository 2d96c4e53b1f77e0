import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { tmpdir } from 'node:os';
import { createTables, openPostgres, JobQueue, Schedules, type Database } from '../../src/jobs/index.ts';

/** Folder of PostgreSQL's programs: Debian keeps them off the PATH. */
function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((name) => `${debian}/${name}/bin`) : [];
  return [...versions, ...(process.env['PATH'] ?? '').split(':')].find((folder) => existsSync(`${folder}/initdb`));
}

/** PostgreSQL refuses to run as root. */
function account(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const number = (flag: string): number =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim());
  return { uid: number('-u'), gid: number('-g') };
}

const programs = findPostgres();
if (programs === undefined)
  console.warn('SKIPPED: PostgreSQL is not installed; the queue that replicas share is not checked');

describe.skipIf(programs === undefined)('the queue in a PostgreSQL that replicas share', () => {
  let folder: string;
  let server: ChildProcess;
  let database: Database;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flyball-postgres-'));
    const user = account();
    if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
    chmodSync(folder, 0o700);
    const data = path.join(folder, 'data');
    const made = spawnSync(`${programs}/initdb`, ['-D', data, '-U', 'flyball', '--auth=trust', '--no-sync'], {
      ...user,
      cwd: folder,
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const port = 20_000 + (process.pid % 20_000);
    server = spawn(
      `${programs}/postgres`,
      ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-F'],
      { ...user, cwd: folder, stdio: 'ignore' },
    );
    url = `postgres://flyball@127.0.0.1:${port}/postgres`;
    database = openPostgres(url, () => undefined);
    for (let tries = 0; tries < 100; tries += 1) {
      const isUp = await database.query('SELECT 1').then(
        () => true,
        () => false,
      );
      if (isUp) break;
      await wait(100);
    }
    await createTables(database);
  }, 60_000);

  afterAll(async () => {
    await database.close();
    const ended = new Promise((resolve) => server.on('close', resolve));
    server.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  test('has each of 200 repositories scanned once a round by four replicas, two of them killed, never two scans of one at a time', async () => {
    await database.query('CREATE TABLE scanned (repository text, began timestamptz, ended timestamptz)');
    let day = Date.parse('2026-11-01T00:00:00Z');
    const schedules = new Schedules(database, () => day);
    const names = Array.from({ length: 200 }, (_, index) => `acme/fleet-${index}`);
    const start = (): ChildProcess =>
      spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'test/integration/replica.ts', url], {
        stdio: 'inherit',
        // A group of its own: tsx starts Node.js once more, and a kill is for both.
        detached: true,
      });
    const kill = ({ pid }: ChildProcess): void => {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    };
    const replicas = [start(), start(), start(), start()];
    onTestFinished(() => replicas.slice(2).forEach(kill));
    const queue = new JobQueue(database, { now: () => Date.now(), leaseSeconds: 3, attemptsMax: 5 });

    await schedules.keepOnly(names, { cron: '0 6 * * *', timeZone: 'UTC' });
    const scannedTimes = async (): Promise<number> =>
      (await database.query<{ n: number }>('SELECT count(*)::integer AS n FROM scanned'))[0]?.n ?? 0;
    const settled = async (): Promise<void> => {
      for (;;) {
        const { waiting, running } = await queue.counts();
        if (waiting + running === 0) return;
        await wait(100);
      }
    };
    while ((await scannedTimes()) < 40) await wait(20);
    replicas.slice(0, 2).forEach(kill);
    await settled();
    const first = await scannedTimes();

    day += 86_400_000;
    while ((await schedules.queueDue()) > 0);
    await settled();
    const perRepository = await database.query<{ repository: string; n: number }>(
      'SELECT repository, count(*)::integer AS n FROM scanned GROUP BY repository',
    );
    const together = await database.query(
      `SELECT 1 FROM scanned AS a JOIN scanned AS b ON a.repository = b.repository AND a.ctid < b.ctid
       WHERE a.began < b.ended AND b.began < a.ended`,
    );

    // A scan that was written down by a replica that died before it could say so is done again.
    expect(first).toBeGreaterThanOrEqual(200);
    expect(first).toBeLessThanOrEqual(202);
    expect([perRepository.length, together.length]).toEqual([200, 0]);
    expect(perRepository.filter(({ n }) => n !== 2).length).toBe(first - 200);
    expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 });
  }, 120_000);

  test('takes a delivery once that reaches all replicas at the same moment', async () => {
    const queue = new JobQueue(database, { now: () => Date.now(), leaseSeconds: 60, attemptsMax: 5 });
    const scan = { repository: 'acme/raced', pull: undefined, reason: 'push', delaySeconds: 3600 } as const;
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => queue.takeDelivery('the same', [scan])));

    expect(outcomes.filter((outcome) => outcome === 'taken').length).toBe(1);
    expect((await queue.counts()).waiting).toBe(1);
  });
});

// How fast webhooks are answered, and whether any is lost: npx tsx bench/webhooks.ts [seconds]
import { fork } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { quantileSorted } from 'd3-array';
import { pino } from 'pino';
import type { GitHubApp } from '../src/github/index.ts';
import { openEmbeddedDatabase } from '../src/jobs/index.ts';
import { startServing } from '../src/serve.ts';

const secret = 'a secret for the webhooks of a benchmark';
const perMinute = 1000;

/** The server, whose scans do nothing; or the floor: a bare server that reads and verifies the same bytes. */
async function serve(what: string, folder: string): Promise<void> {
  if (what === 'floor') {
    const server = createServer((request, response) => {
      const mac = createHmac('sha256', secret);
      request.on('data', (piece: Buffer) => mac.update(piece));
      request.on('end', () => {
        response.writeHead(`sha256=${mac.digest('hex')}` === request.headers['x-hub-signature-256'] ? 200 : 400);
        response.end();
      });
    });
    server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
    return;
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const unused = (): never => {
    throw new Error('nothing is asked of GitHub here');
  };
  const app: GitHubApp = {
    login: () => Promise.resolve('flyball[bot]'),
    repositories: () => Promise.resolve([]),
    installation: unused,
    installationOf: unused,
    readAuthorization: unused,
  };
  const database = await openEmbeddedDatabase(folder);
  const { port } = await startServing({
    app,
    credentials: {
      appId: 1,
      privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      webhookSecret: secret,
      baseUrl: 'http://127.0.0.1:1',
    },
    database,
    host: '127.0.0.1',
    port: 0,
    replica: 'bench',
    stopGraceSeconds: 1,
    now: () => Date.now(),
    log: pino({ level: 'silent' }),
    run: () => Promise.resolve(),
  });
  process.on('message', () => {
    void database
      .query<{ n: number }>('SELECT count(*)::integer AS n FROM flyball_delivery')
      .then(([row]) => process.send?.({ kept: row?.n, rssMib: Math.round(process.memoryUsage().rss / 2 ** 20) }));
  });
  process.send?.({ port });
}

async function measure(what: string, seconds: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'flyball-webhooks-'));
  const child = fork(import.meta.filename, ['serve', what, path.join(folder, 'queue')]);
  const told = (): Promise<Record<string, number>> =>
    new Promise((resolve) => child.once('message', (message) => resolve(message as Record<string, number>)));
  const { port } = await told();
  const milliseconds: number[] = [];
  let refused = 0;
  const send = async (index: number): Promise<void> => {
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      repository: { full_name: `acme/fleet-${index % 200}`, default_branch: 'main' },
      sender: { type: 'User' },
      // Pushes on GitHub are some 8 kB.
      commits: Array.from({ length: 20 }, () => ({ id: randomUUID(), message: 'x'.repeat(300) })),
    });
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    };
    const start = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/api/github/webhooks`, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    milliseconds.push(performance.now() - start);
    if (answer.status !== 200) refused += 1;
  };
  const count = Math.round((perMinute * seconds) / 60);
  const begin = performance.now();
  const sent: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    await wait(Math.max(0, begin + (index * 60_000) / perMinute - performance.now()));
    sent.push(send(index));
  }
  await Promise.all(sent);
  let kept = {};
  if (what !== 'floor') {
    child.send('count');
    kept = await told();
  }
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (p: number): string => (quantileSorted(sorted, p) ?? 0).toFixed(1);
  console.log({ what, count, refused, ...kept, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) });
}

const [first = '60', what = '', folder = ''] = process.argv.slice(2);
if (first === 'serve') await serve(what, folder);
else {
  await measure('floor', Number(first));
  await measure('flyball', Number(first));
}

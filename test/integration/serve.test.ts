import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aFleet as onGitHub, fleet, type Fleet } from '../github/fleet.ts';
import { readBody } from '../github/http/requests.ts';
import { listen } from '../github/receiver.ts';
import { asOf, scratchFolder } from '../scan/fleet.ts';
import { exampleConfig, exampleFiles } from './example-on-github.ts';

const cli = [path.resolve('node_modules/tsx/dist/cli.mjs'), path.resolve('src/cli.ts')];

interface Served {
  readonly process: ChildProcess;
  readonly url: string;
  /** Lines of the log, and whatever else was printed. */
  readonly lines: readonly string[];
  readonly ended: Promise<number | null>;
}

/** A server in a process of its own, with the example's bills and metrics. */
async function serve(world: Fleet, folder: string): Promise<Served> {
  const config = exampleConfig(
    world,
    folder,
    'server: { host: 127.0.0.1, port: 0, webhookSecretEnvironment: FLYBALL_TEST_SECRET, folder: served }\n',
  );
  const child = spawn(process.execPath, [...cli, 'serve', '--config', config, '--as-of', asOf], {
    cwd: folder,
    env: { ...process.env, FLYBALL_TEST_KEY: world.app.privateKey, FLYBALL_TEST_SECRET: world.app.webhookSecret },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
  }
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
  });
  const listening = await until(() => lines.find((line) => line.includes('"listening"')), lines);
  const { port } = JSON.parse(listening) as { readonly port: number };
  return { process: child, url: `http://127.0.0.1:${port}`, lines, ended };
}

async function until<Found>(find: () => Found | undefined | Promise<Found | undefined>, lines: readonly string[] = []) {
  for (let tries = 0; tries < 900; tries += 1) {
    const found = await find();
    if (found !== undefined) return found;
    await wait(100);
  }
  throw new Error(`it did not happen; the server said:\n${lines.slice(-20).join('\n')}`);
}

async function openPulls({ anasOctokit }: Fleet) {
  return (await anasOctokit.rest.pulls.list({ ...fleet, state: 'open', per_page: 100 })).data;
}

test('an installed App asks, proposes after the merge, answers a comment, takes nothing forged or twice, and stops', async () => {
  let target = '';
  const webhookUrl = await listen((request, response) => {
    void readBody(request).then(async (body) => {
      if (target === '') {
        response.writeHead(503);
        response.end();
        return;
      }
      const headers = Object.entries(request.headers).filter(([name]) => /^(?:x-|content-type|user-agent)/.test(name));
      const answer = await fetch(target, {
        method: 'POST',
        headers: headers.map(([name, value]) => [name, String(value)] as [string, string]),
        body: new Uint8Array(body),
      });
      response.writeHead(answer.status);
      response.end(await answer.text());
    });
  });
  const world = await onGitHub({ files: exampleFiles(), webhookUrl });
  world.github.webhooks(world.app).habits.isPaused = true;
  const folder = scratchFolder();
  const server = await serve(world, folder);
  target = `${server.url}/api/github/webhooks`;
  world.github.webhooks(world.app).resume();

  const onboarding = await until(async () => (await openPulls(world))[0], server.lines);
  expect(onboarding.title).toBe('Configure Flyball');

  await world.anasOctokit.rest.pulls.merge({ ...fleet, pull_number: onboarding.number });
  const opened = await until(async () => {
    const pulls = await openPulls(world);
    return pulls.length > 2 ? pulls : undefined;
  }, server.lines);
  expect(opened.every(({ user }) => user?.login === 'flyball[bot]')).toBe(true);

  const clip = 'apps/clip-server/overlays/prod-us/replicas.yaml';
  const grown = (exampleFiles()[clip] ?? '').replace('replicas: 6 ', 'replicas: 10 ');
  await world.github.push(world.repository, { by: world.ana, branch: 'grow', files: { [clip]: grown } });
  const { data: own } = await world.anasOctokit.rest.pulls.create({
    ...fleet,
    title: 'Grow',
    head: 'grow',
    base: 'main',
  });
  const checked = await until(() => [...world.repository.checkRuns.values()][0], server.lines);
  expect([checked.externalId, checked.title]).toEqual([
    String(own.number),
    expect.stringMatching(/^This change adds /),
  ]);

  const asked = opened[0]?.number ?? 0;
  await world.anasOctokit.rest.issues.createComment({ ...fleet, issue_number: asked, body: '/flyball explain' });
  const reply = await until(async () => {
    const { data } = await world.anasOctokit.rest.issues.listComments({ ...fleet, issue_number: asked });
    return data.find(({ user }) => user?.login === 'flyball[bot]');
  }, server.lines);
  expect(reply.body).toContain('confidence');

  const body = JSON.stringify({
    repository: { full_name: 'acme/fleet', default_branch: 'main' },
    ref: 'refs/heads/main',
  });
  const send = async (secret: string, delivery: string): Promise<number> => {
    const answer = await fetch(target, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': delivery,
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
    });
    return answer.status;
  };
  const delivery = randomUUID();
  expect([
    await send('not the secret', randomUUID()),
    await send(world.app.webhookSecret, delivery),
    await send(world.app.webhookSecret, delivery),
  ]).toEqual([400, 200, 200]);
  const huge = await fetch(target, { method: 'POST', body: new Uint8Array(60 * 1024 * 1024) }).then(
    ({ status }) => status,
    () => 413,
  );
  expect(huge).toBe(413);

  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('flyball_webhooks_total{event="push",outcome="repeated"} 1');
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);

  server.process.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  const log = server.lines.join('\n');
  expect(log).toContain('"stopped"');
  expect([log.includes(world.app.webhookSecret), log.includes('PRIVATE KEY'), log.includes('ghs_')]).toEqual([
    false,
    false,
    false,
  ]);
}, 240_000);

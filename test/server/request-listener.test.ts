import { createHmac, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeMeasurements, makeRequestListener } from '../../src/server/index.ts';
import { listen } from '../github/receiver.ts';

const secret = 'a secret for the webhooks of a test';
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();

async function server(
  take: () => Promise<'taken'>,
  errors: unknown[] = [],
): Promise<{ readonly url: string; readonly post: (headers?: Record<string, string>) => Promise<Response> }> {
  const listener = await makeRequestListener({
    appId: 1,
    privateKey,
    webhookSecret: secret,
    baseUrl: 'http://127.0.0.1:1',
    take,
    isReady: () => Promise.resolve(false),
    measurements: makeMeasurements(() => Promise.resolve({ waiting: 3, running: 1, dead: 0 })),
    onError: (_message, error) => errors.push(error),
  });
  const url = await listen(listener);
  const body = JSON.stringify({ action: 'created', comment: { body: 'the body of a comment' } });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'issue_comment',
    'x-github-delivery': 'a-delivery',
    'x-hub-signature-256': signature,
  };
  const post = (more: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/api/github/webhooks`, { method: 'POST', body, headers: { ...headers, ...more } });
  return { url, post };
}

test('a webhook that cannot be kept is answered as failed, with nothing of the reason or the payload', async () => {
  const errors: unknown[] = [];
  const { post } = await server(() => Promise.reject(new Error('password "hush" is wrong')), errors);
  const answer = await post();
  const text = await answer.text();

  expect([answer.status, /hush|comment/.test(text), errors.length]).toEqual([500, false, 1]);
});

test('without a good signature nothing is kept', async () => {
  let kept = 0;
  const { post } = await server(() => {
    kept += 1;
    return Promise.resolve('taken');
  });
  const statuses = [
    (await post({ 'x-hub-signature-256': 'sha256=00' })).status,
    (await post({ 'x-hub-signature-256': '' })).status,
    (await post({ 'content-type': 'text/plain' })).status,
    (await post()).status,
  ];

  expect([statuses, kept]).toEqual([[400, 400, 415, 200], 1]);
});

test('health, readiness and metrics each have their address, and nothing else has one', async () => {
  const { url } = await server(() => Promise.resolve('taken'));
  const statuses = await Promise.all(
    ['/healthz', '/readyz', '/metrics', '/', '/api/github/webhooks', '/ping'].map(
      async (path) => (await fetch(url + path)).status,
    ),
  );

  expect(statuses).toEqual([200, 503, 200, 404, 404, 404]);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('flyball_jobs_queued{state="waiting"} 3');
});

test.each(['', 'development', 'fifteen letters'])('the secret "%s" is refused', async (webhookSecret) => {
  await expect(
    makeRequestListener({
      appId: 1,
      privateKey,
      webhookSecret,
      baseUrl: 'http://127.0.0.1:1',
      take: () => Promise.resolve('taken'),
      isReady: () => Promise.resolve(true),
      measurements: makeMeasurements(() => Promise.resolve({})),
      onError: () => undefined,
    }),
  ).rejects.toThrow('anybody could forge webhooks');
});

import { createHmac, timingSafeEqual } from 'node:crypto';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { readBody } from './http/requests.ts';

/** One webhook as a server got it. */
export interface Received {
  /** `issue_comment.created`, or `push`. */
  readonly name: string;
  readonly guid: string;
  readonly isSignatureGood: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A server that takes webhooks, checks their signature and answers with the next status: 200 when none is left. */
export async function aReceiver(secret: string): Promise<{
  readonly url: string;
  readonly received: Received[];
  readonly statuses: number[];
}> {
  const received: Received[] = [];
  const statuses: number[] = [];
  const url = await listen((request, response) => {
    void readBody(request).then((body) => {
      const event = String(request.headers['x-github-event']);
      const payload = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
      const wanted = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      const given = String(request.headers['x-hub-signature-256']);
      received.push({
        name: typeof payload['action'] === 'string' ? `${event}.${payload['action']}` : event,
        guid: String(request.headers['x-github-delivery']),
        isSignatureGood: given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted)),
        payload,
      });
      response.writeHead(statuses.shift() ?? 200);
      response.end();
    });
  });
  return { url, received, statuses };
}

/** The address of a server on 127.0.0.1 that lives as long as the test. */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pino } from 'pino';
import { createNodeMiddleware, createProbot } from 'probot';
import { ProblemError } from '../domain/index.ts';
import { eventLabel, type Measurements } from './measurements.ts';

export interface ListenerOptions {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly baseUrl: string;
  /** Keeps a verified webhook for good, before it is answered. */
  readonly take: (delivery: string, event: string, payload: unknown) => Promise<'taken' | 'repeated' | 'ignored'>;
  /** Whether work can be done: false while stopping, or without the database. */
  readonly isReady: () => Promise<boolean>;
  readonly measurements: Measurements;
  readonly onError: (message: string, error: unknown) => void;
}

const webhooksPath = '/api/github/webhooks';
/** GitHub sends no webhook above 25 MB. */
const bodyBytesMax = 25 * 1024 * 1024;
const secretCharactersMin = 16;

/**
 * Answers `/api/github/webhooks`, `/healthz`, `/readyz` and `/metrics`. Webhooks are verified by Probot.
 * @throws ProblemError CONFIG_INVALID for a secret that could be guessed.
 */
export async function makeRequestListener(options: ListenerOptions): Promise<RequestListener> {
  const { webhookSecret, appId, privateKey, baseUrl, measurements } = options;
  if (webhookSecret.length < secretCharactersMin) throw weakSecret(webhookSecret.length);
  // Probot would log whole payloads, and take settings from any variable of the environment.
  const log = pino({ level: 'silent' });
  const probot = createProbot({ overrides: { appId, privateKey, secret: webhookSecret, baseUrl, log }, env: {} });
  const middleware = await createNodeMiddleware(
    (app) => {
      app.onAny(async ({ id, name, payload }) => {
        try {
          const outcome = await options.take(id.slice(0, 100), name, payload);
          measurements.webhooks.inc({ event: eventLabel(name), outcome });
        } catch (error) {
          measurements.webhooks.inc({ event: eventLabel(name), outcome: 'failed' });
          options.onError('a webhook could not be kept; GitHub can deliver it again', error);
          // Probot answers with the message: nothing of the cause is in it.
          throw new Error('not kept', { cause: error });
        }
      });
    },
    { probot, webhooksPath },
  );
  return (request, response) => {
    answer(request, response, { options, middleware }).catch((error: unknown) => {
      options.onError('a request could not be answered', error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { options, middleware }: { readonly options: ListenerOptions; readonly middleware: Middleware },
): Promise<void> {
  const [path] = (request.url ?? '').split('?');
  if (path === '/healthz') return say(response, 200, 'ok\n');
  if (path === '/readyz') {
    const isReady = await options.isReady();
    return say(response, isReady ? 200 : 503, isReady ? 'ready\n' : 'not ready\n');
  }
  if (path === '/metrics') {
    const { registry } = options.measurements;
    response.setHeader('content-type', registry.contentType);
    response.end(await registry.metrics());
    return;
  }
  if (path !== webhooksPath || request.method !== 'POST') return say(response, 404, 'not found\n');
  const stopTimer = options.measurements.answerSeconds.startTimer();
  const body = await readBody(request);
  if (body === undefined) {
    response.setHeader('connection', 'close');
    return say(response, 413, 'larger than any webhook\n');
  }
  await middleware(Object.assign(request, { body }), response, () => say(response, 404, 'not found\n'));
  stopTimer();
}

type Middleware = Awaited<ReturnType<typeof createNodeMiddleware>>;

/** The text of a body; undefined as soon as it is larger than GitHub sends, whatever its length was said to be. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) return undefined;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!(piece instanceof Uint8Array)) continue;
    bytes += piece.byteLength;
    if (bytes > bodyBytesMax) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

function weakSecret(characters: number): ProblemError {
  return new ProblemError({
    code: 'CONFIG_INVALID',
    severity: 'error',
    place: { kind: 'none' },
    message: `The webhook secret has ${characters} characters; anybody could forge webhooks with one below ${secretCharactersMin}.`,
    remedy: 'Make one (openssl rand -hex 32), and set it in the App’s settings and in server.webhookSecretFile.',
  });
}

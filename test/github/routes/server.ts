import { asAnyone, asApp } from '../http/access.ts';
import { notFound, ok } from '../http/answer.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { type RateLimits, rateLimitKey } from '../http/rate-limit.ts';
import { type App, timestamp } from '../state/world.ts';
import type { Delivery, Outbox } from '../webhooks/outbox.ts';

interface ServerParts {
  readonly rateLimits: RateLimits;
  readonly outboxOf: (app: App) => Outbox;
}

/** What is about the server itself: its limits, and what it delivered. */
export function serverRoutes({ rateLimits, outboxOf }: ServerParts): readonly Route[] {
  return [
    asAnyone('GET /rate_limit', ({ actor }) => {
      const core = rateLimits.overview(rateLimitKey(actor));
      const search = { limit: 30, remaining: 30, reset: core.reset, used: 0 };
      return ok({ resources: { core, search, graphql: core }, rate: core });
    }),
    asApp('GET /app/hook/config', ({ app }) =>
      ok({
        content_type: 'json',
        insecure_ssl: '0',
        secret: '********',
        ...(app.webhookUrl === undefined ? {} : { url: app.webhookUrl }),
      }),
    ),
    asApp('PATCH /app/hook/config', ({ app, body }) => {
      const wanted = body as { readonly url?: string; readonly secret?: string };
      app.webhookUrl = wanted.url ?? app.webhookUrl;
      app.webhookSecret = wanted.secret ?? app.webhookSecret;
      return ok({
        content_type: 'json',
        insecure_ssl: '0',
        secret: '********',
        ...(app.webhookUrl === undefined ? {} : { url: app.webhookUrl }),
      });
    }),
    // The newest first; the cursor of the description is not followed: all fit on pages.
    asApp('GET /app/hook/deliveries', (exchange) =>
      pageOf(exchange, outboxOf(exchange.app).deliveries.filter(wasSent).toReversed(), { toJson: deliveryJson }),
    ),
    asApp('GET /app/hook/deliveries/{delivery_id}', (exchange) => {
      const delivery = findDelivery(exchange, outboxOf(exchange.app));
      return ok({
        ...deliveryJson(delivery),
        url: exchange.app.webhookUrl ?? '',
        request: { headers: delivery.result?.requestHeaders ?? {}, payload: delivery.payload },
        response: { headers: {}, payload: delivery.result?.body ?? '' },
      });
    }),
    asApp('POST /app/hook/deliveries/{delivery_id}/attempts', (exchange) => {
      const outbox = outboxOf(exchange.app);
      outbox.redeliver(findDelivery(exchange, outbox));
      return { status: 202, body: {} };
    }),
  ];
}

function wasSent({ result }: Delivery): boolean {
  return result !== undefined;
}

function findDelivery({ params }: Exchange, outbox: Outbox): Delivery {
  const delivery = outbox.deliveries.find(({ id }) => id === Number(params['delivery_id']));
  if (delivery?.result === undefined) throw notFound();
  return delivery;
}

function deliveryJson(delivery: Delivery) {
  const { result } = delivery;
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: timestamp(delivery.at),
    redelivery: delivery.isRedelivery,
    duration: result?.durationSeconds ?? 0,
    status: deliveryStatus(result?.status ?? 0),
    status_code: result?.status ?? 0,
    event: delivery.event,
    action: delivery.action ?? null,
    installation_id: delivery.installation?.id ?? null,
    repository_id: delivery.repositoryId ?? null,
    throttled_at: null,
  };
}

function deliveryStatus(status: number): string {
  if (status === 0) return 'failed to connect to host';
  return status < 300 ? 'OK' : `Invalid HTTP Response: ${status}`;
}

export { openEndpoint, type Endpoint } from './endpoint.ts';
export { exchange, ExchangeFailed, type HttpAnswer, type HttpCall } from './exchange.ts';
export { limitConcurrency, realPacing, retryDelayMs, type Pacing } from './pacing.ts';
export type { HttpServer } from './server.ts';

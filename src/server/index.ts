export { makeMeasurements } from './measurements.ts';
export { readEvent } from './read-event.ts';
export { makeRequestListener } from './request-listener.ts';

export { checkTrino, fetchBill } from './fetch-bill.ts';
export type { TrinoSource } from './source.ts';

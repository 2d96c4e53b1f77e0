export { awsPrices } from './aws.ts';
export { azurePrices } from './azure.ts';
export { gcpPrices } from './gcp.ts';
export { toPrices, type PriceRow } from './price-rows.ts';
export type { AskOptions } from './ask.ts';

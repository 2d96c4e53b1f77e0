import { awsCur } from './aws-cur.ts';
import { azureCost } from './azure-cost.ts';
import type { BillingFormat } from './billing-format.ts';
import { focus } from './focus.ts';
import { gcpDetailed } from './gcp-detailed.ts';
import { openCost } from './opencost.ts';

export type { BillingFormat } from './billing-format.ts';

/** Every format that is read, the one preferred first where a file's columns fit several. */
export const billingFormats: readonly BillingFormat[] = [focus, awsCur, gcpDetailed, azureCost, openCost];

/** The forms of billing data that are read, as `billing[].format` names them; `auto` stands for all but `rate-card`. */
export const billingFormatNames = ['focus', 'aws-cur', 'gcp-detailed', 'azure-cost', 'opencost'] as const;
export type BillingFormatName = (typeof billingFormatNames)[number];

/** What may stand in `billing[].format`. A rate card is no export: its rows come from the nodes in the metrics. */
export const billingSourceFormats = ['auto', ...billingFormatNames, 'rate-card'] as const;
export type BillingSourceFormat = (typeof billingSourceFormats)[number];

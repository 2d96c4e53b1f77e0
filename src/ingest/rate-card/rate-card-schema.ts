import type { JsonSchema } from '../../schema/index.ts';

/** The form of a rate card; docs/billing.md describes it. */
export const rateCardSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'rate card',
  description: 'What owned GPUs cost by the hour.',
  'x-docs': 'docs/billing.md',
  type: 'object',
  additionalProperties: false,
  required: ['currency', 'gpuHourPrices'],
  properties: {
    currency: {
      description: 'Currency of all prices.',
      type: 'string',
      pattern: '^[A-Z]{3}$',
      'x-expected': 'an ISO 4217 code such as USD',
    },
    clusters: {
      description: 'Clusters of the metrics whose nodes are owned. Left out: all of them.',
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      items: { type: 'string', maxLength: 253 },
    },
    gpuHourPrices: {
      description: 'Price of an hour of one GPU by its model.',
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['model', 'pricePerHour'],
        properties: {
          model: {
            description: 'As DCGM names it in modelName, such as NVIDIA H100 80GB HBM3.',
            type: 'string',
            minLength: 1,
            maxLength: 256,
          },
          pricePerHour: { description: 'Of one GPU.', type: 'number', minimum: 0, maximum: 100_000 },
        },
      },
    },
    power: {
      description: 'Price of the electricity that the GPUs use, by DCGM’s energy counter or power gauge.',
      type: 'object',
      additionalProperties: false,
      required: ['pricePerKwh'],
      properties: {
        pricePerKwh: { description: 'Of one kilowatt-hour.', type: 'number', minimum: 0, maximum: 1000 },
        pueRatio: {
          description: 'Power usage effectiveness: all power of the site by that of its machines.',
          type: 'number',
          minimum: 1,
          maximum: 5,
          default: 1,
        },
      },
    },
  },
};

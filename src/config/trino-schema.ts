import type { JsonSchema } from '../schema/index.ts';
import { localPath } from './local-path.ts';
import { environmentVariable, tlsFields } from './metrics-source-schema.ts';

/** Bills too large for one machine: Trino adds them up. Secrets stand in files or environment variables. */
export const trinoSchema: JsonSchema = {
  description: 'A Trino coordinator that adds up bills in tables with FOCUS columns. See docs/billing.md, "Trino".',
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    url: {
      description: 'The coordinator: what /v1/statement is appended to. Left out: none is asked.',
      type: 'string',
      maxLength: 2048,
      pattern: '^https?://[^/?#@\\s\\u0000-\\u001f]+(?:/[^?#\\s\\u0000-\\u001f]*)?$',
      'x-expected': 'an http or https URL without user, query and fragment',
      examples: ['https://trino.example.com:8443'],
    },
    user: {
      description: 'Who asks; Trino checks the rights of this user.',
      type: 'string',
      minLength: 1,
      maxLength: 256,
      pattern: '^[^:\\u0000-\\u001f]+$',
      default: 'flyball',
      'x-expected': 'a user name without a colon',
    },
    tables: {
      description: 'Tables or views whose columns are named as in FOCUS, in any case.',
      type: 'array',
      default: [],
      maxItems: 20,
      uniqueItems: true,
      items: {
        type: 'string',
        maxLength: 384,
        pattern: '^[A-Za-z0-9_-]{1,127}(?:\\.[A-Za-z0-9_-]{1,127}){2}$',
        'x-expected': 'catalog.schema.table, of letters, digits, _ and -',
      },
      examples: [['hive.billing.focus']],
    },
    granularity: {
      description:
        'hour keeps charge periods as they are; day adds up the hourly charges of a UTC day, for fewer rows.',
      type: 'string',
      enum: ['hour', 'day'],
      default: 'hour',
    },
    passwordFile: {
      ...localPath,
      description: 'File that holds the password of the user; needs https.',
      examples: ['secrets/password'],
    },
    passwordEnvironment: {
      ...environmentVariable,
      description: 'Environment variable that holds the password of the user; needs https.',
      examples: ['TRINO_PASSWORD'],
    },
    bearerTokenFile: {
      ...localPath,
      description: 'File that holds a bearer token (JWT, OAuth 2.0).',
      examples: ['secrets/token'],
    },
    bearerTokenEnvironment: {
      ...environmentVariable,
      description: 'Environment variable that holds a bearer token.',
      examples: ['TRINO_TOKEN'],
    },
    tls: {
      description: 'Certificates, as PEM files. Without caFile the public authorities are trusted.',
      type: 'object',
      additionalProperties: false,
      properties: tlsFields,
    },
    timeoutSeconds: {
      description: 'How long one request may take; a query takes many.',
      type: 'integer',
      minimum: 1,
      maximum: 600,
      default: 60,
      'x-unit': 'seconds',
    },
    queryTimeoutMinutes: {
      description: 'How long the query of one month may take; it is cancelled then.',
      type: 'integer',
      minimum: 1,
      maximum: 1440,
      default: 30,
      'x-unit': 'minutes',
    },
  },
};

import type { JsonSchema } from '../schema/index.ts';
import { localPath } from './local-path.ts';

/** A path on this machine, or an address in object storage. */
export const billingPath: JsonSchema = {
  ...localPath,
  pattern:
    '^(?:(?![A-Za-z][A-Za-z0-9+.-]*://)(?!~)[^\\u0000]+|(?:s3|gs|az|abfss)://[A-Za-z0-9][A-Za-z0-9._-]*(?:/[^\\u0000-\\u001f#]*)?)$',
  'x-expected': 'a path on this machine (no ~), or an s3://, gs://, az:// or abfss:// address',
};

const endpoint: JsonSchema = {
  description: 'Host and port of a server that speaks the same API; the provider’s own when left out.',
  type: 'string',
  maxLength: 300,
  pattern: '^[A-Za-z0-9.-]+(?::[0-9]{1,5})?$',
  'x-expected': 'a host and port without scheme and path',
  examples: ['minio.storage:9000'],
};

function credentials(variables: string, ways: readonly string[]): JsonSchema {
  return {
    description: `environment reads ${variables}; ${ways.includes('chain') ? 'chain takes the machine’s own role; ' : ''}none is for public objects.`,
    type: 'string',
    enum: ways,
    default: 'environment',
  };
}

/** Billing exports in S3, Google Cloud Storage and Azure, through DuckDB's extensions. */
export const objectStorageSchema: JsonSchema = {
  description: 'Whether and how addresses in `billing` are read. See docs/billing.md, "Object storage".',
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    allow: { description: 'Whether Flyball may read object storage at all.', type: 'boolean', default: false },
    extensionDirectory: {
      ...localPath,
      description: 'Folder with httpfs.duckdb_extension, azure.… and aws.…; DuckDB’s own folder when left out.',
      examples: ['/opt/duckdb/extensions'],
    },
    installExtensions: {
      description: 'Whether DuckDB may download extensions that are not there, from extensions.duckdb.org.',
      type: 'boolean',
      default: false,
    },
    s3: {
      description: 'Amazon S3 and servers with its API, for s3:// addresses.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        region: {
          description: 'Region of the buckets; AWS_REGION when left out.',
          type: 'string',
          maxLength: 64,
          pattern: '^[a-z0-9-]+$',
          'x-expected': 'a region such as eu-central-1',
          examples: ['eu-central-1'],
        },
        endpoint,
        urlStyle: {
          description: 'Whether the bucket stands in the host name or in the path.',
          type: 'string',
          enum: ['vhost', 'path'],
          default: 'vhost',
        },
        useSsl: { description: 'Whether requests are encrypted.', type: 'boolean', default: true },
        credentials: credentials('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN', [
          'environment',
          'chain',
          'none',
        ]),
      },
    },
    gcs: {
      description: 'Google Cloud Storage, for gs:// addresses.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        endpoint,
        credentials: credentials('the HMAC key GCS_ACCESS_KEY_ID and GCS_SECRET_ACCESS_KEY', ['environment', 'none']),
      },
    },
    azure: {
      description: 'Azure Blob Storage, for az:// and abfss:// addresses.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        accountName: {
          description: 'Storage account, for chain and none.',
          type: 'string',
          maxLength: 24,
          pattern: '^[a-z0-9]+$',
          'x-expected': 'the name of a storage account',
          examples: ['billingexports'],
        },
        credentials: credentials('AZURE_STORAGE_CONNECTION_STRING', ['environment', 'chain', 'none']),
      },
    },
  },
};

import type { JsonSchema } from '../schema/index.ts';
import { localPath } from './local-path.ts';

export const environmentVariable: JsonSchema = {
  type: 'string',
  maxLength: 256,
  pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
  'x-expected': 'the name of an environment variable',
};

/** Headers that the client sets itself, or that credentials have fields of their own for, are not for the operator. */
const headerNames: JsonSchema = {
  type: 'string',
  maxLength: 128,
  pattern:
    '^(?!(?:[Aa]uthorization|[Hh]ost|[Cc]ontent-[A-Za-z]+|[Aa]ccept(?:-[Ee]ncoding)?|[Cc]onnection)$)[A-Za-z0-9-]+$',
  'x-expected': 'a header name other than Authorization, Host, Content-*, Accept and Connection',
};

function headerMap(description: string, value: JsonSchema, example: Readonly<Record<string, string>>): JsonSchema {
  return {
    description,
    type: 'object',
    maxProperties: 20,
    propertyNames: headerNames,
    additionalProperties: value,
    examples: [example],
  };
}

const filesOnly: Readonly<Record<string, JsonSchema>> = {
  path: { ...localPath, description: 'Files: file, folder or glob; relative to this file.', examples: ['data/dcgm'] },
  format: {
    description: 'Files: their form. auto looks at the name and the first bytes.',
    type: 'string',
    enum: ['auto', 'openmetrics', 'parquet'],
    default: 'auto',
  },
};

/** Certificates, as PEM files. */
export const tlsFields: Readonly<Record<string, JsonSchema>> = {
  caFile: {
    ...localPath,
    description: 'Authorities that may sign the server’s certificate.',
    examples: ['tls/ca.crt'],
  },
  certFile: { ...localPath, description: 'Own certificate, for mTLS.', examples: ['tls/client.crt'] },
  keyFile: { ...localPath, description: 'Private key of certFile.', examples: ['tls/client.key'] },
  serverName: {
    description: 'Name in the server’s certificate, where it is not the host of the URL.',
    type: 'string',
    minLength: 1,
    maxLength: 253,
    examples: ['prometheus.internal'],
  },
};

/** Fields of `kind: prometheus`; secrets stand in files or environment variables, never here. */
const serverOnly: Readonly<Record<string, JsonSchema>> = {
  url: {
    description: 'Server: what /api/v1/query_range is appended to. Without user and password.',
    type: 'string',
    maxLength: 2048,
    pattern: '^https?://[^/?#@\\s\\u0000-\\u001f]+(?:/[^?#\\s\\u0000-\\u001f]*)?$',
    'x-expected': 'an http or https URL without user, query and fragment',
    examples: ['http://prometheus.monitoring:9090'],
  },
  matchLabels: {
    description: 'Server: only series with all of these labels are read.',
    type: 'object',
    maxProperties: 20,
    propertyNames: {
      type: 'string',
      pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$',
      maxLength: 256,
      'x-expected': 'a label name',
    },
    additionalProperties: { type: 'string', maxLength: 256 },
    examples: [{ cluster: 'prod-eu' }],
  },
  bearerTokenFile: {
    ...localPath,
    description: 'Server: file that holds a bearer token.',
    examples: ['secrets/token'],
  },
  bearerTokenEnvironment: {
    ...environmentVariable,
    description: 'Server: environment variable that holds a bearer token.',
    examples: ['PROMETHEUS_TOKEN'],
  },
  basicAuth: {
    description: 'Server: user and password of HTTP basic authentication.',
    type: 'object',
    additionalProperties: false,
    required: ['username'],
    properties: {
      username: {
        description: 'User name.',
        type: 'string',
        minLength: 1,
        maxLength: 256,
        pattern: '^[^:\\u0000-\\u001f]+$',
        'x-expected': 'a user name without a colon',
        examples: ['flyball'],
      },
      passwordFile: { ...localPath, description: 'File that holds the password.', examples: ['secrets/password'] },
      passwordEnvironment: {
        ...environmentVariable,
        description: 'Environment variable that holds the password.',
        examples: ['PROMETHEUS_PASSWORD'],
      },
    },
  },
  headers: headerMap(
    'Server: headers of every request, such as the tenant of Mimir, Cortex or Thanos. Not for secrets.',
    { type: 'string', maxLength: 1024, pattern: '^[\\u0020-\\u007e]*$', 'x-expected': 'printable ASCII text' },
    { 'X-Scope-OrgID': 'gpu-team' },
  ),
  headerFiles: headerMap('Server: headers whose values are read from files.', localPath, {
    'X-Api-Key': 'secrets/key',
  }),
  headerEnvironment: headerMap(
    'Server: headers whose values are read from environment variables.',
    environmentVariable,
    {
      'X-Api-Key': 'METRICS_KEY',
    },
  ),
  tls: {
    description: 'Server: certificates, as PEM files. Without caFile the public authorities are trusted.',
    type: 'object',
    additionalProperties: false,
    properties: tlsFields,
  },
  timeoutSeconds: {
    description: 'Server: time for one request and its answer; 60 when left out.',
    type: 'integer',
    minimum: 1,
    maximum: 3600,
    'x-unit': 'seconds',
    examples: [120],
  },
  concurrency: {
    description: 'Server: requests at a time; 2 when left out.',
    type: 'integer',
    minimum: 1,
    maximum: 32,
    'x-unit': 'requests',
    examples: [4],
  },
};

export const filesOnlyFields: readonly string[] = Object.keys(filesOnly);
export const serverOnlyFields: readonly string[] = Object.keys(serverOnly);

/** One entry of `metrics`; which fields belong to which kind is checked in metrics-sources.ts. */
export const metricsSourceSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    kind: {
      description: 'files reads exports; prometheus asks a server with the Prometheus HTTP API.',
      type: 'string',
      enum: ['files', 'prometheus'],
      default: 'files',
    },
    cluster: {
      description: 'Cluster of samples that carry no cluster label.',
      type: 'string',
      minLength: 1,
      maxLength: 253,
      examples: ['prod-eu'],
    },
    ...filesOnly,
    ...serverOnly,
  },
};

import { billingSourceFormats, defaultAttributionTagKeys } from '../domain/index.ts';
import type { JsonSchema } from '../schema/index.ts';
import { addedKindsSchema } from './added-kinds.ts';
import { githubSchema } from './github-schema.ts';
import { localPath } from './local-path.ts';
import { metricsSourceSchema } from './metrics-source-schema.ts';
import { billingPath, objectStorageSchema } from './object-storage-schema.ts';
import { serverSchema } from './server-schema.ts';
import { guardFields, labelMapField } from './shared-fields.ts';
import { trinoSchema } from './trino-schema.ts';

/** What `model.backend` may be; `auto` takes the fastest that works on this machine. */
export const backendPreferences = ['auto', 'cpu', 'tfjs-node', 'tfjs-node-gpu', 'wasm', 'webgpu'] as const;

function tagKeys(description: string, keys: readonly string[]): JsonSchema {
  return {
    description,
    type: 'array',
    maxItems: 20,
    items: { type: 'string', minLength: 1, maxLength: 256 },
    default: keys,
  };
}

function retentionDays(description: string, example: number): JsonSchema {
  return { description, type: 'integer', minimum: 8, maximum: 36_500, 'x-unit': 'days', examples: [example] };
}

const sources: Readonly<Record<string, JsonSchema>> = {
  billing: {
    description: 'Where the billing exports lie. Without any, no cost is known and nothing is judged by cost.',
    type: 'array',
    default: [],
    maxItems: 100,
    examples: [[{ path: 'data/focus/*.parquet' }]],
    items: {
      type: 'object',
      required: ['path'],
      additionalProperties: false,
      properties: {
        path: {
          ...billingPath,
          description: 'File, folder or glob, relative to this file; or an address, where objectStorage allows it.',
          examples: ['data/focus/*.parquet'],
        },
        format: {
          description:
            'Form of the export. auto looks at the columns, never at the name; a rate-card has to be stated. See billing.md.',
          type: 'string',
          enum: [...billingSourceFormats],
          default: 'auto',
        },
      },
    },
  },
  opencost: {
    description: 'An OpenCost or Kubecost server that is asked for allocations, for clusters without a readable bill.',
    type: 'object',
    additionalProperties: false,
    default: {},
    properties: {
      url: {
        description: 'Its allocation API. Left out: none is asked.',
        type: 'string',
        maxLength: 2048,
        pattern: '^https?://[^\\s?#@]+$',
        'x-expected': 'an http or https URL without user, query or fragment',
        examples: ['http://opencost.opencost:9003/allocation'],
      },
      tokenFile: {
        ...localPath,
        description: 'File with a bearer token; relative to this file. Left out: none is sent.',
        examples: ['/run/secrets/opencost-token'],
      },
      currency: {
        description: 'Currency of its costs, which its answers do not name.',
        type: 'string',
        pattern: '^[A-Z]{3}$',
        default: 'USD',
        'x-expected': 'an ISO 4217 code such as USD',
      },
      windowHours: {
        description: 'Hours that one request asks for.',
        type: 'integer',
        minimum: 1,
        maximum: 168,
        default: 24,
        'x-unit': 'hours',
      },
      timeoutSeconds: {
        description: 'How long one request may take.',
        type: 'integer',
        minimum: 1,
        maximum: 600,
        default: 60,
        'x-unit': 'seconds',
      },
    },
  },
  objectStorage: objectStorageSchema,
  trino: trinoSchema,
  metrics: {
    description: 'Where the GPU metrics lie: files or metrics servers. Without any, no workload gets a verdict.',
    type: 'array',
    default: [],
    maxItems: 100,
    examples: [[{ path: 'data/dcgm', cluster: 'prod-eu' }]],
    items: metricsSourceSchema,
  },
};

const recommend: JsonSchema = {
  description: 'How much evidence a recommendation needs and what it aims at.',
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    lookbackDays: {
      description: 'History that is looked at, ending at the time of the scan.',
      type: 'integer',
      minimum: 7,
      maximum: 400,
      default: 30,
      'x-unit': 'days',
    },
    minimumHistoryDays: {
      description: 'Fewer days between the first and the last sample give no verdict. At most lookbackDays.',
      type: 'integer',
      minimum: 1,
      maximum: 400,
      default: 7,
      'x-unit': 'days',
    },
    targetUtilRatio: {
      description: 'How busy the GPUs of a right-sized workload are in its 99th-percentile hour.',
      type: 'number',
      minimum: 0.1,
      maximum: 0.95,
      default: 0.7,
      'x-unit': 'ratio, 1 is always busy',
    },
    idleDays: {
      description: 'Days without any activity after which a workload counts as idle. At most lookbackDays.',
      type: 'integer',
      minimum: 1,
      maximum: 400,
      default: 7,
      'x-unit': 'days',
    },
    productionMinReplicas: {
      description: 'Replicas that a production workload never goes below, so that one lost node is no outage.',
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 2,
      'x-unit': 'replicas',
    },
    productionSelector: {
      ...labelMapField('A workload with all of these labels is production. Empty: none is.', {
        environment: 'production',
      }),
      default: { environment: 'production' },
    },
  },
};

const guards: JsonSchema = {
  description: 'What holds a proposal back although it would help. A repository may only make these stricter.',
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    minimumMonthlySavingUsd: { ...guardFields.minimumMonthlySavingUsd, default: 50 },
    replicaReductionRatioMax: { ...guardFields.replicaReductionRatioMax, default: 0.5 },
    openProposalsMax: { ...guardFields.openProposalsMax, default: 20 },
    protectedLabels: { ...guardFields.protectedLabels, default: { 'flyball.dev/protected': 'true' } },
  },
};

/** The form of the operator's `flyball.yml`; docs/configuration.md and docs/schema/ are generated from it. */
export const operatorConfigSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'flyball.yml',
  description: 'Configuration of whoever runs Flyball: where its data lies, and how careful it is.',
  'x-docs': 'docs/configuration.md',
  type: 'object',
  additionalProperties: false,
  'x-elsewhere': {
    ignore: 'the .github/flyball.yml of a repository',
    policies: 'the .github/flyball.yml of a repository',
  },
  properties: {
    ...sources,
    ledger: {
      description: 'The DuckDB file that keeps what was read. It can be deleted: the next scan reads everything again.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        path: { ...localPath, description: 'The file; relative to this file.', default: '.flyball/ledger.duckdb' },
        retention: {
          description:
            'How long `flyball ledger compact` keeps what; left out: for good. At least recommend.lookbackDays and a day.',
          type: 'object',
          additionalProperties: false,
          default: {},
          properties: {
            hourlyDays: retentionDays('GPU and pod metrics, and the use of workloads by the hour.', 90),
            dailyDays: retentionDays('Cost and GPU-hours of workloads by the day.', 800),
            billingDays: retentionDays('Rows of the bill; whole billing months go.', 400),
          },
        },
        memoryLimitMib: {
          description: 'Memory that DuckDB may use before it spills to disk.',
          type: 'integer',
          minimum: 256,
          maximum: 1_048_576,
          default: 2048,
          'x-unit': 'MiB',
        },
      },
    },
    currency: {
      description: 'Currency of the report. Charges in another one are shown and never added.',
      type: 'string',
      pattern: '^[A-Z]{3}$',
      default: 'USD',
      'x-expected': 'an ISO 4217 code such as USD',
    },
    attribution: {
      description: 'How charges find their workload.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        tagKeys: {
          description: 'Billing tags that name what a charge is for; of each list the first one present counts.',
          type: 'object',
          additionalProperties: false,
          default: {},
          properties: {
            cluster: tagKeys('Tags that hold the cluster.', defaultAttributionTagKeys.cluster),
            namespace: tagKeys('Tags that hold the namespace.', defaultAttributionTagKeys.namespace),
            workload: tagKeys(
              'Tags that hold the name of the workload or its controller.',
              defaultAttributionTagKeys.workload,
            ),
            kind: tagKeys(
              'Tags that hold the kind; it only chooses between workloads of one name.',
              defaultAttributionTagKeys.kind,
            ),
            node: tagKeys(
              'Tags that hold the Kubernetes node, where the resource is not named after it.',
              defaultAttributionTagKeys.node,
            ),
          },
        },
      },
    },
    clusters: {
      description: 'How the folders of a GitOps repository map to clusters.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        folderPattern: {
          description: 'Folder of one cluster, with {cluster} in the place of its name.',
          type: 'string',
          maxLength: 512,
          pattern: '^(?!(?:.*/)?\\.\\.(?:/|$))(?:[^/{}\\\\]+/)*\\{cluster\\}(?:/[^/{}\\\\]+)*/?$',
          'x-expected': 'a relative folder with {cluster} as one of its parts',
          examples: ['clusters/{cluster}'],
        },
        defaultName: {
          description: 'Cluster of manifests that no folder assigns to one.',
          type: 'string',
          minLength: 1,
          maxLength: 253,
          default: 'default',
        },
      },
    },
    kinds: addedKindsSchema,
    github: githubSchema,
    server: serverSchema,
    catalogue: {
      description:
        'Prices and types of machines with GPUs, beside those that come with Flyball. See docs/catalogue.md.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        prices: {
          description:
            'Price files, relative to this file; what a later one says wins. `flyball catalogue refresh` makes them.',
          type: 'array',
          default: [],
          maxItems: 20,
          items: localPath,
          examples: [['prices.yml']],
        },
      },
    },
    recommend,
    guards,
    model: {
      description: 'The autoencoder that scores anomalies.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        path: {
          ...localPath,
          description: 'Folder of a trained model; relative to this file. Left out: the model that comes with Flyball.',
          examples: ['models/ours'],
        },
        backend: {
          description: 'What computes the scores. auto takes the fastest that works.',
          type: 'string',
          enum: backendPreferences,
          default: 'auto',
        },
      },
    },
  },
};

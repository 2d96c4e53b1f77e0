import type { JsonSchema } from '../schema/index.ts';
import { localPath } from './local-path.ts';
import { environmentVariable } from './metrics-source-schema.ts';

/** How `flyball serve` listens, and where it keeps what it has to do. */
export const serverSchema: JsonSchema = {
  description: 'How `flyball serve` runs; see docs/serve.md.',
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    host: {
      description: 'Address that it listens on.',
      type: 'string',
      minLength: 1,
      maxLength: 253,
      pattern: '^[A-Za-z0-9.:-]+$',
      'x-expected': 'a host name or an IP address',
      default: '0.0.0.0',
    },
    port: {
      description: 'Port that it listens on; 0 takes a free one.',
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 3000,
      'x-unit': 'the number of a port',
    },
    webhookSecretFile: {
      ...localPath,
      description: 'File with the secret that GitHub signs webhooks with; at least 16 characters.',
      examples: ['secrets/webhook'],
    },
    webhookSecretEnvironment: {
      ...environmentVariable,
      description: 'Environment variable that holds that secret.',
      examples: ['FLYBALL_WEBHOOK_SECRET'],
    },
    databaseUrlEnvironment: {
      ...environmentVariable,
      description:
        'Environment variable that holds the URL of a PostgreSQL that replicas share. Left out: a database in this process.',
      examples: ['DATABASE_URL'],
    },
    folder: {
      ...localPath,
      description: 'Folder of this replica alone: its ledger, clones, pages and embedded database.',
      default: '.flyball',
    },
    stopGraceSeconds: {
      description: 'How long a running scan may go on after SIGTERM, before it goes back into the queue.',
      type: 'integer',
      minimum: 0,
      maximum: 3600,
      default: 20,
      'x-unit': 'seconds',
    },
  },
};

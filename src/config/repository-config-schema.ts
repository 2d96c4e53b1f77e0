import type { JsonSchema } from '../schema/index.ts';
import { checkFields } from './check-schema.ts';
import { operatorConfigSchema } from './operator-config-schema.ts';
import { pullRequestFields } from './pull-request-schema.ts';
import { scheduleFields } from './schedule-schema.ts';
import { guardFields } from './shared-fields.ts';

const operatorsFile = "the operator's configuration (flyball.yml)";

/** What people may expect to configure here: whoever can write to a repository must not choose what is read. */
const operatorsFields = [
  ...Object.keys(operatorConfigSchema.properties ?? {}).filter((field) => field !== 'guards'),
  'credentials',
  'privateKey',
  'prometheus',
  'secrets',
  'token',
  'url',
];

/** The form of a repository's `.github/flyball.yml`. */
export const repositoryConfigSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: '.github/flyball.yml',
  description: 'What the owners of a repository say to Flyball. It is read from the default branch only.',
  'x-docs': 'docs/configuration.md (.github/flyball.yml)',
  type: 'object',
  additionalProperties: false,
  'x-elsewhere': Object.fromEntries(operatorsFields.map((field) => [field, operatorsFile])),
  properties: {
    policies: {
      description: 'Folders that policies are read from. Left out: the whole repository.',
      type: 'array',
      maxItems: 100,
      default: ['.'],
      items: {
        type: 'string',
        maxLength: 1024,
        pattern: '^(?!/)(?!(?:.*/)?\\.\\.(?:/|$))[^\\\\*\\u0000]+$',
        'x-expected': 'a folder inside the repository, relative to its root (no .., no leading /, no *)',
      },
      examples: [['policies', 'clusters/prod/policies']],
    },
    ignore: {
      description:
        'Workloads that are left alone, as cluster/namespace/Kind/name; * stands for any text within a part.',
      type: 'array',
      maxItems: 1000,
      default: [],
      items: {
        type: 'string',
        maxLength: 1024,
        pattern: '^[^/]+/[^/]+/[^/]+/[^/]+$',
        'x-expected': 'cluster/namespace/Kind/name, such as "prod/research/*/notebook-*"',
      },
      examples: [['prod/research/*/notebook-*']],
    },
    guards: {
      description: "Guards that are stricter than the operator's. A laxer value is reported and not used.",
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: guardFields,
    },
    schedule: {
      description: 'When `flyball serve` scans the repository, besides after pushes and commands.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: scheduleFields,
    },
    pullRequests: {
      description: 'How pull requests on GitHub are opened.',
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: pullRequestFields,
    },
    check: {
      description: "How the cost of people's pull requests is checked.",
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: checkFields,
    },
  },
};
